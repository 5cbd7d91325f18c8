// Every secret of the product at once, each used with success and each refused somewhere: none is
// seen again in any log line, event, object, metric or page, nor in what the systems were sent.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"
#include "tests/integration/command.h"
#include "tests/sim/arm/jwt.h"
#include "tests/sim/world/pvk.h"
#include "tests/sim/world/x509.h"

namespace milink::e2e {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kTenant[] = "11111111-1111-1111-1111-111111111111";
constexpr char kOwnClient[] = "22222222-2222-2222-2222-222222222222";
constexpr char kSecretClient[] = "44444444-4444-4444-4444-444444444444";
constexpr char kTokenClient[] = "66666666-6666-6666-6666-666666666666";
constexpr char kOthersClient[] = "77777777-7777-7777-7777-777777777777";

constexpr char kKeyPassword[] = "canary-password-of-key";
constexpr char kLinkSecret[] = "canary-secret-of-link";
constexpr char kRefusedSecret[] = "canary-secret-refused";
constexpr char kRefusedPassword[] = "canary-password-refused";
constexpr char kWrongMasterKey[] = "Canary-Wrong-Master-Key-2";
constexpr char kBrokenKey[] = "canary-in-a-broken-key";

sim::CertificateWithKey MakeRsa(const std::string& name) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return sim::MakeCertificate({.common_name = name,
                               .dns_names = {},
                               .not_before = now - std::chrono::hours(24),
                               .not_after = now + std::chrono::hours(24 * 30),
                               .authority = false,
                               .rsa = true});
}

// A line of the key as any text of it would show it.
std::string LineOf(const std::string& pem) { return Split(pem, '\n').at(2); }

json Principal(const std::string& client) {
  return {{"tenantId", kTenant}, {"clientId", client}, {"objectId", client}};
}

json Database(const std::string& name) {
  return {{"name", name}, {"recovery", "FULL"}, {"fullBackup", true}, {"sizeBytes", 1 << 20}};
}

// What is planted by this test alone, in files and in the world.
class Canaries {
 public:
  Canaries() {
    std::string folder = std::filesystem::temp_directory_path() / "milink-canary-XXXXXX";
    folder_ = mkdtemp(folder.data());
    const auto encrypted = test::RunCommand(
        {"openssl", "pkcs8", "-topk8", "-passout", std::string("pass:") + kKeyPassword},
        own_.key_pem);
    EXPECT_TRUE(encrypted.ok()) << encrypted.err;
    encrypted_key_ = encrypted.out;
    std::ofstream(folder_ / "own.pem") << own_.certificate_pem << encrypted_key_;
    const json claims{{"sub", "system:serviceaccount:milink-system:milink-operator"}};
    token_ = sim::EncodeBase64Url(R"({"alg":"RS256"})") + "." +
             sim::EncodeBase64Url(claims.dump()) + ".Y2FuYXJ5LXNpZ25hdHVyZQ";
    std::ofstream(folder_ / "token") << token_;
  }
  ~Canaries() { std::filesystem::remove_all(folder_); }
  Canaries(const Canaries&) = delete;
  Canaries& operator=(const Canaries&) = delete;

  Stack::Settings Settings() const {
    Stack::Settings settings;
    settings.world = World();
    settings.arguments = {"--azure-identity", "ClientCertificate", "--leader-elect=true"};
    settings.environment = {{"AZURE_CLIENT_CERTIFICATE_PATH", folder_ / "own.pem"},
                            {"AZURE_CLIENT_CERTIFICATE_PASSWORD", kKeyPassword},
                            {"AZURE_FEDERATED_TOKEN_FILE", folder_ / "token"}};
    return settings;
  }
  const sim::CertificateWithKey& unknown() const { return unknown_; }
  const sim::CertificateWithKey& authority() const { return authority_; }

  std::vector<std::string> All(Stack& stack) const {
    std::vector<std::string> out{kKeyPassword,
                                 kLinkSecret,
                                 kRefusedSecret,
                                 kRefusedPassword,
                                 kWrongMasterKey,
                                 kBrokenKey,
                                 token_,
                                 LineOf(own_.key_pem),
                                 LineOf(encrypted_key_),
                                 LineOf(unknown_.key_pem),
                                 LineOf(authority_.key_pem),
                                 KubernetesToken(stack)};
    const std::string factor = TdeFactor(stack);
    out.insert(out.end(), {factor, ToHex(factor), ToLowerAscii(ToHex(factor))});
    return out;
  }

