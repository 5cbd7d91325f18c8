#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "core/api/codec.h"
#include "tests/gen/manifests.h"
#include "tests/gen/objects.h"
#include "tests/gen/statuses.h"

namespace milink::api {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

nlohmann::json StoredLink() { return gen::AsStored(gen::LinkManifest("sales", {"sales"})); }

TEST(DecodeLink, FillsInEveryDefaultAndMakesTheNamesOfGroups) {
  const auto link = DecodeLink(StoredLink());
  ASSERT_TRUE(link.ok()) << ToString(link.error());
  EXPECT_EQ(link->meta, gen::Link("sales").meta);
  EXPECT_EQ(link->spec, gen::Link("sales").spec);
  EXPECT_EQ(link->spec.databases.at(0).instance_availability_group.str(), "AG_sales_MI");
  EXPECT_EQ(link->spec.deletion_policy, DeletionPolicy::kRetain);
  EXPECT_EQ(link->status, ManagedInstanceLinkStatus{});
}

TEST(DecodeLink, ReadsEveryField) {
  nlohmann::json object = StoredLink();
  object["spec"]["databases"] = {{{"name", "sales"},
                                  {"availabilityGroup", "ag"},
                                  {"instanceAvailabilityGroup", "iag"},
                                  {"distributedAvailabilityGroup", "dag"}},
                                 {{"name", "crm"}}};
  object["spec"]["preparation"] = {
      {"setFullRecovery", true},
      {"initialBackup", {{"policy", "IfMissing"}, {"path", "/var/opt/mssql/backup"}}},
      {"networkTest", "Require"},
      {"tdeCertificates", "Migrate"},
      {"replaceInstanceCertificate", true},
      {"tdeThumbprintsOnInstance", {"a1b2"}}};
  object["spec"]["deletionPolicy"] = "Unlink";
  object["spec"]["suspend"] = true;
  object["spec"]["managedInstance"]["cloud"] = "AzureChina";
  object["spec"]["managedInstance"]["sqlCredentialsSecretRef"] = {{"name", "mi-login"}};
  object["spec"]["managedInstance"]["credentials"] = {{"type", "ClientSecret"},
                                                      {"clientId", "c"},
                                                      {"tenantId", "t"},
                                                      {"secretRef", {{"name", "login"}}}};

  ManagedInstanceLinkSpec expected = gen::Link("sales").spec;
  expected.databases = {{.name = DatabaseName("sales"),
                         .availability_group = GroupName("ag"),
                         .instance_availability_group = GroupName("iag"),
                         .distributed_availability_group = GroupName("dag")},
                        gen::Database("crm")};
  expected.preparation = {.set_full_recovery = true,
                          .make_initial_backup = true,
                          .network_test = NetworkTestMode::kRequire,
                          .migrate_tde_certificates = true,
                          .replace_instance_certificate = true,
                          .initial_backup_path = "/var/opt/mssql/backup",
                          .tde_thumbprints = {"A1B2"}};
  expected.managed_instance.sql_credentials_secret = "mi-login";
  expected.managed_instance.cloud = "AzureChina";
  expected.managed_instance.credentials = ManagedInstanceLinkSpec::Credentials{
      .type = "ClientSecret", .client_id = "c", .tenant_id = "t", .secret = "login"};
  expected.deletion_policy = DeletionPolicy::kUnlink;
  expected.suspend = true;

  const auto link = DecodeLink(object);
  ASSERT_TRUE(link.ok()) << ToString(link.error());
  EXPECT_EQ(link->spec, expected);
}

TEST(DecodeLink, NamesEverythingThatIsMissingOrWrong) {
  nlohmann::json object = StoredLink();
  object["spec"] = {{"managedInstance", {{"name", "sqlmi1"}, {"resourceGroup", 5}}},
                    {"databases", {{{"availabilityGroup", "x"}}, "crm"}},
                    {"suspend", "no"}};
  const auto link = DecodeLink(object);
  ASSERT_FALSE(link.ok());
  EXPECT_EQ(link.error().kind, ErrorKind::kInvalid);
  EXPECT_THAT(
      link.error().message,
      AllOf(HasSubstr("ManagedInstanceLink default/sales"), HasSubstr("spec.sqlServerReplicaRef"),
            HasSubstr("spec.managedInstance.subscriptionId"),
            HasSubstr("spec.managedInstance.resourceGroup must be text"),
            HasSubstr("spec.databases[0].name"), HasSubstr("spec.databases[1] must be an object"),
            HasSubstr("spec.primary"), HasSubstr("spec.suspend")));
}

TEST(LinkStatus, SurvivesTheRoundTripInItsTwoParts) {
  const ManagedInstanceLinkStatus full = gen::FullLinkStatus();
  nlohmann::json object = StoredLink();
  object["status"] = EncodeStatus(full);
  object["status"].update(EncodeJournal(full));
  const auto link = DecodeLink(object);
  ASSERT_TRUE(link.ok()) << ToString(link.error());
  EXPECT_EQ(link->status, full);
}

TEST(LinkStatus, TheTwoManagersShareNoField) {
  const nlohmann::json reported = EncodeStatus(gen::FullLinkStatus());
  const nlohmann::json journal = EncodeJournal(gen::FullLinkStatus());
  ASSERT_EQ(journal.size(), 3U);
  for (const auto& [key, value] : journal.items()) {
    EXPECT_FALSE(reported.contains(key)) << key;
  }
}

TEST(LinkStatus, NothingObservedIsLeftOutAndAnEmptyJournalIsWrittenAsEmpty) {
  EXPECT_EQ(EncodeStatus(ManagedInstanceLinkStatus{}),
            nlohmann::json::parse(R"({"observedGeneration": 0})"));
  EXPECT_EQ(EncodeJournal(ManagedInstanceLinkStatus{}),
            nlohmann::json::parse(R"({"ownedObjects": [], "databaseRecords": []})"));
}

TEST(LinkStatus, SeedingAtZeroPercentIsNotTheSameAsNoSeeding) {
  ManagedInstanceLinkStatus status;
  status.databases.resize(1);
  status.databases[0].name = DatabaseName("sales");
  status.databases[0].seeding_percent = 0;
  EXPECT_EQ(EncodeStatus(status)["databases"][0]["seeding"]["percent"], 0);
}

TEST(LinkStatus, AnOperationThatCannotBeFollowedIsRefused) {
  nlohmann::json object = StoredLink();
  object["status"]["databaseRecords"] = {{{"name", "sales"}, {"operation", {{"system", "Azure"}}}}};
  EXPECT_THAT(DecodeLink(object).error().message,
              AllOf(HasSubstr("status.databaseRecords[0].operation.kind"),
                    HasSubstr("status.databaseRecords[0].operation.id")));
}

}  // namespace
}  // namespace milink::api
