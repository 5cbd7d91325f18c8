#include "core/kube/kubeconfig.h"

#include <cstdlib>
#include <utility>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "core/base/text.h"
#include "core/kube/base64.h"
#include "core/kube/files.h"

namespace milink::kube {
namespace {

namespace fs = std::filesystem;

Error Bad(const fs::path& file, const std::string& what) {
  return {ErrorKind::kInvalid, "KubeconfigInvalid", "kubeconfig " + file.string() + ": " + what};
}

Error Unsupported(const fs::path& file, const std::string& what) {
  return {ErrorKind::kUnsupported, "KubeconfigUnsupported",
          "kubeconfig " + file.string() + ": " + what};
}

std::string TextAt(const YAML::Node& node, const char* field) {
  const YAML::Node value = node[field];
  return value && value.IsScalar() ? value.as<std::string>() : std::string();
}

bool IsSet(const YAML::Node& node, const char* field) {
  const YAML::Node value = node[field];
  return value && !value.IsNull();
}

// The entry `name` of a list of {name, <kind>: {..}}.
Result<YAML::Node> FindEntry(const fs::path& file, const YAML::Node& root, const char* list,
                             const char* kind, const std::string& name) {
  const YAML::Node entries = root[list];
  if (entries && entries.IsSequence()) {
    for (const YAML::Node& entry : entries) {
      if (entry.IsMap() && TextAt(entry, "name") == name) {
        const YAML::Node content = entry[kind];
        return content && content.IsMap() ? content : YAML::Node(YAML::NodeType::Map);
      }
    }
  }
  return Bad(file, "there is no " + std::string(kind) + " \"" + name + "\" in \"" + list + "\"");
}

// `<field>-data` (base64) wins over the file named by `<field>`. Empty when there is neither.
Result<std::string> ReadData(const fs::path& file, const YAML::Node& node,
                             const std::string& field) {
  if (const std::string data = TextAt(node, (field + "-data").c_str()); !data.empty()) {
    auto decoded = DecodeBase64(data);
    if (!decoded) {
      return Bad(file, "\"" + field + "-data\" is not base64");
    }
    return *std::move(decoded);
  }
  if (const std::string path = TextAt(node, field.c_str()); !path.empty()) {
    return ReadFile(file.parent_path() / path);
  }
  return std::string();
}

Status ReadCluster(const fs::path& file, const YAML::Node& cluster, ClusterAccess& access) {
  access.server = TextAt(cluster, "server");
  while (access.server.ends_with('/')) {
    access.server.pop_back();
  }
  if (access.server.empty()) {
    return Bad(file, "the cluster has no \"server\"");
  }
  if (!access.server.starts_with("https://")) {
    return Unsupported(file, "server " + access.server + " is not https");
  }
  if (IsSet(cluster, "proxy-url")) {
    return Unsupported(file, "\"proxy-url\" is not supported");
  }
  auto ca = ReadData(file, cluster, "certificate-authority");
  if (!ca.ok()) {
    return ca.error();
  }
  access.ca_pem = *std::move(ca);
  access.tls_server_name = TextAt(cluster, "tls-server-name");
  access.insecure_skip_tls_verify = TextAt(cluster, "insecure-skip-tls-verify") == "true";
  if (access.insecure_skip_tls_verify && !access.ca_pem.empty()) {
    return Bad(file, "\"insecure-skip-tls-verify\" and a certificate authority exclude each other");
  }
  return OkStatus();
}

Status RejectUnsupportedUser(const fs::path& file, const YAML::Node& user) {
  static const std::vector<std::pair<const char*, const char*>> kUnsupported{
      {"exec", "credential plugins (\"exec\") are not supported; use a token or a certificate"},
      {"auth-provider", "\"auth-provider\" was removed from Kubernetes; use a token"},
      {"as", "impersonation is not supported"},
      {"as-uid", "impersonation is not supported"},
      {"as-groups", "impersonation is not supported"},
      {"as-user-extra", "impersonation is not supported"},
      {"username", "basic authentication was removed from Kubernetes"},
  };
  for (const auto& [field, message] : kUnsupported) {
    if (IsSet(user, field)) {
      return Unsupported(file, message);
    }
  }
  return OkStatus();
}

Status ReadUser(const fs::path& file, const YAML::Node& user, ClusterAccess& access) {
  if (Status supported = RejectUnsupportedUser(file, user); !supported.ok()) {
    return supported;
  }
  access.token = Secret(TextAt(user, "token"));
  if (const std::string token_file = TextAt(user, "tokenFile"); !token_file.empty()) {
    access.token_file = (file.parent_path() / token_file).string();
  }
  auto certificate = ReadData(file, user, "client-certificate");
  if (!certificate.ok()) {
    return certificate.error();
  }
  auto key = ReadData(file, user, "client-key");
  if (!key.ok()) {
    return key.error();
  }
  if (certificate->empty() != key->empty()) {
    return Bad(file, "a client certificate needs its key, and a key its certificate");
  }
  access.client_certificate_pem = *std::move(certificate);
  access.client_key_pem = Secret(*std::move(key));
  return OkStatus();
}

Result<ClusterAccess> ReadContext(const fs::path& file, const YAML::Node& root,
                                  const std::string& wanted) {
  const std::string name = wanted.empty() ? TextAt(root, "current-context") : wanted;
  if (name.empty()) {
    return Bad(file, "it has no current-context; name a context");
  }
  const auto context = FindEntry(file, root, "contexts", "context", name);
  if (!context.ok()) {
    return context.error();
  }
  const auto cluster = FindEntry(file, root, "clusters", "cluster", TextAt(*context, "cluster"));
  if (!cluster.ok()) {
    return cluster.error();
  }
  ClusterAccess access;
  if (Status status = ReadCluster(file, *cluster, access); !status.ok()) {
    return std::move(status).error();
  }
  if (const std::string user_name = TextAt(*context, "user"); !user_name.empty()) {
    const auto user = FindEntry(file, root, "users", "user", user_name);
    if (!user.ok()) {
      return user.error();
    }
    if (Status status = ReadUser(file, *user, access); !status.ok()) {
      return std::move(status).error();
    }
  }
  if (const std::string space = TextAt(*context, "namespace"); !space.empty()) {
    access.namespace_name = space;
  }
  return access;
}

}  // namespace

Environment ProcessEnvironment() {
  Environment environment;
  environment.variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): only read
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  };
  return environment;
}

