#include "core/pki/certificate.h"

#include <gtest/gtest.h>

#include "core/base/time_format.h"

namespace milink::pki {
namespace {

// A root, a leaf that it signed, and a root of the same name with another key.
constexpr std::string_view kRoot =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBfDCCASOgAwIBAgIUWVFwHr2udKHWHK53kUqk38qHd4wwCgYIKoZIzj0EAwIw\n"
    "FDESMBAGA1UEAwwJVGVzdCBSb290MB4XDTI2MTEyMTEyMjM1N1oXDTM2MTExODEy\n"
    "MjM1N1owFDESMBAGA1UEAwwJVGVzdCBSb290MFkwEwYHKoZIzj0CAQYIKoZIzj0D\n"
    "AQcDQgAE/KtQHXMEaM3aVPLiUHSrQ3gwaEZW+d1qly6o5AdQR8GNxOqJxBuDub0p\n"
    "m1dtEMdDvlMGu2ER5ugilLGv4666o6NTMFEwHQYDVR0OBBYEFGjmO/DE8zaPmkqZ\n"
    "iW36/DeiOCKwMB8GA1UdIwQYMBaAFGjmO/DE8zaPmkqZiW36/DeiOCKwMA8GA1Ud\n"
    "EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgbQy9dVSj8UgzatkwVAeYmyXv\n"
    "JK6kU//DirBS6yBrQycCIHkeNepl0cJ+WBYFe+2eV8ecPH03Malfj1frryJTnP1f\n"
    "-----END CERTIFICATE-----\n";
constexpr std::string_view kLeaf =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBJDCBzAICCgEwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJVGVzdCBSb290MB4X\n"
    "DTI2MTEyMTEyMjM1N1oXDTM2MTExODEyMjM1N1owKTEQMA4GA1UECgwHRXhhbXBs\n"
    "ZTEVMBMGA1UEAwwMc3FsMS5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD\n"
    "QgAE1wdIlYE6OXh+yvKAbAe93AIFL5hKNWr1x4jKQJHMn4GrVGNWF9Q7apnDnMTW\n"
    "9TgUAMMhYh9JEF6Vv6kb6xosmzAKBggqhkjOPQQDAgNHADBEAiBz1xQwff0bR+C6\n"
    "mO1AWxI1+Eiy+NSTkv9oEhIw3CjkfwIgXLHK766sGzVvdsossfmDzC/DafzeiUzO\n"
    "0JAaVrbmfLQ=\n"
    "-----END CERTIFICATE-----\n";
constexpr std::string_view kOtherRoot =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBfDCCASOgAwIBAgIUPlrUTVLAB6QkWrd3x2JGWn3lEr4wCgYIKoZIzj0EAwIw\n"
    "FDESMBAGA1UEAwwJVGVzdCBSb290MB4XDTI2MTEyMTEyMjM1N1oXDTM2MTExODEy\n"
    "MjM1N1owFDESMBAGA1UEAwwJVGVzdCBSb290MFkwEwYHKoZIzj0CAQYIKoZIzj0D\n"
    "AQcDQgAEhiJXtdw5Qn2oY23Gffr8StjL1PHh1n0T+5TadeSUAJWfg1HRyp00mODB\n"
    "8xI64BamU8SciaS12xFMk8j1RHdHAKNTMFEwHQYDVR0OBBYEFH1YfdzqMC62phAP\n"
    "UlKxl1gMlEEHMB8GA1UdIwQYMBaAFH1YfdzqMC62phAPUlKxl1gMlEEHMA8GA1Ud\n"
    "EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgXJhRkIELOcJbiFGFt/qbixMT\n"
    "K8n9GHeKPtOk0sZP2N0CICaCDAGrbIQ8aE36U4Ajkfaqgn8LzgUVWX1sZ032zKjm\n"
    "-----END CERTIFICATE-----\n";

std::string Der(std::string_view pem) {
  auto der = PemToDer(pem);
  return der.ok() ? *der : "";
}

TEST(CertificateTest, ReadsTheFields) {
  const auto info = ParseCertificate(Der(kLeaf));
  ASSERT_TRUE(info.ok()) << ToString(info.error());
  EXPECT_EQ(info->subject, "CN=sql1.example,O=Example");
  EXPECT_EQ(info->common_name, "sql1.example");
  EXPECT_EQ(info->issuer, "CN=Test Root");
  EXPECT_EQ(info->serial, "0A01");
  EXPECT_EQ(info->not_before, ParseRfc3339("2026-11-21T12:23:57Z"));
  EXPECT_EQ(info->not_after, ParseRfc3339("2036-11-18T12:23:57Z"));
  EXPECT_EQ(info->thumbprint, "E653E3626B61EE21FB9C7521A5E78EDE047B3D12");
  EXPECT_FALSE(info->authority);
}

TEST(CertificateTest, KnowsAnAuthority) {
  const auto info = ParseCertificate(Der(kRoot));
  ASSERT_TRUE(info.ok());
  EXPECT_TRUE(info->authority);
}

TEST(CertificateTest, RefusesWhatIsNotExactlyOneCertificate) {
  const std::string der = Der(kLeaf);
  for (const std::string& wrong :
       {std::string(), std::string("0x3082"), der.substr(0, der.size() - 1), der + "x"}) {
    const auto info = ParseCertificate(wrong);
    ASSERT_FALSE(info.ok());
    EXPECT_EQ(info.error().reason, "CertificateUnreadable");
  }
}

TEST(PemToDerTest, TakesTheFirstCertificate) {
  const std::string text = std::string(kLeaf) + std::string(kRoot);
  EXPECT_EQ(Der(text), Der(kLeaf));
  EXPECT_FALSE(PemToDer("").ok());
  EXPECT_FALSE(PemToDer("-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n").ok());
}

TEST(IssuedByTest, NamesAndSignatureCount) {
  EXPECT_TRUE(*IssuedBy(Der(kLeaf), Der(kRoot)));
  EXPECT_TRUE(*IssuedBy(Der(kRoot), Der(kRoot)));
  EXPECT_FALSE(*IssuedBy(Der(kLeaf), Der(kOtherRoot)));
  EXPECT_FALSE(*IssuedBy(Der(kRoot), Der(kLeaf)));
  EXPECT_FALSE(IssuedBy("", Der(kRoot)).ok());
  EXPECT_FALSE(IssuedBy(Der(kLeaf), "").ok());
}

}  // namespace
}  // namespace milink::pki
