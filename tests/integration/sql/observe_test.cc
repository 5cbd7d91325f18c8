// Our queries and statements against the stand-in's T-SQL engine, through the real driver: what one
// side sends the other must understand, and what was done must be seen.
#include <string>

#include <gtest/gtest.h>

#include "core/pki/certificate.h"
#include "core/pki/root_authorities.h"
#include "core/sql/errors.h"
#include "core/sql/statements.h"
#include "core/sql/urls.h"
#include "core/sql/version.h"
#include "tests/integration/sql/engine_fixture.h"
#include "tests/sim/world/database_ddl.h"

namespace milink::sql {
namespace {

const DatabaseName kSales("sales");
const CertificateName kOwn("Cert_SQL1_endpoint");
const EndpointName kEndpoint("database_mirroring_endpoint");
const GroupName kGroup("AG_sales");
const GroupName kDistributed("DAG_sales");

class ObserveTest : public EngineFixture, public testing::WithParamInterface<std::string> {
 protected:
  void SetUp() override {
    sim::SqlServerInstance instance;
    instance.product_version = GetParam();
    const bool is_2016 = GetParam().starts_with("13.");
    instance.platform = is_2016 ? "Windows" : "Linux";
    instance.wsfc = is_2016;
    StartServer(std::move(instance));
    auto world = world_.Enter();
    sim::Database database;
    database.name = kSales.str();
    database.recovery = sim::RecoveryModel::kSimple;
    sim::AddDatabase(*world, *world->FindInstance("SQL1"), database);
  }

