// Reading JSON that somebody else wrote: a missing field or a wrong type is empty, never a throw.
// Pure, thread-safe.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace milink {

// The text of a field; empty when it is missing or no string.
std::string JsonText(const nlohmann::json& node, const char* field);

// The value of a field; null when it is missing or `node` is no object. Lives as long as `node`.
const nlohmann::json& JsonChild(const nlohmann::json& node, const char* field);

// Parses text; a discarded value (is_discarded()) when it is no JSON.
nlohmann::json ParseJson(const std::string& text);

}  // namespace milink
