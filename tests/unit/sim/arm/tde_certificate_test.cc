#include <gtest/gtest.h>

#include "core/base/text.h"
#include "core/pki/pkcs12.h"
#include "core/pki/pvk.h"
#include "tests/sim/world/pvk.h"
#include "tests/unit/sim/arm/arm_fixture.h"

namespace milink::sim {
namespace {

using nlohmann::json;

std::string ToBase64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8U |
              (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : std::uint8_t{0});
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += at + i > bytes.size() ? '=' : kDigits[group >> (18U - 6U * i) & 0x3FU];
    }
  }
  return text;
}

class TdeCertificateTest : public ArmFixture {
 protected:
  TdeCertificateTest() {
    const auto key = pki::PrivateKeyFromPvk(Secret(MakePvk(pair_.key_pem, "")), Secret());
    file_ = ToBase64(pki::MakePkcs12(pair_.der, *key, Secret("pw"))->Reveal());
  }

  ArmResponse Upload(const std::string& file, const std::string& password) {
    return Send("POST", "/tdeCertificates",
                {{"properties", {{"privateBlob", file}, {"certPassword", password}}}});
  }
  std::size_t Held() {
    const auto world = paired_.world.Enter();
    return paired_.managed->tde_thumbprints.size();
  }

  CertificateWithKey pair_ =
      MakeCertificate({.common_name = "TDE",
                       .dns_names = {},
                       .not_before = TimePoint(std::chrono::seconds(1'795'255'200)),
                       .not_after = TimePoint(std::chrono::seconds(1'895'255'200)),
                       .rsa = true});
  std::string file_;
};

TEST_F(TdeCertificateTest, AFileThatOpensIsTakenByAnOperationWithoutBody) {
  const ArmResponse accepted = Upload(file_, "pw");
  EXPECT_EQ(accepted.status, 202);
  EXPECT_EQ(accepted.body, "");
  EXPECT_TRUE(accepted.took_effect);
  EXPECT_EQ(Held(), 0U);
  const ArmResponse again = Upload(file_, "pw");
  EXPECT_EQ(again.status, 202);
  EXPECT_FALSE(again.took_effect);
  paired_.clock.Step(std::chrono::seconds(6));
  EXPECT_EQ(Json(Poll(Header(accepted, "Azure-AsyncOperation")))["status"], "Succeeded");
  const json second = Json(Poll(Header(again, "Azure-AsyncOperation")));
  EXPECT_EQ(second["status"], "Failed");
  EXPECT_EQ(second["error"]["code"], "CertificateAlreadyExists");
  ASSERT_EQ(Held(), 1U);
  EXPECT_EQ(paired_.managed->tde_thumbprints.front(), ThumbprintOf(pair_.der));
  EXPECT_EQ(Code(Upload(file_, "pw")), "CertificateAlreadyExists");
}

TEST_F(TdeCertificateTest, WhatDoesNotOpenIsRefused) {
  EXPECT_EQ(Code(Upload("", "pw")), "MissingPrivateBlob");
  EXPECT_EQ(Code(Upload(file_, "another")), "InvalidPrivateBlobOrPassword");
  EXPECT_EQ(Code(Upload("no base64", "pw")), "InvalidPrivateBlobOrPassword");
  EXPECT_EQ(Code(Upload(ToBase64(pair_.der), "pw")), "InvalidPrivateBlobOrPassword");
  EXPECT_EQ(Send("GET", "/tdeCertificates").status, 405);
  EXPECT_EQ(Held(), 0U);
}

TEST_F(TdeCertificateTest, TheOpenPointsAreSwitches) {
  paired_.world.Enter()->switches.tde_upload_has_status_url = false;
  const ArmResponse accepted = Upload(file_, "pw");
  EXPECT_EQ(Header(accepted, "Azure-AsyncOperation"), "");
  const std::string result = Header(accepted, "Location");
  EXPECT_EQ(Poll(result).status, 202);
  paired_.clock.Step(std::chrono::seconds(6));
  EXPECT_EQ(Poll(result).status, 200);
  EXPECT_EQ(Held(), 1U);

  paired_.world.Enter()->switches.tde_upload_ends_at_once = true;
  paired_.managed->tde_thumbprints.clear();
  EXPECT_EQ(Upload(file_, "pw").status, 200);
  EXPECT_EQ(Held(), 1U);
}

TEST_F(TdeCertificateTest, ItTakesTheRightNamedForAPost) {
  paired_.managed->permissions = {
      {"*", {{{"*"}, {"Microsoft.Sql/managedInstances/tdeCertificates/action"}}}}};
  const ArmResponse refused = Upload(file_, "pw");
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("tdeCertificates/action"), std::string::npos);
}

}  // namespace
}  // namespace milink::sim
