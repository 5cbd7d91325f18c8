#include "core/kube/kubeconfig.h"

#include <map>

#include <gmock/gmock.h>

#include "tests/unit/kube/temp_folder.h"

namespace milink::kube {
namespace {

using testing::HasSubstr;

// A kubeconfig with one context; `cluster` and `user` are lines of their entries.
std::string Config(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: main\n"
         "contexts:\n- {name: main, context: {cluster: c, user: u, namespace: prod}}\n"
         "- {name: other, context: {cluster: c2, user: u}}\n"
         "- {name: broken, context: {cluster: nowhere, user: u}}\n"
         "clusters:\n- name: c\n  cluster:\n    server: https://10.0.0.1:6443/\n" +
         cluster + "- {name: c2, cluster: {server: 'https://other.test'}}\n" +
         "users:\n- name: u\n  user:\n    x: y\n" + user;
}

class KubeconfigTest : public testing::Test {
 protected:
  Result<ClusterAccess> Load(const std::string& cluster, const std::string& user,
                             const std::string& context = "") {
    return LoadKubeconfig(folder_.Write("config", Config(cluster, user)), context);
  }
  Environment With(std::map<std::string, std::string> variables) {
    Environment environment;
    environment.service_account = folder_.path() / "account";
    environment.variable =
        [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
      const auto it = variables.find(name);
      return it == variables.end() ? std::nullopt : std::optional(it->second);
    };
    return environment;
  }

  TempFolder folder_;
};

TEST_F(KubeconfigTest, TheCurrentContextWithATokenAndEmbeddedAuthority) {
  const auto access = Load("    certificate-authority-data: Y2E=\n    tls-server-name: api.test\n",
                           "    token: abc\n");
  ASSERT_TRUE(access.ok()) << ToString(access.error());
  EXPECT_EQ(access->server, "https://10.0.0.1:6443");
  EXPECT_EQ(access->ca_pem, "ca");
  EXPECT_EQ(access->tls_server_name, "api.test");
  EXPECT_EQ(access->token.Reveal(), "abc");
  EXPECT_EQ(access->namespace_name, "prod");
}

TEST_F(KubeconfigTest, ANamedContext) {
  const auto access = Load("", "", "other");
  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->server, "https://other.test");
  EXPECT_EQ(access->namespace_name, "default");
}

TEST_F(KubeconfigTest, RelativeFilesCountFromTheFolderOfTheFile) {
  folder_.Write("pki/ca.crt", "the-ca");
  folder_.Write("pki/me.crt", "my-cert");
  folder_.Write("pki/me.key", "my-key");
  const auto access = Load("    certificate-authority: pki/ca.crt\n",
                           "    client-certificate: pki/me.crt\n    client-key: pki/me.key\n"
                           "    tokenFile: pki/token\n");
  ASSERT_TRUE(access.ok()) << ToString(access.error());
  EXPECT_EQ(access->ca_pem, "the-ca");
  EXPECT_EQ(access->client_certificate_pem, "my-cert");
  EXPECT_EQ(access->client_key_pem.Reveal(), "my-key");
  EXPECT_EQ(access->token_file, (folder_.path() / "pki/token").string());
}

TEST_F(KubeconfigTest, EmbeddedDataWinsOverAFile) {
  const auto access =
      Load("    certificate-authority: missing.crt\n    certificate-authority-data: Y2E=\n", "");
  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->ca_pem, "ca");
}

struct RefusedCase {
  const char* name;
  const char* cluster;
  const char* user;
  const char* context;
  ErrorKind kind;
  const char* says;
};

class RefusedTest : public KubeconfigTest, public testing::WithParamInterface<RefusedCase> {};

