// The two kinds as a user writes them, as JSON, for tests that go through an API server or the
// decoder. Plain values, no thread rule.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace milink::gen {

// Only what a user has to write: the server or the decoder fills in the rest.
nlohmann::json ReplicaManifest(const std::string& name);
nlohmann::json LinkManifest(const std::string& name, const std::vector<std::string>& databases);

// What an API server adds to a manifest, so that a decoder takes it.
nlohmann::json AsStored(nlohmann::json manifest);

}  // namespace milink::gen
