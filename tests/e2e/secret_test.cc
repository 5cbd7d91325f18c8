// Passwords that change while the operator runs, with the rights that it is shipped with.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {
namespace {

using nlohmann::json;

// The figure that is promised, and a little for a loaded machine.
constexpr auto kNoticed = std::chrono::seconds(75);

class SecretE2eTest : public testing::Test {
 protected:
  SecretE2eTest() : stack_(Stack::Settings{}) {
    stack_.ApplySecrets();
    stack_.StartOperator();
    stack_.Apply(stack_.ReplicaManifest());
  }

  void ChangeOnServer(const std::string& password) {
    auto world = stack_.sim().world().Enter();
    world->FindInstance("SQL1")->logins.front().password = password;
  }
  void ChangeSecret(const std::string& password) {
    stack_.Apply({{"apiVersion", "v1"},
                  {"kind", "Secret"},
                  {"metadata", {{"name", "sql1-login"}, {"namespace", Stack::kNamespace}}},
                  {"stringData", {{"username", "milink"}, {"password", password}}}});
  }
  // The next batch loses its connection.
  void CutConnection() {
    sim::Fault cut;
    cut.kind = sim::CallKind::kBatch;
    cut.target = "SQL1";
    cut.what = sim::Fault::kClose;
    stack_.sim().calls().AddFault(cut);
  }
  // How many logins ended like this ("ok" or an error's number) since `after`.
  std::size_t Logins(const std::string& result, std::uint64_t after) {
    const auto entries = stack_.sim().journal().Entries(after);
    return static_cast<std::size_t>(std::ranges::count_if(entries, [&](const auto& entry) {
      return entry.call.kind == sim::CallKind::kLogin && entry.call.target == "SQL1" &&
             entry.result == result;
    }));
  }
  std::uint64_t Now() { return stack_.sim().journal().LastSequence(); }
  bool WaitReady() { return stack_.WaitCondition("sqlr", "sql1", "Ready", "True"); }

  Stack stack_;
};

TEST_F(SecretE2eTest, AChangedPasswordIsNoticedAndAWrongOneIsTriedOnce) {
  ASSERT_TRUE(WaitReady()) << stack_.Get("sqlr", "sql1").dump(2) << stack_.OperatorLog();

  // Changed in both places: used without an error in between.
  const auto rotated = Now();
  ChangeOnServer("canary-sql-password-2");
  ChangeSecret("canary-sql-password-2");
  EXPECT_TRUE(Eventually([&] { return Logins("ok", rotated) > 0; }, kNoticed,
                         std::chrono::milliseconds(300)));
  EXPECT_EQ(Logins("18456", rotated), 0U);
  EXPECT_TRUE(WaitReady());

  // Changed on the server alone: one refused login, however often the object is looked at.
  const auto broken = Now();
  ChangeOnServer("canary-sql-password-3");
  CutConnection();
  ASSERT_TRUE(stack_.WaitCondition("sqlr", "sql1", "Reachable", "False", kNoticed));
  for (int round = 0; round < 4; ++round) {
    stack_.Kubectl({"-n", Stack::kNamespace, "annotate", "sqlr", "sql1", "--overwrite",
                    "round=" + std::to_string(round)});
    Pause(std::chrono::milliseconds(1100));
  }
  EXPECT_EQ(Logins("18456", broken), 1U);

  // The Secret is put right, and nobody tells the operator.
  ChangeSecret("canary-sql-password-3");
  EXPECT_TRUE(stack_.WaitCondition("sqlr", "sql1", "Ready", "True", kNoticed))
      << stack_.Get("sqlr", "sql1").dump(2);
  EXPECT_EQ(Logins("18456", broken), 1U);
  EXPECT_TRUE(LeakedSecrets(stack_).empty());
}

TEST_F(SecretE2eTest, SecretsCannotBeListedAndNeedNotBe) {
  ASSERT_TRUE(WaitReady());
  const std::map<std::string, std::vector<std::string>> refused = {
      {"secrets", {"list", "watch", "create", "update", "patch", "delete"}},
      {"configmaps", {"list", "watch", "update", "delete"}},  // it writes those of plans
  };
  for (const auto& [resource, verbs] : refused) {
    for (const std::string& verb : verbs) {
      // kubectl's exit code is 1 for "no", hence the question in this form.
      const json review = {
          {"apiVersion", "authorization.k8s.io/v1"},
          {"kind", "SubjectAccessReview"},
          {"spec",
           {{"user", "system:serviceaccount:milink-system:milink-operator"},
            {"resourceAttributes",
             {{"namespace", Stack::kNamespace}, {"verb", verb}, {"resource", resource}}}}}};
      const auto answer =
          json::parse(stack_.Kubectl({"create", "-f", "-", "-o", "json"}, review.dump()));
      EXPECT_FALSE(answer.at("status").at("allowed").get<bool>()) << verb << " " << resource;
    }
  }
}

}  // namespace
}  // namespace milink::e2e
