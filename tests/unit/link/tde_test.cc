#include <algorithm>

#include "controllers/link/reasons.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::kTrue;
using gen::kUnknown;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

const std::string kTdeExport = std::string("export encryption certificate TdeCert (") +
                               gen::kTdeThumbprint + ") and upload it to the managed instance";
const std::string kUploadKey = std::string("UploadTdeCertificate/") + gen::kTdeThumbprint;

void EncryptedSales(Scene& s) {
  s.Trust();
  gen::Encrypt(s.world.sql, "sales");
}
void Migrating(Scene& s) {
  EncryptedSales(s);
  s.world.link.spec.preparation.migrate_tde_certificates = true;
}
sql::DatabaseEncryption& TdeKey(Scene& s) { return s.world.sql.encryptions.begin()->second; }
sql::Certificate& TdeCertificate(Scene& s) { return s.world.sql.certificates.back(); }
void Uploaded(api::ManagedInstanceLink& link) {
  link.status.owned_objects.push_back({"ManagedInstance", "TdeCertificate", gen::kTdeThumbprint,
                                       gen::kTdeThumbprint, api::OwnedState::kCreated});
}
const std::vector<std::string> kTdeDoneSteps{
    "create availability group AG_sales for database sales"};

std::vector<Row> RequireRows() {
  return {
      {"An encrypted database waits until its certificate is said to be on the instance",
       EncryptedSales,
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseEncrypted,
       "sales: it is encrypted (TDE) by certificate TdeCert (thumbprint "
       "E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5), without which managed instance sqlmi1",
       {}},
      {"The remedies are named",
       EncryptedSales,
       type::kStalled,
       kTrue,
       reason::kDatabaseEncrypted,
       "preparation.tdeThumbprintsOnInstance, or let the operator do it with "
       "preparation.tdeCertificates: Migrate",
       {}},
      {"A listed thumbprint lets the database go on",
       [](Scene& s) {
         EncryptedSales(s);
         s.world.link.spec.preparation.tde_thumbprints = {"AA", gen::kTdeThumbprint};
       },
       type::kDatabasesPrepared, kTrue, reason::kSucceeded, "", kTdeDoneSteps},
      {"A certificate that cannot be seen is named by its thumbprint",
       [](Scene& s) {
         EncryptedSales(s);
         s.world.sql.certificates.pop_back();
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseEncrypted,
       "by a certificate of the thumbprint E5E5",
       {}},
      {"Other databases of the link go on",
       [](Scene& s) {
         s.world = gen::ModelWorld({"sales", "hr"});
         s.Trust();
         gen::Encrypt(s.world.sql, "hr");
       },
       type::kDatabasesPrepared, kFalse, reason::kDatabaseEncrypted, "hr: it is encrypted",
       kTdeDoneSteps},
      {"A database in a fitting group needs its certificate as well",
       [](Scene& s) {
         s.Group();
         gen::Encrypt(s.world.sql, "sales");
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseEncrypted,
       "TdeCert",
       {}},
      {"What protects the database is asked for when it was not read yet",
       [](Scene& s) {
         s.Trust();
         s.database().encrypted = true;
       },
       type::kDatabasesPrepared,
       kUnknown,
       reason::kEncryptionNotRead,
       "",
       {}},
      {"A key of a database that is not encrypted asks for nothing",
       [](Scene& s) {
         EncryptedSales(s);
         s.database().encrypted = false;
         TdeKey(s).state = 1;
       },
       type::kDatabasesPrepared, kTrue, reason::kSucceeded, "", kTdeDoneSteps},
      {"An asymmetric key is refused",
       [](Scene& s) {
         Migrating(s);
         TdeKey(s) = {3, "ASYMMETRIC KEY", "F6F6", "HsmKey", false};
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kTdeProtectorUnsupported,
       "by asymmetric key HsmKey, and managed instance sqlmi1 takes certificates",
       {}},
      {"A key of a key vault is refused as such, even when its thumbprint is listed",
       [](Scene& s) {
         Migrating(s);
         TdeKey(s) = {3, "ASYMMETRIC KEY", "F6F6", "VaultKey", true};
         s.world.link.spec.preparation.tde_thumbprints = {"F6F6"};
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kTdeProtectorUnsupported,
       "by asymmetric key VaultKey of a key vault",
       {}},
      {"A link that replicates is not asked again",
       [](Scene& s) {
         s.Established();
         gen::Encrypt(s.world.sql, "sales");
       },
       type::kReady,
       kTrue,
       reason::kReplicating,
       "",
       {}},
  };
}

std::vector<Row> MigrateRows() {
  return {
      {"The certificate is carried over where the spec says so",
       Migrating,
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "going to export encryption certificate TdeCert",
       {kTdeExport}},
      {"Nothing is carried over while suspended",
       [](Scene& s) {
         Migrating(s);
         s.world.link.spec.suspend = true;
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kSuspended,
       "suspended; would export encryption certificate",
       {}},
      {"Nothing is carried over before both sides are ready",
       [](Scene& s) {
         Migrating(s);
         s.world.instance.instance.state = "Stopped";
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kWaiting,
       "waiting until both sides are ready; then: export",
       {}},
      {"No key leaves the server for a database that cannot be linked",
       [](Scene& s) {
         Migrating(s);
         s.database().read_only = true;
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseAccess,
       "read-only",
       {}},
      {"A listed certificate is not carried over",
       [](Scene& s) {
         Migrating(s);
         s.world.link.spec.preparation.tde_thumbprints = {gen::kTdeThumbprint};
       },
       type::kDatabasesPrepared, kTrue, reason::kSucceeded, "", kTdeDoneSteps},
      {"What the journal has as uploaded is not uploaded again",
       [](Scene& s) {
         Migrating(s);
         Uploaded(s.world.link);
       },
       type::kDatabasesPrepared, kTrue, reason::kSucceeded, "", kTdeDoneSteps},
      {"What another link has uploaded to the same instance is there",
       [](Scene& s) {
         Migrating(s);
         Uploaded(s.OtherLink("other", std::chrono::seconds(0)));
       },
       type::kDatabasesPrepared, kTrue, reason::kSucceeded, "", kTdeDoneSteps},
      {"What another link has uploaded elsewhere does not count",
       [](Scene& s) {
         Migrating(s);
         auto& other = s.OtherLink("other", std::chrono::seconds(0));
         other.spec.managed_instance.name = "sqlmi2";
         Uploaded(other);
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "",
       {kTdeExport}},
      {"An upload that may have happened is made again",
       [](Scene& s) {
         Migrating(s);
         s.Own("ManagedInstance", "TdeCertificate", gen::kTdeThumbprint, "");
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "",
       {kTdeExport}},
      {"One certificate of two databases is carried over once",
       [](Scene& s) {
         s.world = gen::ModelWorld({"sales", "hr"});
         Migrating(s);
         gen::Encrypt(s.world.sql, "hr");
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "hr: the managed instance is taking certificate TdeCert",
       {kTdeExport}},
      {"A running upload is waited for",
       [](Scene& s) {
         Migrating(s);
         s.world.facts.operations[kUploadKey].poll_at = s.world.now + std::chrono::seconds(15);
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "the managed instance is taking certificate TdeCert",
       {}},
      {"Why nobody knows how far an upload is stands beside it",
       [](Scene& s) {
         Migrating(s);
         s.Unread(kUploadKey);
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "cannot be read without the right Microsoft.Sql/locations/*/read: client c1 may not",
       {}},
      {"An upload whose end nobody knows is made again",
       [](Scene& s) {
         Migrating(s);
         s.Unread(kUploadKey);
         s.world.facts.operations[kUploadKey].state = azure::OperationState::kUnknown;
         s.world.facts.operations[kUploadKey].finished = s.world.now;
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "",
       {kTdeExport}},
      {"A failed upload shows why",
       [](Scene& s) {
         Migrating(s);
         s.world.facts.failures[kUploadKey] = {
             {ErrorKind::kInvalid, "InvalidPrivateBlobOrPassword", "no good", ""},
             1,
             s.world.now + std::chrono::seconds(60),
             1};
       },
       type::kDatabasesPrepared,
       kFalse,
       "InvalidPrivateBlobOrPassword",
       "could not export encryption certificate TdeCert",
       {}},
      {"A certificate that cannot be seen cannot be carried over",
       [](Scene& s) {
         Migrating(s);
         s.world.sql.certificates.pop_back();
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kTdeCertificateNotExportable,
       "grant the login CONTROL",
       {}},
      {"A certificate without private key cannot be carried over",
       [](Scene& s) {
         Migrating(s);
         TdeCertificate(s).private_key = "NA";
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kTdeCertificateNotExportable,
       "has no private key",
       {}},
      {"A private key under a password cannot be carried over",
       [](Scene& s) {
         Migrating(s);
         TdeCertificate(s).private_key = "PW";
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kTdeCertificateNotExportable,
       "under a password",
       {}},
      {"The right to upload is asked for",
       [](Scene& s) {
         Migrating(s);
         s.world.instance.permissions = {
             {{"*"}, {"Microsoft.Sql/managedInstances/tdeCertificates/action"}}};
       },
       type::kAzureAuthorized,
       kFalse,
       reason::kActionsMissing,
       "Microsoft.Sql/managedInstances/tdeCertificates/action",
       {}},
      {"The right to upload is not asked for where nothing is uploaded",
       [](Scene& s) {
         s.Trust();
         s.world.instance.permissions = {
             {{"*"}, {"Microsoft.Sql/managedInstances/tdeCertificates/action"}}};
       },
       type::kAzureAuthorized, kTrue, reason::kSucceeded, "", kTdeDoneSteps},
  };
}

class PlanTdeTable : public testing::TestWithParam<Row> {};

TEST_P(PlanTdeTable, DecidesAsTheSentenceSays) { gen::Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Require, PlanTdeTable, testing::ValuesIn(RequireRows()), gen::CaseName);
INSTANTIATE_TEST_SUITE_P(Migrate, PlanTdeTable, testing::ValuesIn(MigrateRows()), gen::CaseName);

gen::ModelWorld MigratingWorld() {
  gen::ModelWorld world({"sales", "hr"});
  gen::Encrypt(world.sql, "sales");
  gen::Encrypt(world.sql, "hr");
  world.link.spec.preparation.migrate_tde_certificates = true;
  return world;
}

TEST(TdeLife, AnUploadIsJournalledDoneOnceAndLeftInPlace) {
  gen::ModelWorld world = MigratingWorld();
  ASSERT_TRUE(world.Settle());
  EXPECT_EQ(world.link.status.summary->databases, "2/2");
  EXPECT_EQ(std::ranges::count(world.done, kTdeExport), 1);
  const api::OwnedObject entry{"ManagedInstance", "TdeCertificate", gen::kTdeThumbprint,
                               gen::kTdeThumbprint, api::OwnedState::kCreated};
  EXPECT_EQ(std::ranges::count(world.link.status.owned_objects, entry), 1);

  world.link.spec.deletion_policy = api::DeletionPolicy::kUnlink;
  world.link.meta.deletion_time = world.now;
  ASSERT_TRUE(world.Settle());
  EXPECT_TRUE(world.gone);
  EXPECT_TRUE(std::ranges::any_of(world.notes, [](const Note& note) {
    return note.reason == reason::kLeftInPlace &&
           note.message.find("left encryption certificate E5E5") == 0;
  }));
  EXPECT_EQ(std::ranges::count(world.done, kTdeExport), 1);
}

TEST(TdeLife, ACrashBetweenUploadAndRecordRepeatsTheUpload) {
  gen::ModelWorld world = MigratingWorld();
  const auto uploaded = [&] { return !world.tde_on_instance.empty(); };
  for (int pass = 0; pass < 40 && !uploaded(); ++pass) {
    world.Pass();
    world.Wait(std::chrono::seconds(20));
  }
  ASSERT_TRUE(uploaded());
  world.Restart();
  ASSERT_TRUE(world.Settle());
  EXPECT_EQ(world.link.status.summary->databases, "2/2");
  EXPECT_EQ(std::ranges::count(world.done, kTdeExport), 2);
}

}  // namespace
}  // namespace milink::link
