#include "core/kube/object_set.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace milink::kube {
namespace {

struct Thing {
  ObjectMeta meta;
};

std::shared_ptr<const Thing> Make(const std::string& name, const std::string& version) {
  return std::make_shared<const Thing>(
      Thing{.meta = {.key = {"ns", name}, .resource_version = version}});
}

TEST(ObjectSetTest, FindsByTheKeyOfTheObject) {
  ObjectSet<Thing> set;
  const auto a = Make("a", "1");
  EXPECT_EQ(set.Put(a), nullptr);
  EXPECT_EQ(set.Find({"ns", "a"}), a);
  EXPECT_EQ(set.Find({"other", "a"}), nullptr);
}

TEST(ObjectSetTest, ANewerOneTakesThePlaceOfWhatHadItsKey) {
  ObjectSet<Thing> set;
  const auto first = Make("a", "1");
  const auto second = Make("a", "2");
  set.Put(first);
  EXPECT_EQ(set.Put(second), first);
  EXPECT_EQ(set.size(), 1U);
  EXPECT_EQ(set.Find({"ns", "a"}), second);
}

TEST(ObjectSetTest, WhatIsTakenOutIsGone) {
  ObjectSet<Thing> set;
  const auto a = Make("a", "1");
  set.Put(a);
  set.Put(Make("b", "1"));
  EXPECT_EQ(set.Take({"ns", "a"}), a);
  EXPECT_EQ(set.Take({"ns", "a"}), nullptr);
  EXPECT_EQ(set.size(), 1U);
  set.Clear();
  EXPECT_EQ(set.begin(), set.end());
}

}  // namespace
}  // namespace milink::kube
