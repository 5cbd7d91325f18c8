#include "core/kube/yaml_reader.h"

#include <cstdint>

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

namespace milink::kube {
namespace {

using nlohmann::json;

// An alias may repeat what itself holds aliases, so a short text can mean a huge tree.
constexpr int kMaxNodes = 10'000;
constexpr int kMaxDepth = 32;

Error Invalid(const std::string& what) { return {ErrorKind::kInvalid, "YamlInvalid", what}; }

json ScalarToJson(const YAML::Node& node) {
  if (node.Tag() == "!") {  // it was quoted
    return node.Scalar();
  }
  std::int64_t whole = 0;
  double number = 0;
  bool truth = false;
  if (YAML::convert<std::int64_t>::decode(node, whole)) {
    return whole;
  }
  if (YAML::convert<double>::decode(node, number)) {
    return number;
  }
  if (YAML::convert<bool>::decode(node, truth)) {
    return truth;
  }
  return node.Scalar();
}

class JsonWriter {
 public:
  // False: too much.
  bool Write(const YAML::Node& node, json& out, int depth) {
    if (++nodes_ > kMaxNodes || depth > kMaxDepth) {
      return false;
    }
    if (node.IsMap()) {
      out = json::object();
      for (const auto& entry : node) {
        if (!entry.first.IsScalar() || !Write(entry.second, out[entry.first.Scalar()], depth + 1)) {
          return false;
        }
      }
      return true;
    }
    if (node.IsSequence()) {
      out = json::array();
      for (const YAML::Node& entry : node) {
        if (!Write(entry, out.emplace_back(), depth + 1)) {
          return false;
        }
      }
      return true;
    }
    out = node.IsScalar() ? ScalarToJson(node) : json();
    return true;
  }

 private:
  int nodes_ = 0;
};

}  // namespace

Status ReadYaml(std::string_view text, const std::function<Status(const YAML::Node&)>& read) {
  try {
    return read(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& e) {
    return Invalid("it is not valid YAML near line " + std::to_string(e.mark.line + 1));
  }
}

std::string YamlText(const YAML::Node& node, const char* field) {
  const YAML::Node value = node.IsMap() ? node[field] : YAML::Node();
  return value && value.IsScalar() ? value.Scalar() : std::string();
}

bool YamlIsSet(const YAML::Node& node, const char* field) {
  const YAML::Node value = node.IsMap() ? node[field] : YAML::Node();
  return value && !value.IsNull();
}

bool YamlIsTrue(const YAML::Node& node, const char* field) {
  return YamlText(node, field) == "true";
}

Result<std::string> YamlToJson(const YAML::Node& node) {
  json out;
  if (!JsonWriter().Write(node, out, 0)) {
    return Invalid("an extension is too large, too deep, or has a key that is no text");
  }
  return out.dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

}  // namespace milink::kube
