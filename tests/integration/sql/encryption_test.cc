// Encrypted databases through the real driver: what protects them, and a certificate that leaves
// the server with its private key.
#include <gtest/gtest.h>

#include "core/base/digest.h"
#include "core/pki/pkcs12.h"
#include "core/sql/certificate_export.h"
#include "core/sql/statements.h"
#include "tests/integration/sql/engine_fixture.h"

namespace milink::sql {
namespace {

class EncryptionTest : public EngineFixture {
 protected:
  void SetUp() override {
    sim::SqlServerInstance instance;
    instance.logins = {
        {.name = "sa", .password = "Correct-Horse-9", .sysadmin = true, .permissions = {}},
        {.name = "reader",
         .password = "Correct-Horse-9",
         .permissions = {"VIEW SERVER STATE", "VIEW ANY DEFINITION"}}};
    instance.asymmetric_keys = {
        {.name = "VaultKey", .asymmetric_key_id = 257, .thumbprint = "C3D4"}};
    StartServer(std::move(instance));
    MustAct(CreateMasterKey(Secret("Master-Key-1")));
    MustAct(CreateCertificate({CertificateName("TdeCert"), "TDE", clock_.Now(),
                               clock_.Now() + std::chrono::hours(24 * 365)}));
    auto world = world_.Enter();
    sim::SqlServerInstance& server = *world->FindInstance("SQL1");
    for (const char* name : {"sales", "hr", "plain"}) {
      sim::AddDatabase(*world, server, {.name = name, .database_id = 0}, 1 << 20);
    }
    thumbprint_ = server.FindCertificate("TdeCert")->thumbprint;
    server.FindDatabase("sales")->encryptor_thumbprint = thumbprint_;
    server.FindDatabase("hr")->encryptor_thumbprint = "C3D4";
  }

  Result<ExportedCertificate> Export(const std::string& thumbprint) {
    auto reply = hub_.Run(kReplica, Lane::kAct, *ExportCertificate(thumbprint, Secret("Export-1")),
                          kWait, OkStatus, {});
    return reply.ok() ? ReadExportedCertificate(*std::move(reply))
                      : Result<ExportedCertificate>(reply.error());
  }

  std::string thumbprint_;
};

TEST_F(EncryptionTest, ShowsTheProtectorsOfEncryptedDatabases) {
  const auto snapshot = Observe();
  ASSERT_EQ(snapshot->encryptions.size(), 2U);
  const DatabaseEncryption sales{3, "CERTIFICATE", thumbprint_, "", false};
  EXPECT_EQ(*snapshot->FindEncryption(DatabaseName("sales")), sales);
  const DatabaseEncryption hr{3, "ASYMMETRIC KEY", "C3D4", "VaultKey", true};
  EXPECT_EQ(*snapshot->FindEncryption(DatabaseName("hr")), hr);
  EXPECT_TRUE(snapshot->FindDatabase(DatabaseName("hr"))->encrypted);
  EXPECT_FALSE(snapshot->FindDatabase(DatabaseName("plain"))->encrypted);
}

TEST_F(EncryptionTest, ACertificateLeavesWithItsKey) {
  const auto exported = Export(thumbprint_);
  ASSERT_TRUE(exported.ok()) << ToString(exported.error());
  EXPECT_EQ(Sha1Thumbprint(exported->der), thumbprint_);
  const auto file =
      pki::Pkcs12FromPvk(exported->der, exported->private_key, Secret("Export-1"), Secret("p12"));
  EXPECT_TRUE(file.ok()) << ToString(file.error());
  for (const auto& entry : journal_.Entries()) {
    EXPECT_EQ(entry.call.text.find("Export-1"), std::string::npos) << entry.call.text;
  }
}

TEST_F(EncryptionTest, ACertificateThatIsGoneOrMayNotBeUsedIsToldAsSuch) {
  EXPECT_EQ(Export("A1B2").error().reason, "CertificateNotFound");
  LogIn("reader");
  const auto exported = Export(thumbprint_);
  ASSERT_TRUE(exported.ok()) << ToString(exported.error());
  EXPECT_TRUE(exported->private_key.empty());
}

}  // namespace
}  // namespace milink::sql
