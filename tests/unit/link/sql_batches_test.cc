#include "controllers/link/sql_batches.h"

#include <gtest/gtest.h>

namespace milink::link {
namespace {

std::string Shown(const Step& step) {
  const auto batch = BatchOf(step);
  return batch.ok() ? batch->shown : batch.error().reason;
}

bool Holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(SqlBatches, EveryStepForSqlServerHasItsStatement) {
  const std::string id = "0a0a0a0a-1111-4222-8333-000000000001";
  const std::string thumbprint(40, 'A');
  EXPECT_TRUE(Holds(Shown(ImportInstanceCertificate{CertificateName("mi.x"), "der"}),
                    "CREATE CERTIFICATE [mi.x]"));
  EXPECT_TRUE(Holds(Shown(ImportRootAuthority{CertificateName("Root"), "der", thumbprint}),
                    "CREATE CERTIFICATE [Root]"));
  EXPECT_TRUE(Holds(Shown(TrustIssuer{CertificateName("Root"), thumbprint, "*.x"}),
                    "sp_certificate_add_issuer"));
  EXPECT_TRUE(Holds(Shown(ValidateChain{CertificateName("mi.x"), thumbprint}),
                    "sp_validate_certificate_ca_chain"));
  EXPECT_TRUE(Holds(Shown(SetFullRecovery{DatabaseName("sales")}), "SET RECOVERY FULL"));
  EXPECT_TRUE(Holds(Shown(BackupDatabase{DatabaseName("sales"), "/b/x.bak"}), "BACKUP DATABASE"));
  EXPECT_TRUE(Holds(Shown(CreateGroup{DatabaseName("sales"), GroupName("AG"), "SQL1",
                                      "TCP://10.0.0.4:5022", true}),
                    "CLUSTER_TYPE = NONE"));
  EXPECT_TRUE(Holds(Shown(CreateDistributedGroup{
                        DatabaseName("sales"), GroupName("DAG"), GroupName("AG"),
                        "TCP://10.0.0.4:5022", GroupName("AG_MI"), "tcp://mi.x:5022;Server=[mi]"}),
                    "DISTRIBUTED"));
  EXPECT_TRUE(Holds(Shown(DropDistributedGroup{DatabaseName("sales"), GroupName("DAG"), id}),
                    "is_distributed = 1"));
  EXPECT_TRUE(
      Holds(Shown(DropGroup{DatabaseName("sales"), GroupName("AG"), id}), "is_distributed = 0"));
  EXPECT_TRUE(Holds(Shown(DropCertificate{CertificateName("mi.x"), thumbprint, false}),
                    "pvt_key_encryption_type = N'NA') DROP CERTIFICATE [mi.x]"));
}

TEST(SqlBatches, AStepForAzureHasNone) {
  EXPECT_EQ(Shown(DeleteLink{DatabaseName("sales"), GroupName("DAG"), {}, {}, ""}), "NotSql");
}

TEST(SqlBatches, NamesAreQuoted) {
  EXPECT_TRUE(Holds(Shown(SetFullRecovery{DatabaseName("a]b")}), "[a]]b]"));
}

}  // namespace
}  // namespace milink::link
