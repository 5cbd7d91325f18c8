#include "core/kube/watch_object.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace milink::kube {
namespace {

using nlohmann::json;

const json kWidget = {{"kind", "Widget"}, {"metadata", {{"resourceVersion", "7"}}}};

TEST(WatchObject, TheVersionIsEmptyWhereThereIsNone) {
  EXPECT_EQ(VersionOf(kWidget), "7");
  for (const json& without : {json::object(), json("text"), json{{"metadata", 1}},
                              json{{"metadata", {{"resourceVersion", 7}}}}}) {
    EXPECT_EQ(VersionOf(without), "") << without;
  }
}

TEST(WatchObject, OnlyTheAnnotatedBookmarkEndsAStreamingList) {
  json bookmark = kWidget;
  EXPECT_FALSE(EndsStreamingList(bookmark));
  bookmark["metadata"]["annotations"] = {{"k8s.io/initial-events-end", "false"}};
  EXPECT_FALSE(EndsStreamingList(bookmark));
  bookmark["metadata"]["annotations"] = {{"k8s.io/initial-events-end", "true"}};
  EXPECT_TRUE(EndsStreamingList(bookmark));
}

TEST(WatchObject, AnotherKindOrNoVersionIsSkipped) {
  EXPECT_FALSE(WhySkip(kWidget, "Widget"));
  EXPECT_FALSE(WhySkip(kWidget, "")) << "any kind";
  EXPECT_FALSE(WhySkip({{"metadata", {{"resourceVersion", "7"}}}}, "Widget")) << "it says none";
  EXPECT_EQ(WhySkip(kWidget, "Gadget")->reason, "UnexpectedKind");
  EXPECT_EQ(WhySkip({{"kind", "Widget"}}, "Widget")->reason, "ObjectWithoutVersion");
}

}  // namespace
}  // namespace milink::kube
