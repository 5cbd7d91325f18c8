#include <algorithm>

#include "controllers/link/reasons.h"
#include "core/api/error_reasons.h"
#include "core/base/text.h"
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
      {"A database that is still being decrypted needs its key",
       [](Scene& s) {
         EncryptedSales(s);
         s.database().encrypted = false;
         TdeKey(s).state = 5;
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseEncrypted,
       "sales: it is encrypted (TDE) by certificate TdeCert",
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
  };
}

void LinkedEncrypted(Scene& s) {
  s.Established();
  gen::Encrypt(s.world.sql, "sales");
}
void LinkedMigrating(Scene& s) {
  LinkedEncrypted(s);
  s.world.link.spec.preparation.migrate_tde_certificates = true;
}
void Stopped(Scene& s, const char* azure_error) {
  s.world.sql.database_states.front().synchronization_state = "NOT SYNCHRONIZING";
  s.world.sql.database_states.front().synchronization_health = "NOT_HEALTHY";
  s.link().databases.front().most_recent_link_error = azure_error;
}

std::vector<Row> LinkedRows() {
  return {
      {"A linked database asks for its certificate as well",
       LinkedEncrypted,
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseEncrypted,
       "sales: it replicates still, but it is encrypted (TDE) by certificate TdeCert (thumbprint "
       "E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5), without which managed instance sqlmi1",
       {}},
      {"A link that replicates is not called down for it",
       LinkedEncrypted,
       type::kReady,
       kTrue,
       reason::kReplicating,
       "1 of 1 databases replicate; sales: it replicates still, but it is encrypted",
       {}},
      {"One whose copy has stopped is",
       [](Scene& s) {
         LinkedEncrypted(s);
         Stopped(s, "");
       },
       type::kReady,
       kFalse,
       reason::kDatabaseEncrypted,
       "sales: it is encrypted (TDE) by certificate TdeCert",
       {}},
      {"A listed thumbprint ends the warning",
       [](Scene& s) {
         LinkedEncrypted(s);
         s.world.link.spec.preparation.tde_thumbprints = {gen::kTdeThumbprint};
       },
       type::kDatabasesPrepared,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"A database that is decrypted asks for nothing",
       [](Scene& s) {
         LinkedEncrypted(s);
         s.database().encrypted = false;
         TdeKey(s).state = 1;
       },
       type::kDatabasesPrepared,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"What protects a linked database is asked for when it was not read yet",
       [](Scene& s) {
         s.Established();
         s.database().encrypted = true;
       },
       type::kDatabasesPrepared,
       kUnknown,
       reason::kEncryptionNotRead,
       "",
       {}},
      {"A linked database under a key of a key vault is a warning",
       [](Scene& s) {
         LinkedMigrating(s);
         TdeKey(s) = {3, "ASYMMETRIC KEY", "F6F6", "VaultKey", true};
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kTdeProtectorUnsupported,
       "it replicates still, but it is encrypted (TDE) by asymmetric key VaultKey of a key vault",
       {}},
      {"The certificate of a linked database is carried over where the spec says so",
       LinkedMigrating,
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "going to export encryption certificate TdeCert",
       {kTdeExport}},
      {"A link replicates while a certificate is carried over",
       LinkedMigrating,
       type::kReady,
       kTrue,
       reason::kReplicating,
       "",
       {kTdeExport}},
      {"The certificate before is no reason not to carry over the next one",
       [](Scene& s) {
         LinkedMigrating(s);
         Uploaded(s.world.link);
         TdeKey(s).thumbprint = std::string(40, 'D');
         TdeCertificate(s).name = CertificateName("TdeCert2");
         TdeCertificate(s).thumbprint = std::string(40, 'D');
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "",
       {"export encryption certificate TdeCert2 (DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD) and "
        "upload it to the managed instance"}},
      {"The certificate of a linked database is not carried over while suspended",
       [](Scene& s) {
         LinkedMigrating(s);
         s.world.link.spec.suspend = true;
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kSuspended,
       "suspended; would export encryption certificate",
       {}},
      {"A certificate of a linked database that has no private key is a warning",
       [](Scene& s) {
         LinkedMigrating(s);
         TdeCertificate(s).private_key = "NA";
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kTdeCertificateNotExportable,
       "it replicates still",
       {}},
      {"A database that is encrypted while it is copied has its certificate carried over",
       [](Scene& s) {
         LinkedMigrating(s);
         s.world.link.status.records.front().established = false;
         s.world.sql.database_states.clear();
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "",
       {kTdeExport}},
  };
}

void Refused(Scene& s, const std::string& message) {
  s.world.facts.failures["CreateLink/DAG_sales"] = {
      {ErrorKind::kInvalid, reason::kTdeCertificateMissing, message, ""},
      1,
      s.world.now + std::chrono::seconds(60),
      1};
}
void Forgotten(Scene& s) {
  s.Distributed();
  gen::Encrypt(s.world.sql, "sales");
  s.world.link.spec.preparation.migrate_tde_certificates = true;
  Uploaded(s.world.link);
  Refused(s, "the destination does not have the encryption key");
}
void ForgottenCopy(Scene& s, const char* azure_error) {
  LinkedMigrating(s);
  Uploaded(s.world.link);
  Stopped(s, azure_error);
}

std::vector<Row> MissingRows() {
  return {
      {"What Azure says to be missing is uploaded again, whatever the journal says",
       Forgotten,
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "",
       {kTdeExport}},
      {"What another link has uploaded counts no longer either",
       [](Scene& s) {
         Forgotten(s);
         s.world.link.status.owned_objects.clear();
         Uploaded(s.OtherLink("other", std::chrono::seconds(0)));
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "",
       {kTdeExport}},
      {"A refusal that names the thumbprint is about this certificate",
       [](Scene& s) {
         Forgotten(s);
         Refused(s, std::string("Cannot find server certificate with thumbprint '0x") +
                        ToLowerAscii(gen::kTdeThumbprint) + "'.");
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "",
       {kTdeExport}},
      {"A refusal that names another thumbprint is not",
       [](Scene& s) {
         Forgotten(s);
         Refused(
             s, "Cannot find server certificate with thumbprint '0x" + std::string(40, 'D') + "'.");
       },
       type::kLinkEstablished,
       kFalse,
       reason::kTdeCertificateMissing,
       "could not create",
       {}},
      {"Another refusal says nothing of the certificate",
       [](Scene& s) {
         Forgotten(s);
         s.world.facts.failures.begin()->second.error.reason = "ManagedInstanceLinkNameIsUsed";
       },
       type::kDatabasesPrepared,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"What was uploaded a moment ago is not uploaded again",
       [](Scene& s) {
         Forgotten(s);
         s.world.facts.tde_uploads[gen::kTdeThumbprint].again_at =
             s.world.now + std::chrono::seconds(1);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kTdeCertificateMissing,
       "could not create",
       {}},
      {"What was uploaded a while ago is",
       [](Scene& s) {
         Forgotten(s);
         s.world.facts.tde_uploads[gen::kTdeThumbprint].again_at = s.world.now;
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "",
       {kTdeExport}},
      {"A listed thumbprint that is not there is told as such",
       [](Scene& s) {
         Forgotten(s);
         s.world.link.spec.preparation.tde_thumbprints = {gen::kTdeThumbprint};
       },
       type::kReady,
       kFalse,
       reason::kTdeCertificateMissing,
       "sales: it is encrypted (TDE) by certificate TdeCert (thumbprint "
       "E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5), which preparation.tdeThumbprintsOnInstance "
       "lists, and managed instance sqlmi1 says that it does not have it",
       {}},
      {"What was uploaded once is asked of a person where no more is permitted",
       [](Scene& s) {
         Forgotten(s);
         s.world.link.spec.preparation.migrate_tde_certificates = false;
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseEncrypted,
       "upload certificate and private key there",
       {}},
      {"A copy that stopped for want of the certificate gets it again",
       [](Scene& s) { ForgottenCopy(s, "41923"); },
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "",
       {kTdeExport}},
      {"A copy that stopped for want of the certificate gets it again, by the other number",
       [](Scene& s) { ForgottenCopy(s, "33111"); },
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "",
       {kTdeExport}},
      {"A copy that stopped for another reason does not",
       [](Scene& s) { ForgottenCopy(s, "35206"); },
       type::kReady,
       kFalse,
       reason::kUnhealthy,
       "",
       {}},
      {"An old error of a copy that replicates says nothing",
       [](Scene& s) {
         LinkedMigrating(s);
         Uploaded(s.world.link);
         s.link().databases.front().most_recent_link_error = "41923";
       },
       type::kDatabasesPrepared,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"A seeding that failed for want of the certificate gets it again",
       [](Scene& s) {
         ForgottenCopy(s, "");
         sql::Seeding seeding;
         seeding.group_id = s.distributed().group_id;
         seeding.database = DatabaseName("sales");
         seeding.state = "FAILED";
         seeding.error_code = 33111;
         s.world.sql.seedings = {seeding};
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kMigratingCertificate,
       "",
       {kTdeExport}},
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
INSTANTIATE_TEST_SUITE_P(Linked, PlanTdeTable, testing::ValuesIn(LinkedRows()), gen::CaseName);
INSTANTIATE_TEST_SUITE_P(Missing, PlanTdeTable, testing::ValuesIn(MissingRows()), gen::CaseName);

TEST(PlanTde, WhatProtectsACopyThatLacksItsCertificateIsReadAgain) {
  Scene scene;
  ForgottenCopy(scene, "41923");
  scene.world.sql.slow_read_at = scene.world.now - std::chrono::seconds(60);
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.freshness.sql_all);
  EXPECT_EQ(plan.freshness.sql, Duration(std::chrono::seconds(5)));
  scene.world.sql.slow_read_at = scene.world.now - std::chrono::seconds(20);
  EXPECT_FALSE(scene.Decide().freshness.sql_all);
}

TEST(PlanTde, AListThatIsWrongIsTriedAgainWhenTheRefusalIsOver) {
  Scene scene;
  Forgotten(scene);
  scene.world.link.spec.preparation.tde_thumbprints = {gen::kTdeThumbprint};
  EXPECT_EQ(scene.Decide().requeue_after, Duration(std::chrono::seconds(60)));
  scene.world.now += std::chrono::seconds(61);
  EXPECT_EQ(scene.Decide().steps.size(), 1U);
}

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

TEST(TdeLife, AnInstanceThatWasMadeAnewGetsTheCertificateAgain) {
  gen::ModelWorld world = MigratingWorld();
  Uploaded(world.link);
  ASSERT_TRUE(world.Settle());
  EXPECT_EQ(world.link.status.summary->databases, "2/2");
  EXPECT_EQ(std::ranges::count(world.done, kTdeExport), 1);
}

TEST(TdeLife, ACertificateThatAzureNeverFindsIsUploadedSeldom) {
  gen::ModelWorld world = MigratingWorld();
  world.takes_tde = false;
  for (int pass = 0; pass < 2'000; ++pass) {
    world.Pass();
    world.Wait(std::chrono::seconds(5));
  }
  // Of nearly three hours: after 0, 5, 15, 35, 75 and 135 minutes, each a little late.
  EXPECT_GE(std::ranges::count(world.done, kTdeExport), 4);
  EXPECT_LE(std::ranges::count(world.done, kTdeExport), 6);
  EXPECT_EQ(world.link.status.summary->databases, "0/2");
}

TEST(TdeLife, ACertificateThatIsExchangedUnderALinkFollows) {
  gen::ModelWorld world = MigratingWorld();
  ASSERT_TRUE(world.Settle());
  const std::string next(40, 'D');
  for (auto& certificate : world.sql.certificates) {
    if (certificate.name == CertificateName("TdeCert")) certificate.thumbprint = next;
  }
  for (auto& [name, key] : world.sql.encryptions) key.thumbprint = next;
  ASSERT_TRUE(world.Settle());
  EXPECT_TRUE(world.tde_on_instance.contains(next));
  EXPECT_EQ(world.link.status.summary->databases, "2/2");
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
