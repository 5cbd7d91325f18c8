// What an instance is and what its login may, asked of the stand-in through the real driver.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/sql/errors.h"
#include "core/sql/statements.h"
#include "tests/integration/sql/engine_fixture.h"
#include "tests/sim/world/database_ddl.h"

namespace milink::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ProbeTest : public EngineFixture {
 protected:
  static sim::SqlServerInstance On2016() {
    sim::SqlServerInstance instance;
    instance.product_version = "13.0.7000.253";
    instance.platform = "Windows";
    instance.wsfc = true;
    return instance;
  }
};

TEST_F(ProbeTest, TheClusterOf2016AndTheRightsOfItsAccountAreSeen) {
  auto instance = On2016();
  instance.cluster_account_rights = {"CONNECT SQL"};
  StartServer(std::move(instance));
  EXPECT_THAT(Observe()->properties.windows_cluster->missing_rights,
              ElementsAre("ALTER ANY AVAILABILITY GROUP", "VIEW SERVER STATE"));
  MustAct(Batch("GRANT ALTER ANY AVAILABILITY GROUP TO [NT AUTHORITY\\SYSTEM]"));
  MustAct(Batch("GRANT VIEW SERVER STATE TO [NT AUTHORITY\\SYSTEM]"));
  EXPECT_EQ(Observe()->properties.windows_cluster, (WindowsCluster{true, {}}));
  OnServer([](auto& server) { server.wsfc = false; });
  EXPECT_FALSE(Observe()->properties.windows_cluster->joined);
}

// The cause comes as information, the error that follows only wraps it.
TEST_F(ProbeTest, AGroupThatTheClusterCannotBringOnlineIsUnderstood) {
  auto instance = On2016();
  instance.cluster_account_rights = {};
  StartServer(std::move(instance));
  {
    auto world = world_.Enter();
    sim::Database database;
    database.name = "sales";
    auto& added = sim::AddDatabase(*world, *world->FindInstance("SQL1"), database);
    added.log_chain_started = true;
  }
  const Status refused = Act(CreateAvailabilityGroup(
      {GroupName("AG_sales"), DatabaseName("sales"), "SQL1", "TCP://10.0.0.4:5022", false}));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kTransient);
  EXPECT_THAT(refused.error().detail, HasSubstr("41131"));
}

TEST_F(ProbeTest, AServerThatWasRenamedShowsBothNames) {
  sim::SqlServerInstance instance;
  instance.registered_name = "OLD1";
  StartServer(std::move(instance));
  EXPECT_EQ(Observe()->properties.server_name, "OLD1");
  EXPECT_EQ(Observe()->properties.actual_server_name, "SQL1");
  OnServer([](auto& server) { server.registered_name = ""; });
  EXPECT_EQ(Observe()->properties.server_name, "");
}

TEST_F(ProbeTest, TheRightsOfALoginAreToldByName) {
  sim::SqlServerInstance instance;
  instance.logins = {{.name = "sa", .password = "Correct-Horse-9", .sysadmin = true},
                     {.name = "milink",
                      .password = "Correct-Horse-9",
                      .permissions = {"VIEW SERVER STATE", "VIEW ANY DEFINITION"}}};
  StartServer(std::move(instance));
  EXPECT_TRUE(Observe()->properties.missing_rights.empty());
  LogIn("milink");
  EXPECT_THAT(hub_.Refresh(kReplica, RefreshScope::kAll).error().message, HasSubstr("backupset"));
  const auto snapshot = hub_.Refresh(kReplica, RefreshScope::kFast);
  ASSERT_TRUE(snapshot.ok()) << ToString(snapshot.error());
  EXPECT_FALSE((*snapshot)->properties.sysadmin);
  EXPECT_THAT((*snapshot)->properties.missing_rights,
              ElementsAre("CONTROL SERVER", "ALTER ANY AVAILABILITY GROUP", "ALTER ANY ENDPOINT"));
}

TEST_F(ProbeTest, ANamedInstanceOnACaseSensitiveServerIsSeenAsItIs) {
  sim::SqlServerInstance instance;
  instance.registered_name = "SQL1\\INST1";
  instance.instance_name = "INST1";
  instance.collation = "Latin1_General_100_CS_AS";
  StartServer(std::move(instance));
  const auto snapshot = Observe();
  EXPECT_EQ(snapshot->properties.server_name, "SQL1\\INST1");
  EXPECT_EQ(snapshot->properties.instance_name, "INST1");
  EXPECT_EQ(snapshot->properties.collation, "Latin1_General_100_CS_AS");
}

}  // namespace
}  // namespace milink::sql
