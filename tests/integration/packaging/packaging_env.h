// The chart and config/ as a cluster gets them: rendered by the real helm and kustomize, and an API
// server shared by all cases of this program. Thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/integration/kube_env.h"

namespace milink::test {

// "Kind namespace/name" -> the object as written in a rendering.
using Objects = std::map<std::string, nlohmann::json>;

// Started at the first call; ends the program when that fails.
KubeEnv& PackagingEnv();

std::filesystem::path Source(const std::string& path);   // within the tree
std::filesystem::path DevTool(const std::string& name);  // hack/dev-tools.sh

// Against the API server of PackagingEnv, as administrator.
CommandOutput Helm(std::vector<std::string> args);
// `helm template` of the release milink-operator in milink-system, with more arguments.
CommandOutput RenderChart(const std::vector<std::string>& more = {},
                          const std::filesystem::path& chart = Source("helm/milink-operator"));
CommandOutput RenderKustomize(const std::string& folder);

// A rendering as objects; a test failure when it is no YAML of Kubernetes objects.
Objects Parsed(const CommandOutput& rendering);

}  // namespace milink::test