  void PrepareInstance() {
    MustAct(CreateMasterKey(Secret("Master-Key-9!")));
    const TimePoint now = clock_.Now();
    MustAct(CreateCertificate({kOwn, "Managed Instance link of SQL1", now - std::chrono::hours(48),
                               now + std::chrono::hours(24 * 700)}));
    MustAct(CreateEndpoint(kEndpoint, 5022, kOwn));
  }
  void PrepareGroups() {
    MustAct(SetFullRecovery(kSales));
    MustAct(BackupDatabase(kSales, BackupFile("/var/opt/mssql/backup", kSales, "t")));
    const std::string url = *SqlServerListenerUrl("10.0.0.4", 5022);
    const VersionReport report = CheckVersion({GetParam(), 3, "", ""});
    MustAct(CreateAvailabilityGroup(
        {kGroup, kSales, "SQL1", url, report.capabilities.cluster_type_clause}));
    MustAct(CreateDistributedGroup(
        {kDistributed, kGroup, url, GroupName("AG_sales_MI"),
         *InstanceListenerUrl("sqlmi1.73d19f36a420a.database.windows.net", "sqlmi1")}));
  }
};

TEST_P(ObserveTest, SeesAnInstanceThatIsNotPrepared) {
  const auto snapshot = Observe();
  EXPECT_EQ(snapshot->properties.server_name, "SQL1");
  EXPECT_EQ(snapshot->properties.product_version, GetParam());
  EXPECT_TRUE(snapshot->properties.connection_encrypted);
  EXPECT_TRUE(snapshot->properties.sysadmin);
  EXPECT_TRUE(snapshot->properties.missing_rights.empty());
  const bool is_2016 = GetParam().starts_with("13.");
  EXPECT_EQ(snapshot->properties.windows_cluster,
            is_2016 ? std::optional(WindowsCluster{true, {}}) : std::nullopt);
  EXPECT_EQ(snapshot->properties.trace_flags, (std::vector{1800, 9567}));
  EXPECT_FALSE(snapshot->master_key.exists);
  EXPECT_TRUE(snapshot->certificates.empty());
  EXPECT_TRUE(snapshot->endpoints.empty());
  const Database* sales = snapshot->FindDatabase(kSales);
  ASSERT_NE(sales, nullptr);
  EXPECT_EQ(sales->recovery_model, "SIMPLE");
  EXPECT_TRUE(sales->log_used_percent.has_value());
  const DatabaseFiles* files = snapshot->FindFiles(kSales);
  ASSERT_NE(files, nullptr);
  EXPECT_EQ(files->log_files, 1);
  EXPECT_FALSE(files->last_full_backup.has_value());
}

TEST_P(ObserveTest, SeesKeysCertificateAndEndpoint) {
  PrepareInstance();
  const auto snapshot = Observe();
  EXPECT_EQ(snapshot->master_key, (MasterKey{true, true}));
  const Certificate* own = snapshot->FindCertificate(kOwn);
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(own->private_key, "MK");
  const auto parsed = pki::ParseCertificate(own->der);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->thumbprint, own->thumbprint);
  EXPECT_EQ(own->not_before.has_value() && own->not_after.has_value(), true);
  ASSERT_EQ(snapshot->endpoints.size(), 1U);
  const MirroringEndpoint& endpoint = snapshot->endpoints.front();
  EXPECT_EQ(endpoint.state, "STARTED");
  EXPECT_EQ(endpoint.authentication, "CERTIFICATE");
  EXPECT_EQ(endpoint.encryption, "AES");
  EXPECT_EQ(endpoint.port, 5022);
  EXPECT_EQ(endpoint.ip_address, "");
  EXPECT_EQ(endpoint.certificate, kOwn);
}

TEST_P(ObserveTest, ImportsAndTrustsTheRootAuthorities) {
  PrepareInstance();
  for (const auto& root : pki::RootAuthorities()) {
    MustAct(ImportCertificate(root.sql_name, root.der));
    MustAct(AddTrustedIssuer(root.sql_name, pki::kInstanceDnsPattern));
    const Status again = Act(AddTrustedIssuer(root.sql_name, pki::kInstanceDnsPattern));
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(ClassOf(again.error()), ErrorClass::kOk) << ToString(again.error());
    const auto snapshot = Observe();
    const Certificate* imported = snapshot->FindCertificateByThumbprint(root.thumbprint);
    ASSERT_NE(imported, nullptr);
    EXPECT_EQ(imported->name, root.sql_name);
    EXPECT_EQ(imported->private_key, "NA");
    EXPECT_EQ(imported->der, root.der);
  }
}

TEST_P(ObserveTest, SeesGroupsAndBackups) {
  PrepareInstance();
  PrepareGroups();
  const auto snapshot = Observe();
  const Database* sales = snapshot->FindDatabase(kSales);
  ASSERT_NE(sales, nullptr);
  EXPECT_EQ(sales->recovery_model, "FULL");
  EXPECT_TRUE(sales->log_chain_started);
  EXPECT_FALSE(sales->group_database_id.empty());
  const DatabaseFiles* files = snapshot->FindFiles(kSales);
  ASSERT_NE(files, nullptr);
  EXPECT_TRUE(files->last_full_backup.has_value());
  const AvailabilityGroup* group = snapshot->FindGroup(kGroup);
  ASSERT_NE(group, nullptr);
  EXPECT_FALSE(group->distributed);
  EXPECT_EQ(group->databases, std::vector{kSales});
  ASSERT_EQ(group->replicas.size(), 1U);
  EXPECT_EQ(group->replicas[0].role, "PRIMARY");
  EXPECT_TRUE(group->replicas[0].local);
  const AvailabilityGroup* distributed = snapshot->FindGroup(kDistributed);
  ASSERT_NE(distributed, nullptr);
  EXPECT_TRUE(distributed->distributed);
  ASSERT_EQ(distributed->replicas.size(), 2U);
  EXPECT_TRUE(IsInstanceUrl(distributed->replicas[1].endpoint_url));
  EXPECT_FALSE(snapshot->database_states.empty());
}

TEST_P(ObserveTest, GuardedDropsTouchOnlyWhatWasSeen) {
  PrepareInstance();
  PrepareGroups();
  const auto before = Observe();
  const std::string wrong_id = "00000000-0000-0000-0000-000000000000";
  MustAct(DropDistributedGroup(kDistributed, wrong_id));
  MustAct(DropAvailabilityGroup(kGroup, wrong_id));
  MustAct(DropEndpoint(kEndpoint, 1));
  MustAct(DropCertificate(kOwn, "00"));
  EXPECT_EQ(Observe()->groups.size(), before->groups.size());
  EXPECT_EQ(Observe()->certificates, before->certificates);

  MustAct(DropDistributedGroup(kDistributed, before->FindGroup(kDistributed)->group_id));
  MustAct(DropAvailabilityGroup(kGroup, before->FindGroup(kGroup)->group_id));
  // Database mirroring runs over the endpoint, too.
  const auto mirrored = [this](const std::string& guid) {
    OnServer([&](auto& server) { server.databases.front().mirroring_guid = guid; });
  };
  mirrored("5B2C0A6E-3F0C-4C0B-9E43-0D1F6A0B7C11");
  MustAct(DropEndpoint(kEndpoint, before->endpoints.front().endpoint_id));
  EXPECT_EQ(Observe()->endpoints.size(), 1U);
  mirrored("");
  MustAct(DropEndpoint(kEndpoint, before->endpoints.front().endpoint_id));
  MustAct(DropCertificate(kOwn, before->FindCertificate(kOwn)->thumbprint));
  const auto after = Observe();
  EXPECT_TRUE(after->groups.empty());
  EXPECT_TRUE(after->endpoints.empty());
  EXPECT_TRUE(after->certificates.empty());
}

TEST_P(ObserveTest, RefusalsAreUnderstood) {
  EXPECT_EQ(Act(CreateCertificate({kOwn, "s", clock_.Now(), clock_.Now() + std::chrono::hours(48)}))
                .error()
                .reason,
            "MasterKeyRequired");
  PrepareInstance();
  EXPECT_EQ(ClassOf(Act(CreateMasterKey(Secret("Master-Key-9!"))).error()), ErrorClass::kOk);
  EXPECT_EQ(Act(CreateEndpoint(EndpointName("second"), 5023, kOwn)).error().reason,
            "EndpointExists");
  MustAct(SetFullRecovery(kSales));
  const VersionReport report = CheckVersion({GetParam(), 3, "", ""});
  EXPECT_EQ(Act(CreateAvailabilityGroup({kGroup, kSales, "SQL1", "TCP://10.0.0.4:5022",
                                         report.capabilities.cluster_type_clause}))
                .error()
                .reason,
            "FullBackupRequired");
}

INSTANTIATE_TEST_SUITE_P(Versions, ObserveTest,
                         testing::Values("13.0.7000.253", "14.0.3490.10", "15.0.4312.2",
                                         "16.0.4125.3", "17.0.1000.7"),
                         [](const auto& row) {
                           return "Build" + std::string(row.param.substr(0, 2));
                         });

}  // namespace
}  // namespace milink::sql
