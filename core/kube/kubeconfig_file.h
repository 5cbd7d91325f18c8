// One kubeconfig file, or several merged, as plain structs. Pure functions: no file is read here.
// Source: k8s.io/client-go tools/clientcmd/api/v1/types.go.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/kube/cluster_access.h"

namespace milink::kube {

// A file that is named, or its content; the content wins. Both empty: there is none.
struct KubeconfigData {
  std::string path;
  Secret content;  // decoded
};

struct KubeconfigCluster {
  std::string server;
  KubeconfigData authority;
  std::string tls_server_name;
  bool insecure_skip_tls_verify = false;
  Secret proxy_url;           // may have a password
  std::string plugin_config;  // JSON; empty: none
};

struct KubeconfigUser {
  Secret token;
  std::string token_file;
  KubeconfigData certificate;
  KubeconfigData key;
  std::optional<CredentialPlugin> plugin;
  Impersonation impersonate;
  std::optional<Error> unusable;  // why this user cannot be used
};

struct KubeconfigContext {
  std::string cluster;
  std::string user;
  std::string namespace_name;
};

struct Kubeconfig {
  std::string current_context;
  std::map<std::string, KubeconfigCluster> clusters;
  std::map<std::string, KubeconfigUser> users;
  std::map<std::string, KubeconfigContext> contexts;
};

// What every mistake in a kubeconfig becomes: kInvalid "KubeconfigInvalid".
Error BadKubeconfig(const std::string& what);

// kInvalid "KubeconfigInvalid"; the message quotes no value. Unknown fields are ignored, an empty
// text is an empty configuration.
Result<Kubeconfig> ParseKubeconfig(std::string_view text);

// Makes relative paths count from `folder`: files, and a plugin's command when it is a path.
void ResolvePaths(Kubeconfig& config, const std::filesystem::path& folder);

// Adds what `base` does not define: an entry is taken whole or not at all.
void MergeKubeconfig(Kubeconfig& base, Kubeconfig&& more);

}  // namespace milink::kube
