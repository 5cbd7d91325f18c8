// Reading YAML that somebody else wrote: a missing field or a wrong type is empty, never a throw.
// Pure functions; the header of the YAML library stays in the source file.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace YAML {  // NOLINT(readability-identifier-naming): the library's name
class Node;
}

namespace milink::kube {

// kInvalid with the number of the line; never an excerpt, which could hold a token.
// `read` may throw what the YAML library throws.
Status ReadYaml(std::string_view text, const std::function<Status(const YAML::Node&)>& read);

std::string YamlText(const YAML::Node& node, const char* field);
bool YamlIsSet(const YAML::Node& node, const char* field);
bool YamlIsTrue(const YAML::Node& node, const char* field);

// As JSON text: plain scalars by YAML's core schema, quoted ones as text. kInvalid when it is
// nested or repeated (aliases) beyond reason.
Result<std::string> YamlToJson(const YAML::Node& node);

}  // namespace milink::kube
