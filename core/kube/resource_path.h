// Addresses: the server's URL taken apart, paths of resources put together. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/kube/object_client.h"

namespace milink::kube {

struct ServerAddress {
  std::string host;  // IPv6 without brackets
  std::string port;
  std::string path_prefix;  // empty, or "/k8s/clusters/c1"

  bool operator==(const ServerAddress&) const = default;
};

// "https://host[:port][/path]". kInvalid otherwise.
Result<ServerAddress> ParseServerUrl(std::string_view url);
// As the Host header wants it: IPv6 in brackets, the port always.
std::string HostHeader(const ServerAddress& address);

// "/apis/<group>/<version>[/namespaces/<ns>]/<plural>[/<name>[/<subresource>]]". Empty parts are
// left out. kInvalid when a part could change the meaning of the path (a slash, a dot-dot, ..).
Result<std::string> ResourcePath(const ResourceType& type, const std::string& namespace_name,
                                 const std::string& name = "", const std::string& subresource = "");

// Percent-encoded for the value of a query parameter.
std::string EscapeQuery(std::string_view text);

}  // namespace milink::kube
