// What prepares an instance, through the real driver: the statements that alter what is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/sql/errors.h"
#include "core/sql/statements.h"
#include "tests/integration/sql/engine_fixture.h"

namespace milink::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PrepareTest : public EngineFixture {};

TEST_F(PrepareTest, TraceFlagsAreOnUntilARestart) {
  sim::SqlServerInstance instance;
  instance.trace_flags = {3226};
  StartServer(std::move(instance));
  MustAct(EnableTraceFlags({9567}));
  MustAct(EnableTraceFlags({1800, 9567}));
  EXPECT_THAT(Observe()->properties.trace_flags, ElementsAre(1800, 3226, 9567));
  OnServer([](auto& server) { server.trace_flags.clear(); });
  EXPECT_THAT(Observe()->properties.trace_flags, IsEmpty());
}

TEST_F(PrepareTest, ALoginThatMayNotSwitchTraceFlagsOnIsRefused) {
  sim::SqlServerInstance instance;
  instance.logins = {
      {.name = "sa", .password = "Correct-Horse-9", .sysadmin = true, .permissions = {}},
      {.name = "milink", .password = "Correct-Horse-9", .permissions = {"VIEW SERVER STATE"}}};
  StartServer(std::move(instance));
  LogIn("milink");
  EXPECT_EQ(Act(EnableTraceFlags({1800})).error().reason, "PermissionDenied");
}

class MasterKeyTest : public EngineFixture, public testing::WithParamInterface<bool> {
 protected:
  // A key that came with a copy of master from another host.
  void SetUp() override {
    sim::SqlServerInstance instance;
    instance.master_key.exists = true;
    instance.master_key.password = "Its-Own-Password-1";
    StartServer(std::move(instance));
    world_.Enter()->switches.wrong_key_password_is_decryption_error = GetParam();
  }
};

TEST_P(MasterKeyTest, OnlyItsOwnPasswordOpensIt) {
  EXPECT_EQ(Observe()->master_key, (MasterKey{true, false}));
  const Status refused = Act(AddServiceKeyEncryption(Secret("canary-Wrong-1")));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, GetParam() ? "DecryptionFailed" : "MasterKeyPasswordWrong");
  EXPECT_EQ(ToString(refused.error()).find("canary"), std::string::npos);
  EXPECT_EQ(Observe()->master_key, (MasterKey{true, false}));
  MustAct(AddServiceKeyEncryption(Secret("Its-Own-Password-1")));
  EXPECT_EQ(Observe()->master_key, (MasterKey{true, true}));
  MustAct(AddServiceKeyEncryption(Secret("Its-Own-Password-1")));
}

INSTANTIATE_TEST_SUITE_P(Numbers, MasterKeyTest, testing::Bool(), [](const auto& row) {
  return std::string(row.param ? "DecryptionError" : "NoDecryptor");
});

struct WeakPassword {
  const char* name;
  const char* password;
  const char* number;
};

class PasswordPolicyTest : public EngineFixture,
                           public testing::WithParamInterface<WeakPassword> {};

TEST_P(PasswordPolicyTest, IsShownAsSuchAndWithoutThePassword) {
  StartServer({});
  const Status refused = Act(CreateMasterKey(Secret(GetParam().password)));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, "PasswordTooWeak");
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalid);
  EXPECT_THAT(refused.error().message, testing::HasSubstr(GetParam().number));
  EXPECT_EQ(ToString(refused.error()).find(GetParam().password), std::string::npos);
  EXPECT_FALSE(Observe()->master_key.exists);
}

INSTANTIATE_TEST_SUITE_P(Policies, PasswordPolicyTest,
                         testing::Values(WeakPassword{"Short", "Ab1'x", "15116"},
                                         WeakPassword{"Plain", "onlyletters", "15118"}),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace milink::sql
