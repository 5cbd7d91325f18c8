#include "core/sql/certificate_export.h"

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

SqlReply ExportReply(std::optional<std::string> der, std::optional<std::string> key) {
  SqlReply reply;
  reply.sets = {{{"exported_certificate", "public_key", "private_key"}, {}}};
  reply.sets[0].rows.push_back({"TdeCert", std::move(der), std::move(key)});
  return reply;
}

TEST(CertificateExportTest, AsksByThumbprintAndShowsNoPassword) {
  const auto batch = ExportCertificate("A1B2", Secret("p'w"));
  ASSERT_TRUE(batch.ok());
  EXPECT_EQ(batch->text.Reveal(),
            "SELECT c.name AS exported_certificate, CERTENCODED(c.certificate_id) AS public_key, "
            "CERTPRIVATEKEY(c.certificate_id, N'p''w') AS private_key FROM sys.certificates AS c "
            "WHERE c.thumbprint = 0xA1B2;");
  EXPECT_EQ(batch->shown.find("p''w"), std::string::npos);
  EXPECT_NE(batch->shown.find("N'***'"), std::string::npos);
  EXPECT_FALSE(ExportCertificate("", Secret("p")).ok());
  EXPECT_FALSE(ExportCertificate("no hex", Secret("p")).ok());
}

TEST(CertificateExportTest, ReadsWhatTheServerGives) {
  const auto exported = ReadExportedCertificate(ExportReply("3082", "1EF1B5B0"));
  ASSERT_TRUE(exported.ok()) << ToString(exported.error());
  EXPECT_EQ(exported->der, "\x30\x82");
  EXPECT_EQ(exported->private_key.Reveal(), "\x1E\xF1\xB5\xB0");
}

TEST(CertificateExportTest, AKeyThatMayNotBeUsedIsEmpty) {
  const auto exported = ReadExportedCertificate(ExportReply("3082", std::nullopt));
  ASSERT_TRUE(exported.ok());
  EXPECT_TRUE(exported->private_key.empty());
}

TEST(CertificateExportTest, AnErrorShowsNothingOfTheKey) {
  const auto malformed = ReadExportedCertificate(ExportReply("3082", "1EF1B5B0-hush"));
  ASSERT_FALSE(malformed.ok());
  EXPECT_EQ(malformed.error().reason, "ReplyMalformed");
  EXPECT_EQ(ToString(malformed.error()).find("1EF1"), std::string::npos);
  SqlReply none = ExportReply("3082", "00");
  none.sets[0].rows.clear();
  EXPECT_EQ(ReadExportedCertificate(std::move(none)).error().reason, "CertificateNotFound");
}

}  // namespace
}  // namespace milink::sql
