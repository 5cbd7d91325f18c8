// Which proxy, if any, stands between us and the server. Pure functions.
// Source: golang.org/x/net/http/httpproxy, k8s.io/apimachinery pkg/util/net/http.go.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/kube/cluster_access.h"
#include "core/kube/resource_path.h"

namespace milink::kube {

// "http://[user:password@]host[:port]", the scheme may be missing. kInvalid when malformed,
// kUnsupported for other kinds of proxies (https, socks5). No message has the password.
Result<ProxyAddress> ParseProxyUrl(std::string_view url);

// Does NO_PROXY exempt this server? A list, separated by commas, of "*", addresses, networks
// (10.0.0.0/8), names that include what is below them (corp.example), suffixes that do not include
// the name itself (.corp.example, *.corp.example); each but the networks may end in :port.
bool IsExempt(const std::string& no_proxy, const std::string& host, const std::string& port);

// From HTTPS_PROXY and NO_PROXY, or else the same in lower case. Never for this machine itself.
Result<std::optional<ProxyAddress>> ProxyFromEnvironment(
    const std::function<std::optional<std::string>(const std::string& name)>& variable,
    const ServerAddress& server);

}  // namespace milink::kube
