#include "core/kube/kubeconfig_file.h"

#include <gmock/gmock.h>

namespace milink::kube {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ParseKubeconfig, AnEmptyTextIsAnEmptyConfiguration) {
  const auto config = ParseKubeconfig("");
  ASSERT_TRUE(config.ok());
  EXPECT_TRUE(config->contexts.empty());
}

TEST(ParseKubeconfig, JsonIsYaml) {
  const auto config = ParseKubeconfig(
      R"({"current-context":"a","contexts":[{"name":"a","context":{"cluster":"c","user":"u"}}]})");
  EXPECT_EQ(config->current_context, "a");
  EXPECT_EQ(config->contexts.at("a").user, "u");
}

TEST(ParseKubeconfig, FieldsOfAnotherTypeAreAbsentNotACrash) {
  const auto config = ParseKubeconfig(
      "current-context: [x]\nclusters: 7\nusers: [7, {name: {}}]\ncontexts: {a: b}\n");
  EXPECT_FALSE(config.ok() && !config->contexts.empty());
  EXPECT_TRUE(ParseKubeconfig("clusters: [{name: c, cluster: 7}]").ok());
}

TEST(ParseKubeconfig, TwoEntriesOfOneNameAreAnError) {
  const auto config = ParseKubeconfig("users: [{name: u, user: {}}, {name: u, user: {}}]");
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(config.error().message, HasSubstr("\"u\""));
}

TEST(ParseKubeconfig, NoErrorQuotesAValue) {
  for (const char* text : {"users:\n- token: s3cret\n  x: [\n", "s3cret: [", "'s3cret",
                           "users: [{name: u, user: {client-key-data: s3cret!}}]"}) {
    const auto config = ParseKubeconfig(text);
    ASSERT_FALSE(config.ok()) << text;
    EXPECT_THAT(ToString(config.error()), Not(HasSubstr("s3cret")));
  }
}

TEST(ParseKubeconfig, AUserThatCannotBeUsedSpoilsOnlyItself) {
  const auto config = ParseKubeconfig(
      "users: [{name: old, user: {auth-provider: {}}}, {name: new, user: {token: t}}]");
  ASSERT_TRUE(config.ok());
  EXPECT_TRUE(config->users.at("old").unusable);
  EXPECT_FALSE(config->users.at("new").unusable);
}

// An alias repeated by aliases: 3 lines which mean 10^9 nodes.
TEST(ParseKubeconfig, AnExtensionThatGrowsWithoutEndIsRefused) {
  std::string text = "x0: &x0 [1,1,1,1,1,1,1,1,1,1]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*x" + std::to_string(i - 1);
    text += "x" + std::to_string(i) + ": &x" + std::to_string(i) + " [" + before;
    for (int j = 1; j < 10; ++j) {
      text += "," + before;
    }
    text += "]\n";
  }
  text +=
      "clusters: [{name: c, cluster: {extensions: [{name: client.authentication.k8s.io/exec, "
      "extension: *x8}]}}]\n";
  const auto config = ParseKubeconfig(text);
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(config.error().message, HasSubstr("too large"));
}

TEST(ResolvePaths, CountsFromTheFolderOfTheFileButLeavesAbsoluteAndBareNames) {
  Kubeconfig config;
  config.users["u"].token_file = "token";
  config.users["u"].certificate.path = "/etc/me.crt";
  config.users["u"].plugin.emplace().command = "login";
  config.users["v"].plugin.emplace().command = "./login";
  config.clusters["c"].authority.path = "../ca.crt";
  ResolvePaths(config, "/home/me");
  EXPECT_EQ(config.users["u"].token_file, "/home/me/token");
  EXPECT_EQ(config.users["u"].certificate.path, "/etc/me.crt");
  EXPECT_EQ(config.users["u"].key.path, "");
  EXPECT_EQ(config.users["u"].plugin->command, "login");
  EXPECT_EQ(config.users["v"].plugin->command, "/home/me/./login");
  EXPECT_EQ(config.clusters["c"].authority.path, "/home/me/../ca.crt");
}

}  // namespace
}  // namespace milink::kube
