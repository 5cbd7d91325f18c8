// What must hold for every field of the CRDs, and that every rule has a case among the refusals.
#include <functional>

#include <gmock/gmock.h>

#include "tests/integration/crd/crd_env.h"
#include "tests/integration/crd/refusals.h"

namespace milink::test {
namespace {

using nlohmann::json;
using Visitor = std::function<void(const std::string& path, const json& schema)>;

void Visit(const std::string& path, const json& schema, const Visitor& visitor) {
  visitor(path, schema);
  if (schema.contains("items")) {
    Visit(path, schema.at("items"), visitor);
  }
  if (!schema.contains("properties")) {
    return;
  }
  for (const auto& [key, child] : schema.at("properties").items()) {
    Visit(path.empty() ? key : path + "." + key, child, visitor);
  }
}

bool HasCase(std::span<const Refusal> refusals, const std::string& path,
             const std::string& message) {
  return std::ranges::any_of(refusals, [&](const Refusal& refusal) {
    return refusal.field == path && message.find(refusal.message) != std::string::npos;
  });
}

class EverySchema : public ::testing::TestWithParam<const char*> {
 protected:
  json schema_ = Schema(GetParam());
  std::span<const Refusal> refusals_ =
      std::string(GetParam()) == "sqlserverreplicas" ? ReplicaRefusals() : LinkRefusals();
};

TEST_P(EverySchema, DescribesEveryFieldAndBoundsEveryString) {
  Visit("", schema_, [](const std::string& path, const json& schema) {
    const bool is_text = schema.at("type") == "string";
    const bool is_list = schema.at("type") == "array";
    EXPECT_TRUE(path == "metadata" || schema.contains("description")) << path;
    EXPECT_TRUE(!is_text || schema.contains("maxLength")) << path;
    EXPECT_TRUE(!is_list || schema.contains("x-kubernetes-list-type")) << path;
  });
}

TEST_P(EverySchema, HasARefusalForEveryRule) {
  Visit("", schema_, [this](const std::string& path, const json& schema) {
    for (const json& rule : schema.value("x-kubernetes-validations", json::array())) {
      const std::string field = path + rule.value("fieldPath", "");
      EXPECT_TRUE(HasCase(refusals_, field, rule.at("message"))) << field << ": " << rule;
    }
  });
}

TEST_P(EverySchema, HasARefusalForEveryPatternAndEnumerationInSpec) {
  Visit("spec", schema_.at("properties").at("spec"),
        [this](const std::string& path, const json& schema) {
          if (schema.contains("pattern")) {
            const std::string pattern = schema.at("pattern");
            EXPECT_TRUE(HasCase(refusals_, path, "should match '" + pattern + "'")) << path;
          }
          if (schema.contains("enum")) {
            std::string values;
            for (const json& value : schema.at("enum")) {
              values += (values.empty() ? "" : ", ") + value.dump();
            }
            EXPECT_TRUE(HasCase(refusals_, path, "supported values: " + values)) << path;
          }
        });
}

INSTANTIATE_TEST_SUITE_P(, EverySchema,
                         ::testing::Values("sqlserverreplicas", "managedinstancelinks"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace milink::test
