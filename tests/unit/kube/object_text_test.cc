#include "core/kube/object_text.h"

#include <string>

#include <gtest/gtest.h>

namespace milink::kube {
namespace {

TEST(CutManagedFields, CutsThemOutOfTheMetadataAndLeavesAllElse) {
  const struct {
    const char* name;
    const char* text;
    const char* expected;
  } kRows[] = {
      {"in the middle", R"({"metadata":{"labels":{},"managedFields":[{"a":["]"]}],"name":"x"}})",
       R"({"metadata":{"labels":{},"name":"x"}})"},
      {"at the end", R"({"metadata":{"name":"x","managedFields":[]},"spec":1})",
       R"({"metadata":{"name":"x"},"spec":1})"},
      {"alone", R"({"metadata":{"managedFields":[1]}})", R"({"metadata":{}})"},
      {"within an event", R"({"type":"ADDED","object":{"metadata":{"managedFields":[1],"a":2}}})",
       R"({"type":"ADDED","object":{"metadata":{"a":2}}})"},
      {"elsewhere", R"({"metadata":{"name":"x"},"spec":{"managedFields":[1]}})",
       R"({"metadata":{"name":"x"},"spec":{"managedFields":[1]}})"},
      {"deeper", R"({"metadata":{"x":{"managedFields":[1]}}})",
       R"({"metadata":{"x":{"managedFields":[1]}}})"},
      {"in a text", R"({"metadata":{"x":"\"managedFields\":[1]"}})",
       R"({"metadata":{"x":"\"managedFields\":[1]"}})"},
      {"without an end", R"({"metadata":{"managedFields":[1)",
       R"({"metadata":{"managedFields":[1)"},
      {"no metadata", R"({"a":1})", R"({"a":1})"},
      {"nothing", "", ""},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    std::string text = row.text;
    CutManagedFields(text);
    EXPECT_EQ(text, row.expected);
  }
}

}  // namespace
}  // namespace milink::kube
