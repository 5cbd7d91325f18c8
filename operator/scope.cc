#include "operator/scope.h"

#include "core/api/codec.h"

namespace milink::app {

std::string LabelSelectorOf(const ScopeOptions& scope) {
  const std::string label = api::kShardLabel;
  return scope.shard.empty() ? "!" + label : label + "=" + scope.shard;
}

std::string LeaseNameOf(const ElectionOptions& election, const ScopeOptions& scope) {
  return scope.shard.empty() ? election.name : election.name + "-" + scope.shard;
}

}  // namespace milink::app