Result<ClusterAccess> LoadKubeconfig(const fs::path& path, const std::string& context) {
  const auto text = ReadFile(path);
  if (!text.ok()) {
    return text.error();
  }
  try {
    const YAML::Node root = YAML::Load(*text);
    if (!root.IsMap()) {
      return Bad(path, "it is not a YAML mapping");
    }
    return ReadContext(path, root, context);
  } catch (const YAML::Exception& e) {
    // The mark only: an excerpt could hold a token.
    return Bad(path, "it is not valid YAML near line " + std::to_string(e.mark.line + 1));
  }
}

Result<ClusterAccess> LoadInCluster(const Environment& environment) {
  const auto host = environment.variable("KUBERNETES_SERVICE_HOST");
  const auto port = environment.variable("KUBERNETES_SERVICE_PORT");
  if (!host || host->empty() || !port || port->empty()) {
    return Error{ErrorKind::kNotFound, "NotInCluster",
                 "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set"};
  }
  ClusterAccess access;
  const bool is_ipv6 = host->find(':') != std::string::npos;
  access.server = "https://" + (is_ipv6 ? "[" + *host + "]" : *host) + ":" + *port;
  access.token_file = (environment.service_account / "token").string();
  auto token = ReadFile(access.token_file);
  if (!token.ok()) {
    return token.error();
  }
  access.token = Secret(std::string(Trim(*token)));
  WipeMemory(*token);
  // Without its CA the system's trust store decides, as for a server with a public certificate.
  if (auto ca = ReadFile(environment.service_account / "ca.crt"); ca.ok()) {
    access.ca_pem = *std::move(ca);
  }
  if (const auto space = ReadFile(environment.service_account / "namespace"); space.ok()) {
    access.namespace_name = std::string(Trim(*space));
  }
  return access;
}

Result<ClusterAccess> LoadClusterAccess(const AccessOptions& options,
                                        const Environment& environment) {
  if (!options.kubeconfig.empty()) {
    return LoadKubeconfig(options.kubeconfig, options.context);
  }
  if (const auto list = environment.variable("KUBECONFIG"); list && !list->empty()) {
    std::vector<std::string> files = Split(*list, ':');
    std::erase(files, "");
    if (files.size() > 1) {
      return Error{ErrorKind::kUnsupported, "KubeconfigUnsupported",
                   "KUBECONFIG names several files; name one"};
    }
    if (!files.empty()) {
      return LoadKubeconfig(files.front(), options.context);
    }
  }
  if (options.context.empty()) {
    auto in_cluster = LoadInCluster(environment);
    if (in_cluster.ok() || in_cluster.error().reason != "NotInCluster") {
      return in_cluster;
    }
  }
  const auto home = environment.variable("HOME");
  const fs::path in_home = fs::path(home.value_or("")) / ".kube" / "config";
  std::error_code ignored;
  if (home && !home->empty() && fs::exists(in_home, ignored)) {
    return LoadKubeconfig(in_home, options.context);
  }
  return Error{ErrorKind::kNotFound, "NoCluster",
               "no cluster is configured: pass --kubeconfig, set KUBECONFIG, or run in a cluster"};
}

}  // namespace milink::kube
