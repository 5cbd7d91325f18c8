#include "core/kube/exec_protocol.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace milink::kube {
namespace {

using nlohmann::json;

constexpr const char* kV1 = "client.authentication.k8s.io/v1";

CredentialPlugin Plugin() {
  CredentialPlugin plugin;
  plugin.command = "login";
  plugin.api_version = kV1;
  return plugin;
}

// An answer with this status.
std::string Answer(const std::string& status) {
  return R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":)" +
         status + "}";
}

TEST(CheckPlugin, TakesTheTwoVersionsThatThereAre) {
  CredentialPlugin plugin = Plugin();
  EXPECT_TRUE(CheckPlugin(plugin).ok());
  plugin.api_version = "client.authentication.k8s.io/v1beta1";
  EXPECT_TRUE(CheckPlugin(plugin).ok());
  plugin.api_version = "client.authentication.k8s.io/v1alpha1";
  EXPECT_EQ(CheckPlugin(plugin).error().kind, ErrorKind::kInvalid);
  plugin = Plugin();
  plugin.command.clear();
  EXPECT_EQ(CheckPlugin(plugin).error().kind, ErrorKind::kInvalid);
}

TEST(ExecInfo, SaysNothingOfTheClusterUnlessAsked) {
  ClusterAccess access;
  access.server = "https://api.test";
  EXPECT_EQ(
      json::parse(ExecInfo(access, Plugin(), true)),
      (json{{"apiVersion", kV1}, {"kind", "ExecCredential"}, {"spec", {{"interactive", true}}}}));
}

TEST(ExecInfo, DescribesTheCluster) {
  ClusterAccess access;
  access.server = "https://api.test";
  access.ca_pem = "ca";
  access.tls_server_name = "name.test";
  access.proxy.emplace();
  access.proxy->url = Secret("http://proxy:3128");
  CredentialPlugin plugin = Plugin();
  plugin.wants_cluster_info = true;
  plugin.cluster_config = R"({"audience":"a"})";
  EXPECT_EQ(json::parse(ExecInfo(access, plugin, false)).at("spec"),
            (json{{"interactive", false},
                  {"cluster",
                   {{"server", "https://api.test"},
                    {"certificate-authority-data", "Y2E="},
                    {"tls-server-name", "name.test"},
                    {"proxy-url", "http://proxy:3128"},
                    {"config", {{"audience", "a"}}}}}}));
  access = {};
  access.insecure_skip_tls_verify = true;
  EXPECT_EQ(json::parse(ExecInfo(access, plugin, false))
                .at("spec")
                .at("cluster")
                .at("insecure-skip-tls-verify"),
            true);
}

TEST(ParsePluginAnswer, ATokenWithItsEnd) {
  const auto answer = ParsePluginAnswer(
      Answer(R"({"token":"t","expirationTimestamp":"2026-11-21T10:05:00Z"})"), kV1);
  ASSERT_TRUE(answer.ok()) << ToString(answer.error());
  EXPECT_EQ(answer->identity.token.Reveal(), "t");
  EXPECT_EQ(answer->expires, TimePoint(std::chrono::seconds(1'795'255'500)));
}

TEST(ParsePluginAnswer, ACertificateThatNeverExpires) {
  const auto answer =
      ParsePluginAnswer(Answer(R"({"clientCertificateData":"c","clientKeyData":"k"})"), kV1);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->identity.certificate_pem, "c");
  EXPECT_EQ(answer->identity.key_pem.Reveal(), "k");
  EXPECT_FALSE(answer->expires);
}

struct BadAnswerCase {
  const char* name;
  std::string text;
};

class BadAnswerTest : public testing::TestWithParam<BadAnswerCase> {};

TEST_P(BadAnswerTest, IsRefusedWithoutBeingQuoted) {
  const auto answer = ParsePluginAnswer(GetParam().text, kV1);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().reason, "PluginAnswerInvalid");
  EXPECT_THAT(ToString(answer.error()), testing::Not(testing::HasSubstr("s3cret")));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadAnswerTest,
    testing::Values(
        BadAnswerCase{"Nothing", ""}, BadAnswerCase{"NoJson", "token: s3cret"},
        BadAnswerCase{"NoObject", "[\"s3cret\"]"},
        BadAnswerCase{"AnotherKind", R"({"kind":"Secret","apiVersion":"v1"})"},
        BadAnswerCase{"AnotherVersion", R"({"apiVersion":"client.authentication.k8s.io/v1beta1",)"
                                        R"("kind":"ExecCredential","status":{"token":"s3cret"}})"},
        BadAnswerCase{"NoStatus", Answer("null")}, BadAnswerCase{"NoCredential", Answer("{}")},
        BadAnswerCase{"CertificateWithoutKey", Answer(R"({"clientCertificateData":"s3cret"})")},
        BadAnswerCase{"KeyWithoutCertificate", Answer(R"({"token":"t","clientKeyData":"s3cret"})")},
        BadAnswerCase{"EndThatIsNoTime",
                      Answer(R"({"token":"s3cret","expirationTimestamp":"soon"})")}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace milink::kube
