#include "core/base/json.h"

#include <nlohmann/json.hpp>

namespace milink {

std::string JsonText(const nlohmann::json& node, const char* field) {
  const auto& child = JsonChild(node, field);
  return child.is_string() ? child.get<std::string>() : std::string();
}

const nlohmann::json& JsonChild(const nlohmann::json& node, const char* field) {
  static const nlohmann::json kNull;
  if (!node.is_object()) {
    return kNull;
  }
  const auto it = node.find(field);
  return it == node.end() ? kNull : *it;
}

nlohmann::json ParseJson(const std::string& text) {
  return nlohmann::json::parse(text, nullptr, false);
}

}  // namespace milink
