// Finds out how to reach the cluster: from a kubeconfig, or as a pod's service account.
//
// Order: an explicit path, $KUBECONFIG (a list of files, the first to define something wins), the
// pod's service account, ~/.kube/config. A proxy comes from "proxy-url", or else from HTTPS_PROXY
// and NO_PROXY. Plain functions; the environment is passed in.
// Source: k8s.io/client-go tools/clientcmd/loader.go.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/kube/cluster_access.h"

namespace milink::kube {

// What is asked of the surroundings.
struct Environment {
  std::function<std::optional<std::string>(const std::string& name)> variable;
  // Where the kubelet puts token, ca.crt and namespace.
  std::filesystem::path service_account = "/var/run/secrets/kubernetes.io/serviceaccount";
};
// The variables of this process.
Environment ProcessEnvironment();

struct AccessOptions {
  std::string kubeconfig;  // explicit path; empty: search
  std::string context;     // empty: current-context
};

// kInvalid: the configuration is wrong or incomplete; kUnsupported: it asks for something this
// program cannot do (auth-provider, passwords, http); kNotFound: there is none. The message names
// the file and the entry.
Result<ClusterAccess> LoadClusterAccess(const AccessOptions& options,
                                        const Environment& environment);

// One file; relative paths in it count from its folder. No proxy but its own.
Result<ClusterAccess> LoadKubeconfig(const std::filesystem::path& path, const std::string& context);

// As a pod: KUBERNETES_SERVICE_HOST and _PORT, token and ca.crt.
Result<ClusterAccess> LoadInCluster(const Environment& environment);

}  // namespace milink::kube
