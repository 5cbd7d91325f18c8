#include "controllers/link/tde_transfer.h"

#include <gtest/gtest.h>

#include "controllers/link/reasons.h"
#include "core/api/error_reasons.h"
#include "core/base/text.h"
#include "tests/sim/world/pkcs12.h"
#include "tests/sim/world/pvk.h"
#include "tests/sim/world/x509.h"
#include "tests/unit/link/rig.h"

namespace milink::link {
namespace {

const ObjectKey kTdeReplica{"default", "sql1"};
const azure::ManagedInstanceRef kTdeInstance{"sub", "rg", "sqlmi1"};

sim::CertificateWithKey MakeTdeCertificate() {
  return sim::MakeCertificate({.common_name = "TDE",
                               .dns_names = {},
                               .not_before = gen::Start(),
                               .not_after = gen::Start() + std::chrono::hours(24),
                               .rsa = true});
}

std::string FirstLiteral(const std::string& text) {
  const auto begin = text.find("N'") + 2;
  return text.substr(begin, text.find('\'', begin) - begin);
}

// SQL Server gives a certificate and its key, Azure takes files.
class TdeTransferTest : public testing::Test {
 protected:
  TdeTransferTest() {
    rig_.hub.OnRun([this](const fakes::FakeInstanceHub::Call& call) -> Result<sql::SqlReply> {
      password_ = FirstLiteral(call.text);
      EXPECT_EQ(call.shown.find(password_), std::string::npos);
      sql::SqlReply reply;
      reply.sets = {{{"exported_certificate", "public_key", "private_key"}, {}}};
      std::optional<std::string> key;
      if (gives_key_) key = ToHex(sim::MakePvk(key_pem_, password_));
      reply.sets[0].rows.push_back({"TdeCert", ToHex(pair_.der), key});
      return reply;
    });
  }

  Result<azure::OperationTicket> Transfer(const std::function<Status()>& guard) {
    const LinkSystems systems{rig_.directory, rig_.objects,   rig_.events, rig_.hub,
                              rig_.api,       rig_.instances, rig_.clock,  *rig_.random};
    const UploadTdeCertificate step{DatabaseName("sales"), CertificateName("TdeCert"), thumbprint_};
    return TransferTdeCertificate(systems, kTdeReplica, kTdeInstance, step, guard);
  }

  gen::Rig rig_{{"sales"}};
  sim::CertificateWithKey pair_ = MakeTdeCertificate();
  std::string key_pem_ = pair_.key_pem;
  std::string thumbprint_ = sim::ThumbprintOf(pair_.der);
  bool gives_key_ = true;
  std::string password_;
};

TEST_F(TdeTransferTest, TheInstanceGetsCertificateAndKeyUnderAPasswordOfItsOwn) {
  const auto ticket = Transfer(OkStatus);
  ASSERT_TRUE(ticket.ok()) << ToString(ticket.error());
  ASSERT_EQ(rig_.api.tde_uploads.size(), 1U);
  const auto& [file, password] = rig_.api.tde_uploads.front();
  const auto opened = sim::OpenPkcs12(std::string(file.Reveal()), std::string(password.Reveal()));
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->der, pair_.der);
  EXPECT_TRUE(opened->has_private_key);
  EXPECT_NE(password.Reveal(), password_);

  const std::string first = password_;
  ASSERT_TRUE(Transfer(OkStatus).ok());
  EXPECT_NE(password_, first) << "a password is for one use";
}

TEST_F(TdeTransferTest, WhatCannotBeCarriedOverIsRefusedAndNothingIsSent) {
  gives_key_ = false;
  EXPECT_EQ(Transfer(OkStatus).error().reason, reason::kPrivateKeyNotGiven);
  gives_key_ = true;
  key_pem_ = MakeTdeCertificate().key_pem;
  EXPECT_EQ(Transfer(OkStatus).error().reason, reason::kPrivateKeyDiffers);
  thumbprint_ = gen::kTdeThumbprint;
  EXPECT_EQ(Transfer(OkStatus).error().reason, reason::kObjectChanged);
  EXPECT_TRUE(rig_.api.writes.empty());
}

TEST_F(TdeTransferTest, TheGuardIsAskedBeforeEachRequest) {
  int asked = 0;
  const Error stop{ErrorKind::kConflict, "Stop", "stop", ""};
  EXPECT_EQ(
      Transfer([&]() -> Status { return ++asked > 1 ? Status(stop) : OkStatus(); }).error().reason,
      "Stop");
  EXPECT_EQ(asked, 2);
  EXPECT_TRUE(rig_.api.writes.empty());
}

}  // namespace
}  // namespace milink::link
