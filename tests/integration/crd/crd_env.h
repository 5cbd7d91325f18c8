// The API server with our CRDs, shared by all cases of this program. Thread-safe.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "tests/integration/kube_env.h"

namespace milink::test {

// Started, with the CRDs established, at the first call; ends the program when that fails.
KubeEnv& CrdEnv();

// A manifest with a JSON merge patch applied, given as text.
nlohmann::json Changed(nlohmann::json manifest, const std::string& merge_patch);

// What the server says to the creation of this object, which is not stored.
CommandOutput TryCreate(const nlohmann::json& manifest);

// The object as stored; a null value and a test failure when kubectl fails.
nlohmann::json Store(const nlohmann::json& manifest);
nlohmann::json Read(const nlohmann::json& manifest);

// The schema of a CRD (by plural) as the server has it.
nlohmann::json Schema(const std::string& plural);

}  // namespace milink::test