TEST_P(RefusedTest, SaysWhatIsWrongAndWhere) {
  const auto access = Load(GetParam().cluster, GetParam().user, GetParam().context);
  ASSERT_FALSE(access.ok());
  EXPECT_EQ(access.error().kind, GetParam().kind) << ToString(access.error());
  EXPECT_THAT(access.error().message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Table, RefusedTest,
    testing::Values(
        RefusedCase{"UnknownContext", "", "", "nope", ErrorKind::kInvalid, "\"nope\""},
        RefusedCase{"UnknownCluster", "", "", "broken", ErrorKind::kInvalid, "\"nowhere\""},
        RefusedCase{"AuthProvider", "", "    auth-provider: {name: gcp}\n", "",
                    ErrorKind::kUnsupported, "auth-provider"},
        RefusedCase{"BasicAuthentication", "", "    username: me\n", "", ErrorKind::kUnsupported,
                    "basic authentication"},
        RefusedCase{"ProxyThatSpeaksTls", "    proxy-url: https://p\n", "", "",
                    ErrorKind::kUnsupported, "http:// proxy"},
        RefusedCase{"ProxyThatIsNoAddress", "    proxy-url: 'http://'\n", "", "",
                    ErrorKind::kInvalid, "proxy"},
        RefusedCase{"PluginWithoutInteractiveMode", "",
                    "    exec: {command: x, apiVersion: client.authentication.k8s.io/v1}\n", "",
                    ErrorKind::kInvalid, "interactiveMode"},
        RefusedCase{"InsecureWithAuthority",
                    "    insecure-skip-tls-verify: true\n    certificate-authority-data: Y2E=\n",
                    "", "", ErrorKind::kInvalid, "exclude each other"},
        RefusedCase{"DataThatIsNotBase64", "    certificate-authority-data: '!'\n", "", "",
                    ErrorKind::kInvalid, "not base64"},
        RefusedCase{"FileMissing", "    certificate-authority: none.crt\n", "", "",
                    ErrorKind::kNotFound, "none.crt"},
        RefusedCase{"CertificateWithoutKey", "", "    client-certificate-data: Y2E=\n", "",
                    ErrorKind::kInvalid, "key"}),
    [](const auto& test) { return test.param.name; });

TEST_F(KubeconfigTest, AServerWithoutTlsIsUnsupported) {
  const auto path =
      folder_.Write("plain",
                    "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\n"
                    "clusters: [{name: c, cluster: {server: 'http://localhost:8001'}}]\n");
  EXPECT_EQ(LoadKubeconfig(path, "").error().kind, ErrorKind::kUnsupported);
}

TEST_F(KubeconfigTest, BrokenYamlIsNamedByLineAndNeverQuoted) {
  const auto path = folder_.Write("config", "users:\n- token: s3cret\n  x: [\n");
  const auto access = LoadKubeconfig(path, "");
  ASSERT_FALSE(access.ok());
  EXPECT_THAT(access.error().message, HasSubstr("line"));
  EXPECT_THAT(ToString(access.error()), testing::Not(HasSubstr("s3cret")));
  EXPECT_FALSE(LoadKubeconfig(folder_.Write("list", "- a\n"), "").ok());
  EXPECT_FALSE(LoadKubeconfig(folder_.Write("empty", ""), "").ok());
}

TEST_F(KubeconfigTest, AsAPod) {
  folder_.Write("account/token", "pod-token\n");
  folder_.Write("account/ca.crt", "pod-ca");
  folder_.Write("account/namespace", "milink-system");
  const auto environment = With({{"KUBERNETES_SERVICE_HOST", "10.96.0.1"},
                                 {"KUBERNETES_SERVICE_PORT", "443"},
                                 {"HOME", "/nonexistent"}});
  const auto access = LoadClusterAccess({}, environment);
  ASSERT_TRUE(access.ok()) << ToString(access.error());
  EXPECT_EQ(access->server, "https://10.96.0.1:443");
  EXPECT_EQ(access->ca_pem, "pod-ca");
  EXPECT_EQ(access->token.Reveal(), "pod-token");
  EXPECT_EQ(access->token_file, (folder_.path() / "account/token").string());
  EXPECT_EQ(access->namespace_name, "milink-system");
}

TEST_F(KubeconfigTest, AsAPodWithIpv6) {
  folder_.Write("account/token", "t");
  const auto access = LoadInCluster(
      With({{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "443"}}));
  EXPECT_EQ(access->server, "https://[fd00::1]:443");
}

TEST_F(KubeconfigTest, AsAPodWithoutATokenIsAnErrorNotAFallback) {
  folder_.Write(".kube/config", Config("", ""));
  const auto environment = With({{"KUBERNETES_SERVICE_HOST", "10.96.0.1"},
                                 {"KUBERNETES_SERVICE_PORT", "443"},
                                 {"HOME", folder_.path().string()}});
  EXPECT_EQ(LoadClusterAccess({}, environment).error().reason, "FileMissing");
}

TEST_F(KubeconfigTest, TheSourcesInTheirOrder) {
  const auto flag = folder_.Write("flag", Config("", "    token: flag\n"));
  const auto variable = folder_.Write("variable", Config("", "    token: variable\n"));
  folder_.Write(".kube/config", Config("", "    token: home\n"));
  folder_.Write("account/token", "pod");
  std::map<std::string, std::string> all{{"KUBECONFIG", variable},
                                         {"KUBERNETES_SERVICE_HOST", "h"},
                                         {"KUBERNETES_SERVICE_PORT", "1"},
                                         {"HOME", folder_.path().string()}};
  EXPECT_EQ(LoadClusterAccess({flag, ""}, With(all))->token.Reveal(), "flag");
  EXPECT_EQ(LoadClusterAccess({}, With(all))->token.Reveal(), "variable");
  all.erase("KUBECONFIG");
  EXPECT_EQ(LoadClusterAccess({}, With(all))->token.Reveal(), "pod");
  EXPECT_EQ(LoadClusterAccess({"", "main"}, With(all))->token.Reveal(), "home")
      << "a named context can only mean a kubeconfig";
  all.erase("KUBERNETES_SERVICE_HOST");
  EXPECT_EQ(LoadClusterAccess({}, With(all))->token.Reveal(), "home");
  EXPECT_EQ(LoadClusterAccess({}, With({})).error().kind, ErrorKind::kNotFound);
}

TEST_F(KubeconfigTest, APluginWithWhatItsClusterHasForIt) {
  const auto access = Load(
      "    extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a}}]\n",
      "    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: bin/login\n"
      "      args: [get, token]\n      env: [{name: A, value: b}]\n      interactiveMode: Never\n"
      "      provideClusterInfo: true\n      installHint: install it\n");
  ASSERT_TRUE(access.ok()) << ToString(access.error());
  ASSERT_TRUE(access->plugin);
  EXPECT_EQ(access->plugin->command, (folder_.path() / "bin/login").string());
  EXPECT_EQ(access->plugin->arguments, (std::vector<std::string>{"get", "token"}));
  EXPECT_EQ(access->plugin->environment.at(0), std::pair(std::string("A"), std::string("b")));
  EXPECT_EQ(access->plugin->interaction, PluginInteraction::kNever);
  EXPECT_TRUE(access->plugin->wants_cluster_info);
  EXPECT_EQ(access->plugin->install_hint, "install it");
  EXPECT_EQ(access->plugin->cluster_config, R"({"audience":"a"})");
}

TEST_F(KubeconfigTest, ATokenBesideAPluginWinsAndIsNoted) {
  const auto access = Load("",
                           "    token: t\n    exec: {command: login, interactiveMode: Never, "
                           "apiVersion: client.authentication.k8s.io/v1}\n");
  EXPECT_EQ(access->plugin->command, "login") << "a bare name is searched in PATH";
  EXPECT_THAT(access->notes, testing::ElementsAre(HasSubstr("not used")));
}

TEST_F(KubeconfigTest, Impersonation) {
  const auto access = Load("",
                           "    as: jane\n    as-uid: u1\n    as-groups: [dev, ops]\n"
                           "    as-user-extra: {scopes: [a, b]}\n");
  ASSERT_TRUE(access.ok()) << ToString(access.error());
  EXPECT_EQ(access->impersonate.user, "jane");
  EXPECT_EQ(access->impersonate.uid, "u1");
  EXPECT_EQ(access->impersonate.groups, (std::vector<std::string>{"dev", "ops"}));
  EXPECT_EQ(access->impersonate.extra.at("scopes"), (std::vector<std::string>{"a", "b"}));
}

TEST_F(KubeconfigTest, FilesThatMayBeReplacedAreRememberedEmbeddedDataIsNot) {
  folder_.Write("ca.crt", "ca");
  folder_.Write("me.crt", "cert");
  folder_.Write("me.key", "key");
  const auto files = Load("    certificate-authority: ca.crt\n",
                          "    client-certificate: me.crt\n    client-key: me.key\n");
  EXPECT_EQ(files->ca_file, (folder_.path() / "ca.crt").string());
  EXPECT_EQ(files->client_certificate_file, (folder_.path() / "me.crt").string());
  EXPECT_EQ(files->client_key_file, (folder_.path() / "me.key").string());
  const auto data =
      Load("    certificate-authority-data: Y2E=\n    certificate-authority: x\n", "");
  EXPECT_EQ(data->ca_file, "");
}

TEST_F(KubeconfigTest, TheProxyOfTheClusterWinsOverThatOfTheEnvironment) {
  const auto with = folder_.Write("with", Config("    proxy-url: http://mine:3128\n", ""));
  const auto without = folder_.Write("without", Config("", ""));
  const auto environment = With({{"HTTPS_PROXY", "theirs:8080"}});
  EXPECT_EQ(LoadClusterAccess({with, ""}, environment)->proxy->host, "mine");
  EXPECT_EQ(LoadClusterAccess({without, ""}, environment)->proxy->host, "theirs");
  EXPECT_FALSE(LoadClusterAccess({without, ""}, With({}))->proxy);
  EXPECT_FALSE(LoadClusterAccess({without, ""},
                                 With({{"HTTPS_PROXY", "theirs:8080"}, {"NO_PROXY", "10.0.0.0/8"}}))
                   ->proxy);
}

TEST_F(KubeconfigTest, AsAPodWithoutAnAuthorityTheSystemDecidesAndItIsNoted) {
  folder_.Write("account/token", "t");
  const auto access = LoadInCluster(
      With({{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}, {"KUBERNETES_SERVICE_PORT", "443"}}));
  EXPECT_EQ(access->ca_pem, "");
  EXPECT_THAT(access->notes, testing::ElementsAre(HasSubstr("ca.crt")));
}

class KubeconfigListTest : public KubeconfigTest {
 protected:
  Result<ClusterAccess> LoadList(const std::string& list, const std::string& context = "") {
    return LoadClusterAccess({"", context}, With({{"KUBECONFIG", list}}));
  }
  std::string At(const std::string& name) { return (folder_.path() / name).string(); }
};

TEST_F(KubeconfigListTest, TheFirstFileToDefineAnEntryWinsWhole) {
  const auto first = folder_.Write(
      "a/first", "current-context: main\nusers: [{name: u, user: {tokenFile: token}}]\n");
  const auto second = folder_.Write(
      "b/second", Config("    certificate-authority: ca.crt\n", "    token: other\n    as: x\n"));
  folder_.Write("b/ca.crt", "the-ca");
  const auto access = LoadList(first + ":" + second);
  ASSERT_TRUE(access.ok()) << ToString(access.error());
  EXPECT_EQ(access->token_file, At("a/token"));
  EXPECT_TRUE(access->token.empty()) << "entries must not be mixed";
  EXPECT_EQ(access->impersonate.user, "");
  EXPECT_EQ(access->ca_pem, "the-ca");
  EXPECT_EQ(access->ca_file, At("b/ca.crt"));
  EXPECT_EQ(LoadList(second + ":" + first)->token.Reveal(), "other");
}

TEST_F(KubeconfigListTest, TheFirstCurrentContextWins) {
  const auto first = folder_.Write("first", "current-context: other\n");
  const auto second = folder_.Write("second", Config("", ""));
  EXPECT_EQ(LoadList(first + ":" + second)->server, "https://other.test");
  EXPECT_EQ(LoadList(first + ":" + second, "main")->server, "https://10.0.0.1:6443");
}

TEST_F(KubeconfigListTest, MissingEmptyAndRepeatedFilesAreSkipped) {
  const auto path = folder_.Write("config", Config("", ""));
  const auto empty = folder_.Write("empty", "");
  EXPECT_TRUE(LoadList(":" + path + ":").ok());
  EXPECT_TRUE(LoadList(At("none") + ":" + empty + ":" + path + ":" + path).ok());
}

TEST_F(KubeconfigListTest, WhenNoneOfTheFilesExistThereIsNoFallback) {
  folder_.Write(".kube/config", Config("", ""));
  const auto access = LoadClusterAccess(
      {}, With({{"KUBECONFIG", At("x") + ":" + At("y")}, {"HOME", folder_.path().string()}}));
  EXPECT_EQ(access.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(access.error().message, HasSubstr(At("x")));
}

TEST_F(KubeconfigListTest, ABrokenFileIsAnErrorThatNamesIt) {
  const auto path = folder_.Write("config", Config("", ""));
  const auto broken = folder_.Write("broken", "users: [\n");
  EXPECT_THAT(LoadList(path + ":" + broken).error().message, HasSubstr(broken));
}

TEST_F(KubeconfigListTest, AnExplicitPathThatIsMissingIsAnError) {
  EXPECT_EQ(LoadClusterAccess({At("none"), ""}, With({})).error().reason, "FileMissing");
}

}  // namespace
}  // namespace milink::kube
