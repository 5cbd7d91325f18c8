// The headers that requests carry, apart from their credentials. Pure functions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/kube/cluster_access.h"

namespace milink::kube {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// User-Agent, and Impersonate-* where asked for. kInvalid when details of an impersonation lack the
// user, or a value has a line end.
// Source: k8s.io/client-go transport/round_trippers.go.
Result<HeaderList> FixedHeaders(const std::string& user_agent, const Impersonation& impersonate);

}  // namespace milink::kube
