#include "core/base/object.h"

#include <optional>
#include <string>
#include <unordered_set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/time_format.h"

namespace milink {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::Pair;

json Complete() {
  return json::parse(R"({"metadata": {
    "namespace": "default", "name": "sales", "uid": "u-1", "resourceVersion": "17", "generation": 3,
    "creationTimestamp": "2026-11-21T10:00:00Z", "deletionTimestamp": "2026-11-21T11:00:00Z",
    "annotations": {"a": "b"}, "finalizers": ["milink.dev/link"]}})");
}

TEST(ObjectMetaTest, ReadsEveryField) {
  const auto meta = ParseObjectMeta(Complete());
  ASSERT_TRUE(meta.ok());
  EXPECT_EQ(meta->key, (ObjectKey{"default", "sales"}));
  EXPECT_EQ(meta->uid, "u-1");
  EXPECT_EQ(meta->resource_version, "17");
  EXPECT_EQ(meta->generation, 3);
  EXPECT_EQ(meta->creation_time, ParseRfc3339("2026-11-21T10:00:00Z"));
  EXPECT_EQ(meta->deletion_time, ParseRfc3339("2026-11-21T11:00:00Z"));
  EXPECT_THAT(meta->annotations, ElementsAre(Pair("a", "b")));
  EXPECT_THAT(meta->finalizers, ElementsAre("milink.dev/link"));
}

TEST(ObjectMetaTest, OptionalFieldsMayBeMissingOrNull) {
  json object = Complete();
  for (const char* field : {"namespace", "generation", "creationTimestamp", "deletionTimestamp",
                            "annotations", "finalizers"}) {
    object["metadata"][field] = nullptr;
  }
  const auto with_nulls = ParseObjectMeta(object);
  for (const char* field : {"namespace", "generation", "creationTimestamp", "deletionTimestamp",
                            "annotations", "finalizers"}) {
    object["metadata"].erase(field);
  }
  const auto without = ParseObjectMeta(object);
  ASSERT_TRUE(with_nulls.ok() && without.ok());
  EXPECT_EQ(*with_nulls, *without);
  EXPECT_EQ(without->deletion_time, std::nullopt);
  EXPECT_EQ(without->generation, 0);
}

TEST(ObjectMetaTest, WithoutIdentityItIsInvalid) {
  for (const char* field : {"name", "uid", "resourceVersion"}) {
    json object = Complete();
    object["metadata"].erase(field);
    const auto meta = ParseObjectMeta(object);
    ASSERT_FALSE(meta.ok()) << field;
    EXPECT_EQ(meta.error().kind, ErrorKind::kInvalid);
  }
  for (const char* text : {"null", "[]", "{}", "\"text\"", R"({"metadata": []})"}) {
    EXPECT_FALSE(ParseObjectMeta(json::parse(text)).ok()) << text;
  }
}

TEST(ObjectKeyTest, TextHasTheNamespaceIfThereIsOne) {
  EXPECT_EQ(ToString(ObjectKey{"default", "sales"}), "default/sales");
  EXPECT_EQ(ToString(ObjectKey{"", "node-1"}), "node-1");
}

TEST(ObjectKeyTest, WorksInHashedContainers) {
  const std::unordered_set<ObjectKey> keys{{"a", "b"}, {"b", "a"}, {"a", "b"}};
  EXPECT_EQ(keys.size(), 2U);
}

TEST(ObjectVersionTest, OnlyPlainNumbersCompare) {
  struct Row {
    std::string a;
    std::string b;
    std::optional<bool> older;
  };
  const Row rows[] = {
      {"9", "10", true},          {"10", "9", false},
      {"10", "10", false},        {"99999999999999999999", "100000000000000000000", true},
      {"", "1", std::nullopt},    {"1", "", std::nullopt},
      {"01", "2", std::nullopt},  {"0", "1", std::nullopt},
      {"1", "abc", std::nullopt}, {"-1", "1", std::nullopt},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(IsOlderVersion(row.a, row.b), row.older) << row.a << " and " << row.b;
  }
}

}  // namespace
}  // namespace milink
