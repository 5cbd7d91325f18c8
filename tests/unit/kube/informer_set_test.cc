#include "core/kube/informer_set.h"

#include <gtest/gtest.h>

namespace milink::kube {
namespace {

struct Thing {
  ObjectMeta meta;
};

Result<Thing> DecodeThing(const nlohmann::json& object) {
  auto meta = ParseObjectMeta(object);
  return meta.ok() ? Result<Thing>(Thing{*std::move(meta)}) : std::move(meta).error();
}

nlohmann::json Json(const std::string& space, const std::string& version) {
  return {
      {"metadata",
       {{"namespace", space}, {"name", "x"}, {"uid", "u-" + space}, {"resourceVersion", version}}}};
}

class InformerSetTest : public testing::Test {
 protected:
  InformerSet<Thing> set_{"Thing", DecodeThing, Logger(), {"b", "a", "b"}};
};

TEST_F(InformerSetTest, HasOneInformerForEachNamespace) {
  const auto parts = set_.parts();
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].first, "a");
  EXPECT_EQ(parts[1].first, "b");
  InformerSet<Thing> all("Thing", DecodeThing, Logger());
  ASSERT_EQ(all.parts().size(), 1U);
  EXPECT_EQ(all.parts()[0].first, "") << "all namespaces";
}

TEST_F(InformerSetTest, LooksLikeOneStore) {
  std::vector<ObjectKey> changed;
  set_.AddHandler({.on_change = [&](const auto& change) { changed.push_back(change.key); }});
  set_.parts()[0].second->Upsert(Json("a", "5"));
  set_.parts()[1].second->Upsert(Json("b", "9"));
  EXPECT_EQ(set_.size(), 2U);
  EXPECT_EQ(set_.List().size(), 2U);
  EXPECT_EQ(set_.Get({"b", "x"})->meta.uid, "u-b");
  EXPECT_EQ(set_.Get({"c", "x"}), nullptr);
  EXPECT_EQ(changed, (std::vector<ObjectKey>{{"a", "x"}, {"b", "x"}}));
}

TEST_F(InformerSetTest, EachNamespaceHasReachedItsOwnVersion) {
  set_.parts()[1].second->Upsert(Json("b", "9"));
  EXPECT_TRUE(set_.HasReached({"b", "x"}, "9"));
  EXPECT_FALSE(set_.HasReached({"a", "x"}, "9")) << "the other watch may be behind";
  EXPECT_FALSE(set_.HasReached({"c", "x"}, "1"));
}

TEST_F(InformerSetTest, IsSyncedWhenAllAre) {
  set_.parts()[0].second->Replace("1");
  EXPECT_FALSE(set_.synced());
  EXPECT_FALSE(set_.WaitSynced(Duration(0)));
  set_.parts()[1].second->Replace("1");
  EXPECT_TRUE(set_.synced());
  EXPECT_TRUE(set_.WaitSynced(Duration(0)));
}

TEST_F(InformerSetTest, TellsWhatCannotBeDecodedInANamespace) {
  InformerSet<Thing> set(
      "Thing",
      [](const nlohmann::json& object) -> Result<Thing> {
        return object.contains("broken") ? Result<Thing>(Error{ErrorKind::kInvalid, "Broken", "x"})
                                         : DecodeThing(object);
      },
      Logger());
  auto broken = Json("a", "1");
  broken["broken"] = true;
  set.parts()[0].second->Upsert(broken);
  set.parts()[0].second->Upsert(Json("b", "2"));
  EXPECT_EQ(set.UndecodableIn("a"), (std::vector<ObjectKey>{{"a", "x"}}));
  EXPECT_TRUE(set.UndecodableIn("b").empty());
  EXPECT_EQ(set.WhyUndecodable({"a", "x"})->reason, "Broken");
  EXPECT_FALSE(set.WhyUndecodable({"b", "x"}));
}

}  // namespace
}  // namespace milink::kube