 private:
  // SQL1 has links and an encrypted database; SQL2's master key has another password than its
  // Secret says; SQL3 is prepared after an approval.
  json World() const {
    json world = TestableWorld();
    json others = ForeignWorld()["sqlServers"][0];
    others["databases"] = json::array();
    json& first = world["sqlServers"][0];
    first["masterKey"] = true;
    first["certificates"] = {"TdeCert"};
    first["databases"] = json::array();
    for (const char* name : {"sales", "orders", "staff", "d1", "d2", "d3", "d4", "d5"}) {
      first["databases"].push_back(Database(name));
    }
    first["databases"][0]["encryptionCertificate"] = "TdeCert";
    others["serverName"] = "SQL2";
    others["addresses"] = {"10.0.0.5"};
    world["sqlServers"].push_back(others);
    json third = DefaultWorld()["sqlServers"][0];
    third["databases"] = json::array();
    third["serverName"] = "SQL3";
    third["addresses"] = {"10.0.0.6"};
    world["sqlServers"].push_back(third);

    json own = Principal(kOwnClient);
    own["certificate"] = own_.certificate_pem;
    json secret = Principal(kSecretClient);
    secret["secret"] = kLinkSecret;
    json others_token = Principal(kOthersClient);
    others_token["federatedSubject"] = "somebody else";
    world["principals"] = {own, secret, Principal(kTokenClient), others_token};
    const json all = {{{"actions", {"*"}}}};
    world["managedInstances"][0]["permissions"] = {
        {kOwnClient, all}, {kSecretClient, all}, {kTokenClient, all}};
    return world;
  }
  static std::string KubernetesToken(const Stack& stack) {
    std::ifstream file(stack.direct_kubeconfig());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::string key = "token: ";
    const auto at = text.find(key);
    EXPECT_NE(at, std::string::npos);
    const auto begin = at + key.size();
    return text.substr(begin, text.find_first_of("\"\n ,}", begin) - begin);
  }
  // The first factor of the TDE certificate's key.
  static std::string TdeFactor(Stack& stack) {
    const auto world = stack.sim().world().Enter();
    const auto* const certificate = world->FindInstance("SQL1")->FindCertificate("TdeCert");
    const std::string pvk = sim::MakePvk(certificate->private_key_pem, "");
    constexpr std::size_t kHeaders = 24 + 8 + 12;
    const auto modulus = static_cast<std::size_t>(certificate->key_length) / 8;
    return pvk.substr(kHeaders + modulus, modulus / 2);
  }

  std::filesystem::path folder_;
  sim::CertificateWithKey own_ = MakeRsa("operator");
  sim::CertificateWithKey unknown_ = MakeRsa("unknown");
  sim::CertificateWithKey authority_ = MakeRsa("authority");
  std::string encrypted_key_;
  std::string token_;
};

class CanaryE2eTest : public ::testing::Test {
 protected:
  void ApplySecret(const std::string& name, const json& data) {
    stack_.Apply({{"apiVersion", "v1"},
                  {"kind", "Secret"},
                  {"metadata", {{"name", name}, {"namespace", Stack::kNamespace}}},
                  {"stringData", data}});
  }
  void ApplyReplica(const std::string& name, const std::string& server, const json& more) {
    json manifest = stack_.ReplicaManifest();
    manifest["metadata"]["name"] = name;
    manifest["spec"]["port"] = stack_.sim().tds_port(server);
    manifest["spec"].merge_patch(more);
    stack_.Apply(manifest);
  }
  void ApplyLink(const std::string& name, const std::string& database, const json& instance) {
    json manifest = TestedLink(stack_, "Warn");
    manifest["metadata"]["name"] = name;
    manifest["spec"]["databases"] = {{{"name", database}}};
    manifest["spec"]["preparation"]["tdeCertificates"] = "Migrate";
    manifest["spec"]["managedInstance"].merge_patch(instance);
    stack_.Apply(manifest);
  }
  static json Credentials(const std::string& type, const std::string& client,
                          const std::string& secret = "") {
    json credentials{{"type", type}, {"clientId", client}, {"tenantId", kTenant}};
    if (!secret.empty()) {
      credentials["secretRef"] = {{"name", secret}};
    }
    return {{"credentials", credentials}};
  }

