#include "core/kube/yaml_reader.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

namespace milink::kube {
namespace {

struct JsonCase {
  const char* name;
  const char* yaml;
  const char* json;
};

class YamlToJsonTest : public testing::TestWithParam<JsonCase> {};

TEST_P(YamlToJsonTest, KeepsTypes) {
  std::string json;
  const Status read = ReadYaml(GetParam().yaml, [&](const YAML::Node& node) -> Status {
    auto written = YamlToJson(node);
    json = written.ok() ? *written : written.error().reason;
    return OkStatus();
  });
  EXPECT_TRUE(read.ok());
  EXPECT_EQ(json, GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(
    Table, YamlToJsonTest,
    testing::Values(JsonCase{"Map", "{a: 1, b: [x, true, null]}", R"({"a":1,"b":["x",true,null]})"},
                    JsonCase{"Number", "a: 1.5", R"({"a":1.5})"},
                    JsonCase{"QuotedNumberIsText", "a: '1'", R"({"a":"1"})"},
                    JsonCase{"QuotedTruthIsText", "a: \"true\"", R"({"a":"true"})"},
                    JsonCase{"KeyThatIsNoText", "? [a]\n: b\n", "YamlInvalid"}),
    [](const auto& test) { return test.param.name; });

TEST(ReadYaml, ABrokenTextIsNamedByLine) {
  const Status read = ReadYaml("a: 1\nb: [", [](const YAML::Node&) { return OkStatus(); });
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("line"), std::string::npos);
}

}  // namespace
}  // namespace milink::kube
