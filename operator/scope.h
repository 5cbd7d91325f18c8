// Which objects a process serves, as the API server is asked for them. Pure functions.
#pragma once

#include <string>

#include "operator/options.h"

namespace milink::app {

// Every object belongs to one shard exactly: the one that its label names, or the one without a
// name. So two processes of different shards never serve the same object.
std::string LabelSelectorOf(const ScopeOptions& scope);
// Each shard is led for itself.
std::string LeaseNameOf(const ElectionOptions& election, const ScopeOptions& scope);

}  // namespace milink::app