  void ApplyWhatWorks() {
    stack_.ApplySecrets();
    stack_.Apply(InstanceLogin(stack_));
    // With the key of the authority beside it, as a Secret of type kubernetes.io/tls has it.
    ApplySecret("sql-authority", {{"ca.crt", stack_.sim().sql_authority_pem()},
                                  {"tls.key", canaries_.authority().key_pem}});
    ApplySecret("link-secret", {{"clientSecret", kLinkSecret}});
    ApplyReplica("sql1", "SQL1",
                 {{"tls", {{"caRef", {{"kind", "Secret"}, {"name", "sql-authority"}}}}}});
    ApplyReplica("sql3", "SQL3", {{"mode", "Plan"}});
    ApplyLink("own", "sales", json::object());
    ApplyLink("by-secret", "orders", Credentials("ClientSecret", kSecretClient, "link-secret"));
    ApplyLink("by-token", "staff", Credentials("WorkloadIdentity", kTokenClient));
  }
  void ApplyWhatIsRefused() {
    ApplySecret("bad-login", {{"username", "milink"}, {"password", kRefusedPassword}});
    ApplySecret("bad-master-key", {{"password", kWrongMasterKey}});
    ApplySecret("bad-secret", {{"clientSecret", kRefusedSecret}});
    ApplySecret("bad-certificate", {{"tls.crt", canaries_.unknown().certificate_pem},
                                    {"tls.key", canaries_.unknown().key_pem}});
    ApplySecret("broken-key", {{"tls.crt", canaries_.unknown().certificate_pem},
                               {"tls.key", std::string("-----BEGIN PRIVATE KEY-----\n") +
                                               kBrokenKey + "\n-----END PRIVATE KEY-----\n"}});
    json login = InstanceLogin(stack_);
    login["metadata"]["name"] = "bad-instance-login";
    login["stringData"]["password"] = kRefusedPassword;
    stack_.Apply(login);
    ApplyReplica("bad-login", "SQL1", {{"credentialsSecretRef", {{"name", "bad-login"}}}});
    ApplyReplica("bad-master-key", "SQL2",
                 {{"masterKey", {{"passwordSecretRef", {{"name", "bad-master-key"}}}}}});
    ApplyLink("bad-secret", "d1", Credentials("ClientSecret", kSecretClient, "bad-secret"));
    ApplyLink("bad-certificate", "d2",
              Credentials("ClientCertificate", kOwnClient, "bad-certificate"));
    ApplyLink("broken-key", "d3", Credentials("ClientCertificate", kOwnClient, "broken-key"));
    ApplyLink("bad-token", "d4", Credentials("WorkloadIdentity", kOthersClient));
    ApplyLink("bad-instance-login", "d5",
              {{"sqlCredentialsSecretRef", {{"name", "bad-instance-login"}}}});
    // The others' test of the same two sides would do for it.
    stack_.Kubectl({"-n", Stack::kNamespace, "annotate", "mil", "bad-instance-login",
                    "milink.dev/test-network=now"});
  }
  bool RefusedOnInstance() {
    const auto entries = stack_.sim().journal().Entries();
    return std::ranges::any_of(entries, [](const auto& entry) {
      return entry.call.kind == sim::CallKind::kLogin && entry.call.target == "sqlmi1" &&
             entry.result == "18456";
    });
  }
  void Approve(const std::string& replica) {
    ASSERT_TRUE(Becomes("sqlr", replica, "Stalled", "True ApprovalRequired"));
    const std::string hash = stack_.Get("sqlr", replica).at("status").at("plan").at("hash");
    stack_.Kubectl(
        {"-n", Stack::kNamespace, "annotate", "sqlr", replica, "milink.dev/approve-plan=" + hash});
  }
  bool Becomes(const std::string& kind, const std::string& name, const std::string& type,
               const std::string& wanted) {
    return Eventually([&] { return stack_.Condition(kind, name, type).starts_with(wanted); },
                      std::chrono::seconds(90), std::chrono::milliseconds(300));
  }

  Canaries canaries_;
  Stack stack_{canaries_.Settings()};
};

TEST_F(CanaryE2eTest, NoSecretIsSeenAgainWhetherItWorksOrIsRefused) {
  sim::Fault fails;  // the first upload of the encrypted database's key
  fails.operation = "POST tdeCertificates";
  fails.http = {.status = 500, .code = "InternalServerError", .message = "try again"};
  stack_.sim().calls().AddFault(fails);
  ApplyWhatWorks();
  ApplyWhatIsRefused();
  stack_.StartOperator();
  Approve("sql3");

  struct {
    const char* kind;
    const char* name;
    const char* type;
    const char* wanted;
  } constexpr kExpected[] = {
      {"sqlr", "sql1", "Ready", "True"},
      {"sqlr", "sql3", "Ready", "True"},
      {"mil", "own", "Ready", "True"},
      {"mil", "by-secret", "Ready", "True"},
      {"mil", "by-token", "Ready", "True"},
      {"sqlr", "bad-login", "Reachable", "False LoginFailed"},
      {"sqlr", "bad-master-key", "MasterKeyReady", "False MasterKeyPasswordWrong"},
      {"mil", "bad-secret", "AzureAuthorized", "False CredentialRejected"},
      {"mil", "bad-certificate", "AzureAuthorized", "False CredentialRejected"},
      {"mil", "broken-key", "AzureAuthorized", "False"},
      {"mil", "bad-token", "AzureAuthorized", "False Credential"},
  };
  for (const auto& [kind, name, type, wanted] : kExpected) {
    EXPECT_TRUE(Becomes(kind, name, type, wanted)) << stack_.Get(kind, name).dump(2);
  }
  EXPECT_TRUE(Eventually([&] { return RefusedOnInstance(); }, std::chrono::seconds(90)))
      << stack_.Get("mil", "bad-instance-login").dump(2);
  const auto script = stack_.Get("configmap", "sql3-plan").dump();
  EXPECT_THAT(script, HasSubstr("<sql1-master-key/password>"));
  EXPECT_THAT(stack_.Kubectl({"get", "leases", "-A"}), HasSubstr("milink-operator"));
  EXPECT_THAT(LeakedSecrets(stack_, canaries_.All(stack_)), IsEmpty());

  // The search finds what is there.
  const auto found = LeakedSecrets(stack_, {"milink"});
  for (const char* place : {"the log", "the journal", "the metrics", "an object or event"}) {
    EXPECT_THAT(found, Contains("milink in " + std::string(place)));
  }
}

}  // namespace
}  // namespace milink::e2e
