// How to reach a cluster and as whom: what a kubeconfig or a service account boils down to.
// Plain values, no thread rule.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/secret.h"

namespace milink::kube {

// An HTTP proxy through which connections are tunnelled (CONNECT).
struct ProxyAddress {
  std::string host;  // IPv6 without brackets
  std::string port;
  Secret authorization;  // of Proxy-Authorization, with its scheme; empty: none
  Secret url;            // as it was configured, for credential plugins
};

// Whom to act as instead of ourselves; an empty user: nobody.
struct Impersonation {
  std::string user;
  std::string uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;
};

// May a credential plugin talk to a person?
enum class PluginInteraction { kNever, kIfAvailable, kAlways };

// A program that prints credentials. Source: client.authentication.k8s.io, ExecConfig.
struct CredentialPlugin {
  std::string command;  // a path, or a name that is searched in PATH
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours
  std::string api_version;
  std::string install_hint;  // for people, when there is no such program
  PluginInteraction interaction = PluginInteraction::kIfAvailable;
  bool wants_cluster_info = false;
  std::string cluster_config;  // JSON meant for the plugin, from the cluster's entry; may be empty
};

struct ClusterAccess {
  std::string server;           // "https://10.0.0.1:6443", perhaps with a path
  std::string ca_pem;           // empty: the system's trust store
  std::string ca_file;          // where ca_pem came from and is read again; empty: it is fixed
  std::string tls_server_name;  // expected in the certificate; empty: the host of `server`
  bool insecure_skip_tls_verify = false;
  std::optional<ProxyAddress> proxy;

  // Who we are; all empty: anonymous. With token_file the file is read again and again, and
  // `token` serves only while the file cannot be read. The files of the certificate are where its
  // PEM came from; empty: it is fixed. The plugin is asked only when there is no token.
  Secret token;
  std::string token_file;
  std::string client_certificate_pem;
  Secret client_key_pem;
  std::string client_certificate_file;
  std::string client_key_file;
  std::optional<CredentialPlugin> plugin;
  Impersonation impersonate;

  std::string namespace_name = "default";  // of the context, or our own in a cluster
  std::vector<std::string> notes;          // what is odd but not wrong, for the log
};

}  // namespace milink::kube
