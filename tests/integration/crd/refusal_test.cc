// What the schemas refuse, and how they say it.
#include <regex>

#include <gmock/gmock.h>

#include "tests/gen/manifests.h"
#include "tests/integration/crd/crd_env.h"
#include "tests/integration/crd/refusals.h"

namespace milink::test {
namespace {

using ::testing::HasSubstr;

std::string WithoutIndexes(const std::string& text) {
  return std::regex_replace(text, std::regex(R"(\[\d+\])"), "");
}

// The server's answer to `bad`, which follows `before` when the rule is about a change.
CommandOutput Answer(const nlohmann::json& valid, const Refusal& refusal) {
  const nlohmann::json bad = Changed(valid, refusal.patch);
  if (refusal.before == nullptr) {
    return TryCreate(bad);
  }
  Store(Changed(valid, refusal.before));
  const CommandOutput answer =
      CrdEnv().Kubectl({"replace", "--dry-run=server", "-f", "-"}, bad.dump());
  CrdEnv().Kubectl({"delete", "-f", "-"}, bad.dump());
  return answer;
}

void ExpectRefused(const nlohmann::json& valid, const Refusal& refusal) {
  SCOPED_TRACE(refusal.name);
  const CommandOutput answer = Answer(valid, refusal);
  EXPECT_NE(answer.exit_code, 0);
  const std::string said = WithoutIndexes(answer.err);
  EXPECT_THAT(said, HasSubstr(refusal.message));
  // Another field than the one meant would be refused by chance.
  const std::string field(refusal.field);
  EXPECT_TRUE(said.find(field + ":") != std::string::npos ||
              said.find("\"" + field + "\"") != std::string::npos)
      << said;
}

TEST(ReplicaSchema, RefusesWithAHelpfulMessage) {
  for (const Refusal& refusal : ReplicaRefusals()) {
    ExpectRefused(gen::ReplicaManifest("bad"), refusal);
  }
}

TEST(LinkSchema, RefusesWithAHelpfulMessage) {
  for (const Refusal& refusal : LinkRefusals()) {
    ExpectRefused(gen::LinkManifest("bad", {"sales"}), refusal);
  }
}

}  // namespace
}  // namespace milink::test
