// Mistakes in a SqlServerReplica, in what it refers to, or in the instance that it names.
#include "tests/e2e/bad_input.h"

namespace milink::e2e {
namespace {

using nlohmann::json;

constexpr char kReplica[] = "SqlServerReplica";
constexpr char kWrongPassword[] = "canary-wrong-password";

json Replica(Stack& stack, const std::string& name, const std::string& server,
             const std::string& address, const json& more = json::object()) {
  json manifest = stack.ReplicaManifest();
  manifest["metadata"]["name"] = name;
  manifest["spec"]["port"] = stack.sim().tds_port(server);
  manifest["spec"]["endpoint"] = {{"address", address}, {"port", 5022}};
  manifest["spec"].update(more);
  return manifest;
}

json WithoutTls(json manifest) {
  manifest["spec"].erase("tls");
  return manifest;
}

}  // namespace

std::vector<Case> ReplicaCases() {
  return {
      {"The login's Secret is missing",
       kReplica,
       "no-secret",
       "Reachable",
       "False SecretNotFound",
       {"shop/nowhere", "spec.credentialsSecretRef", "create it"}},
      {"The login's Secret has no password",
       kReplica,
       "no-key",
       "Reachable",
       "False SecretKeyMissing",
       {"shop/half-login", "spec.credentialsSecretRef", "password", "add it"}},
      {"The master key's Secret is missing",
       kReplica,
       "no-master-key-secret",
       "MasterKeyReady",
       "False SecretNotFound",
       {"shop/nowhere", "spec.masterKey.passwordSecretRef", "create it"}},
      {"The password is wrong",
       kReplica,
       "wrong-password",
       "Reachable",
       "False LoginFailed",
       {"'milink'", "18456", "correct user name or password"}},
      {"Nobody listens at the port",
       kReplica,
       "closed-port",
       "Reachable",
       "False ServerUnreachable",
       {"127.0.0.1:1 ", "check host, port, firewall"}},
      {"The host's name does not exist",
       kReplica,
       "no-host",
       "Reachable",
       "False ServerUnreachable",
       {"nowhere.invalid", "check host, port, firewall"}},
      {"No CA is given for a certificate of a private one",
       kReplica,
       "no-ca",
       "Reachable",
       "False TlsUntrusted",
       {"127.0.0.1", "not trusted", "tls.caRef"}},
      {"The CA that is given is another one",
       kReplica,
       "other-ca",
       "Reachable",
       "False TlsUntrusted",
       {"127.0.0.1", "not trusted", "tls.caRef"}},
      {"The build is too old",
       kReplica,
       "old-build",
       "VersionSupported",
       "False VersionTooOld",
       {"15.0.4073.23", "install CU20"}},
      {"The edition is Express",
       kReplica,
       "express",
       "VersionSupported",
       "False EditionUnsupported",
       {"Express", "use Standard, Enterprise or Developer"}},
      {"Always On is off",
       kReplica,
       "always-on-off",
       "AlwaysOnEnabled",
       "False AlwaysOnDisabled",
       {"switched off", "mssql-conf set hadr.hadrenabled 1", "restart"}},
      {"A second resource for the same instance",
       kReplica,
       "sql1-again",
       "Ready",
       "False DuplicateInstance",
       {"SQL1", "shop/sql1;", "delete this resource"}},
  };
}

std::vector<json> ReplicaInputs(Stack& stack) {
  const json nowhere = {{"name", "nowhere"}};
  return {
      SecretManifest("half-login", {{"username", "milink"}}),
      SecretManifest("wrong-login", {{"username", "milink"}, {"password", kWrongPassword}}),
      {{"apiVersion", "v1"},
       {"kind", "ConfigMap"},
       {"metadata", {{"name", "other-ca"}, {"namespace", Stack::kNamespace}}},
       {"data", {{"ca.crt", stack.sim().arm_authority_pem()}}}},
      Replica(stack, "sql1", "SQL1", "10.0.0.1"),
      Replica(stack, "shared", "SHARED", "10.0.0.2"),
      Replica(stack, "no-secret", "KEYLESS", "10.0.0.4", {{"credentialsSecretRef", nowhere}}),
      Replica(stack, "no-key", "KEYLESS", "10.0.0.4",
              {{"credentialsSecretRef", {{"name", "half-login"}}}}),
      Replica(stack, "no-master-key-secret", "KEYLESS", "10.0.0.4",
              {{"masterKey", {{"passwordSecretRef", {{"name", "nowhere"}, {"key", "password"}}}}}}),
      Replica(stack, "wrong-password", "LOCKED", "10.0.0.3",
              {{"credentialsSecretRef", {{"name", "wrong-login"}}}}),
      Replica(stack, "closed-port", "SQL1", "10.0.0.1", {{"port", 1}}),
      Replica(stack, "no-host", "SQL1", "10.0.0.1", {{"host", "nowhere.invalid"}}),
      WithoutTls(Replica(stack, "no-ca", "SQL1", "10.0.0.1")),
      Replica(
          stack, "other-ca", "SQL1", "10.0.0.1",
          {{"tls", {{"caRef", {{"kind", "ConfigMap"}, {"name", "other-ca"}, {"key", "ca.crt"}}}}}}),
      Replica(stack, "old-build", "OLD", "10.0.0.5"),
      Replica(stack, "express", "EXPRESS", "10.0.0.6"),
      Replica(stack, "always-on-off", "NOHADR", "10.0.0.7"),
      Replica(stack, "sql1-again", "SQL1", "10.0.0.1"),
  };
}

json SecretManifest(const std::string& name, const json& data) {
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"metadata", {{"name", name}, {"namespace", Stack::kNamespace}}},
          {"stringData", data}};
}

}  // namespace milink::e2e
