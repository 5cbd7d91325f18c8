#include "core/kube/kubeconfig.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "core/kube/files.h"
#include "core/kube/kubeconfig_file.h"
#include "core/kube/proxy.h"
#include "core/kube/resource_path.h"

namespace milink::kube {
namespace {

namespace fs = std::filesystem;

// An error of one file, or of several together, under its name.
Error In(const std::string& source, Error error) {
  error.message = "kubeconfig " + source + ": " + error.message;
  return error;
}

Error Unsupported(const std::string& what) {
  return {ErrorKind::kUnsupported, "KubeconfigUnsupported", what};
}

template <typename Entry>
Result<const Entry*> Find(const std::map<std::string, Entry>& entries, const char* kind,
                          const std::string& name) {
  const auto it = entries.find(name);
  if (it == entries.end()) {
    return BadKubeconfig("there is no " + std::string(kind) + " \"" + name + "\"");
  }
  return &it->second;
}

// The text of `data`, and in `file` where it is to be read again.
Result<std::string> Load(const KubeconfigData& data, std::string& file) {
  if (!data.content.empty()) {
    return std::string(data.content.Reveal());
  }
  if (data.path.empty()) {
    return std::string();
  }
  file = data.path;
  return ReadFile(data.path);
}

Status UseCluster(const KubeconfigCluster& cluster, ClusterAccess& access) {
  access.server = cluster.server;
  if (access.server.empty()) {
    return BadKubeconfig("the cluster has no \"server\"");
  }
  if (!access.server.starts_with("https://")) {
    return Unsupported("server " + access.server + " is not https");
  }
  auto ca = Load(cluster.authority, access.ca_file);
  if (!ca.ok()) {
    return ca.error();
  }
  access.ca_pem = *std::move(ca);
  access.tls_server_name = cluster.tls_server_name;
  access.insecure_skip_tls_verify = cluster.insecure_skip_tls_verify;
  if (access.insecure_skip_tls_verify && !access.ca_pem.empty()) {
    return BadKubeconfig(
        "\"insecure-skip-tls-verify\" and a certificate authority exclude each other");
  }
  if (!cluster.proxy_url.empty()) {
    auto proxy = ParseProxyUrl(cluster.proxy_url.Reveal());
    if (!proxy.ok()) {
      return std::move(proxy).error();
    }
    access.proxy = *std::move(proxy);
  }
  return OkStatus();
}

Status UseUser(const KubeconfigUser& user, ClusterAccess& access) {
  if (user.unusable) {
    return *user.unusable;
  }
  access.token = user.token;
  access.token_file = user.token_file;
  access.plugin = user.plugin;
  access.impersonate = user.impersonate;
  auto certificate = Load(user.certificate, access.client_certificate_file);
  if (!certificate.ok()) {
    return certificate.error();
  }
  auto key = Load(user.key, access.client_key_file);
  if (!key.ok()) {
    return key.error();
  }
  if (certificate->empty() != key->empty()) {
    return BadKubeconfig("a client certificate needs its key, and a key its certificate");
  }
  access.client_certificate_pem = *std::move(certificate);
  access.client_key_pem = Secret(*std::move(key));
  return OkStatus();
}

Result<ClusterAccess> UseContext(const Kubeconfig& config, const std::string& wanted) {
  const std::string& name = wanted.empty() ? config.current_context : wanted;
  if (name.empty()) {
    return BadKubeconfig("it has no current-context; name a context");
  }
  const auto context = Find(config.contexts, "context", name);
  if (!context.ok()) {
    return context.error();
  }
  const auto cluster = Find(config.clusters, "cluster", (*context)->cluster);
  if (!cluster.ok()) {
    return cluster.error();
  }
  ClusterAccess access;
  if (Status status = UseCluster(**cluster, access); !status.ok()) {
    return std::move(status).error();
  }
  if (const std::string& user_name = (*context)->user; !user_name.empty()) {
    const auto user = Find(config.users, "user", user_name);
    if (!user.ok()) {
      return user.error();
    }
    if (Status status = UseUser(**user, access); !status.ok()) {
      return std::move(status).error();
    }
  }
  if (access.plugin) {
    access.plugin->cluster_config = (*cluster)->plugin_config;
    if (!access.token.empty() || !access.token_file.empty()) {
      access.notes.emplace_back("the user has a token, so its credential plugin is not used");
    }
  }
  if (!(*context)->namespace_name.empty()) {
    access.namespace_name = (*context)->namespace_name;
  }
  return access;
}

Result<Kubeconfig> ReadKubeconfig(const fs::path& path) {
  auto text = ReadFile(path);
  if (!text.ok()) {
    return text.error();
  }
  auto config = ParseKubeconfig(*text);
  WipeMemory(*text);
  if (!config.ok()) {
    return In(path.string(), config.error());
  }
  ResolvePaths(*config, path.parent_path());
  return config;
}

// The files of the list that exist, each once, merged.
Result<ClusterAccess> LoadMerged(const std::vector<std::string>& list, const std::string& context) {
  Kubeconfig merged;
  std::vector<std::string> read;
  for (const std::string& path : list) {
    if (std::ranges::find(read, path) != read.end()) {
      continue;
    }
    auto config = ReadKubeconfig(path);
    if (!config.ok() && config.error().reason == "FileMissing") {
      continue;
    }
    if (!config.ok()) {
      return config.error();
    }
    MergeKubeconfig(merged, *std::move(config));
    read.push_back(path);
  }
  if (read.empty()) {
    return Error{ErrorKind::kNotFound, "NoCluster",
                 "KUBECONFIG is set, and none of its files exists: " + Join(list, ":")};
  }
  auto access = UseContext(merged, context);
  return access.ok() ? std::move(access) : In(Join(read, ":"), access.error());
}

// The source by its order, without the proxy of the environment.
Result<ClusterAccess> FindAccess(const AccessOptions& options, const Environment& environment) {
  if (!options.kubeconfig.empty()) {
    return LoadKubeconfig(options.kubeconfig, options.context);
  }
  if (const auto variable = environment.variable("KUBECONFIG")) {
    std::vector<std::string> list = Split(*variable, ':');
    std::erase(list, "");
    if (!list.empty()) {
      return LoadMerged(list, options.context);
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
  const auto config = ReadKubeconfig(path);
  if (!config.ok()) {
    return config.error();
  }
  auto access = UseContext(*config, context);
  return access.ok() ? std::move(access) : In(path.string(), access.error());
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
  if (auto ca = ReadFile(environment.service_account / "ca.crt"); ca.ok()) {
    access.ca_pem = *std::move(ca);
    access.ca_file = (environment.service_account / "ca.crt").string();
  } else {
    access.notes.push_back(ca.error().message +
                           "; the system's trust store decides about the server's certificate");
  }
  if (const auto space = ReadFile(environment.service_account / "namespace"); space.ok()) {
    access.namespace_name = std::string(Trim(*space));
  }
  return access;
}

Result<ClusterAccess> LoadClusterAccess(const AccessOptions& options,
                                        const Environment& environment) {
  auto access = FindAccess(options, environment);
  if (!access.ok() || access->proxy) {
    return access;
  }
  const auto server = ParseServerUrl(access->server);
  if (!server.ok()) {
    return server.error();
  }
  auto proxy = ProxyFromEnvironment(environment.variable, *server);
  if (!proxy.ok()) {
    return std::move(proxy).error();
  }
  access->proxy = *std::move(proxy);
  return access;
}

}  // namespace milink::kube
