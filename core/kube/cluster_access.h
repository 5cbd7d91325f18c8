// How to reach a cluster and as whom: what a kubeconfig or a service account boils down to.
// A plain value, no thread rule.
#pragma once

#include <string>

#include "core/base/secret.h"

namespace milink::kube {

struct ClusterAccess {
  std::string server;           // "https://10.0.0.1:6443", perhaps with a path
  std::string ca_pem;           // empty: the system's trust store
  std::string tls_server_name;  // expected in the certificate; empty: the host of `server`
  bool insecure_skip_tls_verify = false;

  // Who we are; all empty: anonymous. With token_file the file is read again and again, and
  // `token` serves only while the file cannot be read.
  Secret token;
  std::string token_file;
  std::string client_certificate_pem;
  Secret client_key_pem;

  std::string namespace_name = "default";  // of the context, or our own in a cluster
};

}  // namespace milink::kube
