#include "tests/fakes/cluster_model.h"

#include <gtest/gtest.h>

#include "tests/unit/kube/widgets.h"

namespace milink::fakes {
namespace {

using nlohmann::json;

using kube::kWidgets;

json MakeWidget(const std::string& name, int size = 1) {
  return {{"metadata", {{"namespace", "ns"}, {"name", name}}}, {"spec", {{"size", size}}}};
}

ObjectKey ModelKey(const std::string& name) { return {"ns", name}; }

std::string ModelVersion(const json& object) {
  return object.at("metadata").at("resourceVersion").get<std::string>();
}

class ClusterModelTest : public testing::Test {
 protected:
  ClusterModelTest() { cluster_.Serve(kWidgets); }
  ModelAnswer List(const std::string& version, int limit = 0, const std::string& next = "",
                   Revision visible = kHead) {
    return cluster_.List(kWidgets, {"", version, limit, next, false}, visible);
  }
  static std::size_t Items(const ModelAnswer& answer) { return answer.body.at("items").size(); }

  ClusterModel cluster_;
};

TEST_F(ClusterModelTest, AnUpdateHoldsItsPreconditions) {
  json widget = cluster_.Put(kWidgets, MakeWidget("a"));
  json other = widget;
  other["metadata"]["uid"] = "another";
  EXPECT_EQ(cluster_.Update(kWidgets, ModelKey("a"), other).code, 409);
  widget["spec"]["size"] = 2;
  const ModelAnswer updated = cluster_.Update(kWidgets, ModelKey("a"), widget);
  EXPECT_EQ(updated.body.at("metadata").at("generation"), 2);
  EXPECT_EQ(cluster_.Update(kWidgets, ModelKey("a"), widget).code, 409) << "an old version";
}

TEST_F(ClusterModelTest, AWriteThatChangesNothingMakesNoVersion) {
  const json widget = cluster_.Put(kWidgets, MakeWidget("a"));
  EXPECT_EQ(ModelVersion(cluster_.Update(kWidgets, ModelKey("a"), widget).body),
            ModelVersion(widget));
}

TEST_F(ClusterModelTest, SpecAndStatusAreWrittenApart) {
  cluster_.Put(kWidgets, MakeWidget("a"));
  const json both{{"spec", {{"size", 9}}}, {"status", {{"phase", "x"}}}};
  const json status = cluster_.Patch(kWidgets, ModelKey("a"), both, "status").body;
  EXPECT_EQ(status.at("spec").at("size"), 1);
  EXPECT_EQ(status.at("status").at("phase"), "x");
  EXPECT_EQ(status.at("metadata").at("generation"), 1);
  const json spec =
      cluster_.Patch(kWidgets, ModelKey("a"), json{{"spec", {{"size", 9}}}, {"status", nullptr}})
          .body;
  EXPECT_EQ(spec.at("spec").at("size"), 9);
  EXPECT_EQ(spec.at("status").at("phase"), "x");
}

TEST_F(ClusterModelTest, FinalizersHoldADeletedObject) {
  json widget = MakeWidget("a");
  widget["metadata"]["finalizers"] = {"f"};
  cluster_.Put(kWidgets, widget);
  EXPECT_EQ(cluster_.Delete(kWidgets, ModelKey("a"), {{"preconditions", {{"uid", "x"}}}}).code,
            409);
  EXPECT_EQ(cluster_.Delete(kWidgets, ModelKey("a"), nullptr).code, 200);
  EXPECT_TRUE(cluster_.Get(kWidgets, ModelKey("a")).ok());
  cluster_.Patch(kWidgets, ModelKey("a"), json{{"metadata", {{"finalizers", nullptr}}}});
  EXPECT_EQ(cluster_.Get(kWidgets, ModelKey("a")).code, 404);
}

TEST_F(ClusterModelTest, PagesAreOfOneSnapshotUntilItIsCompacted) {
  for (const char* name : {"a", "b", "c"}) {
    cluster_.Put(kWidgets, MakeWidget(name));
  }
  const ModelAnswer first = List("", 2);
  EXPECT_EQ(Items(first), 2U);
  const std::string next = first.body.at("metadata").at("continue");
  cluster_.Put(kWidgets, MakeWidget("d"));
  const ModelAnswer second = List("", 2, next);
  EXPECT_EQ(Items(second), 1U);
  EXPECT_EQ(second.body.at("metadata").at("resourceVersion"),
            first.body.at("metadata").at("resourceVersion"));
  cluster_.Compact();
  EXPECT_EQ(List("", 2, next).code, 410);
}

TEST_F(ClusterModelTest, ALaggingServerShowsThePastUnlessAskedForTheMostRecentState) {
  cluster_.Put(kWidgets, MakeWidget("a"));
  const Revision past = cluster_.head();
  cluster_.Erase(kWidgets, ModelKey("a"));
  EXPECT_EQ(Items(List("0", 0, "", past)), 1U);
  EXPECT_EQ(Items(List("", 0, "", past)), 0U);
  EXPECT_EQ(List(std::to_string(cluster_.head()), 0, "", past).code, 504);
  EXPECT_TRUE(cluster_.EventsAfter(kWidgets, "", past, past)->empty());
  EXPECT_EQ(cluster_.EventsAfter(kWidgets, "", past)->back().type, "DELETED");
}

TEST_F(ClusterModelTest, HistoryBeforeACompactionIsGone) {
  const Revision before = cluster_.head();
  cluster_.Compact();
  EXPECT_EQ(cluster_.EventsAfter(kWidgets, "", before), std::nullopt);
  EXPECT_TRUE(cluster_.EventsAfter(kWidgets, "", cluster_.head())->empty());
}

}  // namespace
}  // namespace milink::fakes
