#include "controllers/replica/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "controllers/replica/reasons.h"
#include "tests/fakes/fake_object_client.h"
#include "tests/unit/replica/builders.h"
#include "tests/unit/replica/row.h"

namespace milink::replica {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::WithMasterKeySecret;

using fakes::FakeObjectClient;
using fakes::ObjectCall;

const kube::ResourceType kConfigMaps{"", "v1", "configmaps", "ConfigMap"};
const ObjectKey kPlanKey{"prod", "sql1-plan"};

std::string Script(const std::string& hash, std::vector<std::string> blockers = {}) {
  api::SqlServerReplicaStatus::PublishedPlan plan;
  plan.hash = hash;
  plan.blockers = std::move(blockers);
  return ScriptOf(WithMasterKeySecret(), plan,
                  {CreateMasterKey{}, CreateEndpoint{EndpointName("it's ]mine"), 5022,
                                                     CertificateName("Cert_SQL1_endpoint")}});
}

std::string Stored(const FakeObjectClient& objects) {
  const auto object = objects.Find(kConfigMaps, kPlanKey);
  return object ? object->at("data").value("script.sql", "") : "nothing";
}

TEST(Script, HasEveryStatementQuotedAndNoPassword) {
  const std::string script = Script("12ab");
  EXPECT_THAT(script, HasSubstr("-- 1. create the database master key in master\n"));
  EXPECT_THAT(script, HasSubstr("N'<sql1-dmk/password>'"));
  EXPECT_THAT(script, HasSubstr("CREATE ENDPOINT [it's ]]mine]"));
  EXPECT_THAT(script, HasSubstr("milink.dev/approve-plan=12ab"));
  EXPECT_THAT(script, HasSubstr("\nGO\n"));
}

TEST(Script, OfABlockedPlanSaysWhatBlocksItInComments) {
  const std::string script = Script("", {"Always On is off;\nswitch it on"});
  EXPECT_THAT(script, HasSubstr("-- * Always On is off;\n-- switch it on\n"));
  EXPECT_THAT(script, Not(HasSubstr("approve-plan")));
}

TEST(PublishScript, MakesAConfigMapThatGoesWithTheReplica) {
  FakeObjectClient objects;
  ASSERT_TRUE(PublishScript(objects, testing::Replica(), "one").ok());
  EXPECT_EQ(Stored(objects), "one");
  const auto owner =
      objects.Find(kConfigMaps, kPlanKey)->at("metadata").at("ownerReferences").at(0);
  EXPECT_EQ(owner.at("uid"), "uid-1");
  EXPECT_EQ(owner.at("kind"), "SqlServerReplica");
  ASSERT_TRUE(PublishScript(objects, testing::Replica(), "two").ok());
  EXPECT_EQ(Stored(objects), "two");
}

TEST(PublishScript, LeavesAConfigMapOfSomebodyElseAlone) {
  FakeObjectClient objects;
  objects.Put(kConfigMaps, {{"metadata", {{"namespace", "prod"}, {"name", "sql1-plan"}}},
                            {"data", {{"script.sql", "theirs"}}}});
  const Status published = PublishScript(objects, testing::Replica(), "ours");
  ASSERT_FALSE(published.ok());
  EXPECT_EQ(published.error().reason, reason::kPlanNotPublished);
  EXPECT_THAT(published.error().message, HasSubstr("sql1-plan"));
  EXPECT_EQ(Stored(objects), "theirs");
}

TEST(PublishScript, WithoutTheRightThePlanIsOnlyInTheStatus) {
  FakeObjectClient objects;
  objects.Fail([](const ObjectCall& call) { return call.IsWrite(); },
               {ErrorKind::kUnauthorized, "Forbidden", "configmaps is forbidden", ""});
  const Status published = PublishScript(objects, testing::Replica(), "ours");
  EXPECT_EQ(published.error().reason, reason::kPlanNotPublished);
  objects.Fail([](const ObjectCall& call) { return call.IsWrite(); },
               {ErrorKind::kTransient, "Unavailable", "try later", ""});
  EXPECT_EQ(PublishScript(objects, testing::Replica(), "ours").error().reason, "Unavailable");
}

}  // namespace
}  // namespace milink::replica
