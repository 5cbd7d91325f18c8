// The fake is held to what the real server does; tests/integration/kube has the same cases.
#include "tests/fakes/fake_object_client.h"

#include <gtest/gtest.h>

#include "tests/unit/kube/widgets.h"

namespace milink::fakes {
namespace {

using nlohmann::json;

using kube::kWidgetKey;
using kube::kWidgets;

json NewWidget() {
  return {{"metadata", {{"namespace", "ns"}, {"name", "a"}}}, {"spec", {{"size", 1}}}};
}

std::string VersionOf(const json& object) {
  return object.at("metadata").at("resourceVersion").get<std::string>();
}

TEST(FakeObjectClient, AWriteThatChangesNothingKeepsTheVersion) {
  FakeObjectClient client;
  client.Put(kWidgets, NewWidget());
  const auto first = client.ApplyStatus(kWidgets, {.key = kWidgetKey}, "m", {{"x", 1}});
  const auto second = client.ApplyStatus(kWidgets, {.key = kWidgetKey}, "m", {{"x", 1}});
  EXPECT_EQ(VersionOf(*first), VersionOf(*second));
}

TEST(FakeObjectClient, AnAppliedFieldThatIsLeftOutIsRemovedAndOthersStay) {
  FakeObjectClient client;
  const json put = client.Put(kWidgets, NewWidget());
  ASSERT_TRUE(
      client.MergeStatus(kWidgets, kWidgetKey, "journal", VersionOf(put), {{"owned", "yes"}}));
  ASSERT_TRUE(client.ApplyStatus(kWidgets, {.key = kWidgetKey}, "m",
                                 {{"x", 1}, {"y", {{"z", 2}, {"w", 3}}}}));
  const auto after = client.ApplyStatus(kWidgets, {.key = kWidgetKey}, "m", {{"y", {{"z", 4}}}});
  EXPECT_EQ(after->at("status"), json({{"owned", "yes"}, {"y", {{"z", 4}}}}));
}

TEST(FakeObjectClient, MergeStatusAtAnOldVersionConflicts) {
  FakeObjectClient client;
  const std::string old_version = VersionOf(client.Put(kWidgets, NewWidget()));
  client.Put(kWidgets, NewWidget());
  const auto result = client.MergeStatus(kWidgets, kWidgetKey, "journal", old_version, {{"a", 1}});
  EXPECT_EQ(result.error().kind, ErrorKind::kConflict);
}

TEST(FakeObjectClient, K17AStatusOfAnObjectThatWasReplacedOrChangedConflicts) {
  FakeObjectClient client;
  const auto before = ParseObjectMeta(client.Put(kWidgets, NewWidget()));
  client.Erase(kWidgets, kWidgetKey);
  const json put = client.Put(kWidgets, NewWidget());
  const auto refused = client.ApplyStatus(kWidgets, *before, "m", {{"x", 1}});
  EXPECT_EQ(refused.error().reason, "Conflict");
  EXPECT_EQ(client.Find(kWidgets, kWidgetKey), put);
  const auto now = ParseObjectMeta(put);
  ASSERT_TRUE(client.ApplyStatus(kWidgets, *now, "m", {{"x", 1}}));
  EXPECT_EQ(client.ApplyStatus(kWidgets, *now, "m", {{"x", 2}}).error().reason, "Conflict");
}

TEST(FakeObjectClient, AFinalizerHoldsADeletedObjectUntilItIsTakenOff) {
  FakeObjectClient client;
  const auto meta = ParseObjectMeta(client.Put(kWidgets, NewWidget()));
  const auto held = client.SetFinalizers(kWidgets, *meta, {"test.dev/hold"});
  ASSERT_TRUE(client.Delete(kWidgets, kWidgetKey, ""));
  const auto deleting = client.Find(kWidgets, kWidgetKey);
  ASSERT_TRUE(deleting);
  EXPECT_TRUE(deleting->at("metadata").contains("deletionTimestamp"));
  ASSERT_TRUE(client.SetFinalizers(kWidgets, *ParseObjectMeta(*deleting), {}));
  EXPECT_FALSE(client.Find(kWidgets, kWidgetKey));
}

TEST(FakeObjectClient, AFaultAfterTheEffectLosesOnlyTheAnswer) {
  FakeObjectClient client;
  client.Fail([](const ObjectCall& call) { return call.verb == "Create"; },
              Error{ErrorKind::kTransient, "OutcomeUnknown", "lost", ""}, 1,
              FakeObjectClient::When::kAfter);
  EXPECT_FALSE(client.Create(kWidgets, "ns", NewWidget()).ok());
  EXPECT_TRUE(client.Find(kWidgets, kWidgetKey));
  EXPECT_EQ(client.Create(kWidgets, "ns", NewWidget()).error().reason, "AlreadyExists");
  EXPECT_EQ(client.Writes().size(), 2U);
}

TEST(FakeObjectClient, TheGenerationGrowsOnlyWithTheSpec) {
  FakeObjectClient client;
  client.Put(kWidgets, NewWidget());
  EXPECT_EQ(client.Put(kWidgets, NewWidget()).at("metadata").at("generation"), 1);
  json changed = NewWidget();
  changed["spec"]["size"] = 2;
  EXPECT_EQ(client.Put(kWidgets, changed).at("metadata").at("generation"), 2);
}

}  // namespace
}  // namespace milink::fakes
