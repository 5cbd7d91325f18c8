// What handlers hear is noted as one line of text each.
#include "core/kube/informer.h"

#include <gtest/gtest.h>

namespace milink::kube {
namespace {

using nlohmann::json;
using Lines = std::vector<std::string>;

struct CachedWidget {
  ObjectMeta meta;
  int size = 0;
  bool saw_bookkeeping = false;
};

// Throws, as a careless decoder might, when size is no number.
Result<CachedWidget> DecodeCachedWidget(const json& object) {
  auto meta = ParseObjectMeta(object);
  if (!meta.ok()) {
    return meta.error();
  }
  return CachedWidget{*meta, object.at("size").get<int>(),
                      object.at("metadata").contains("managedFields")};
}

json Make(const std::string& name, const std::string& version, int size = 1,
          const std::string& uid = "u1") {
  return {{"metadata",
           {{"namespace", "ns"},
            {"name", name},
            {"uid", uid},
            {"resourceVersion", version},
            {"managedFields", json::array({1})}}},
          {"size", size}};
}

json Broken(const std::string& name, const std::string& version) {
  json object = Make(name, version);
  object["size"] = "large";
  return object;
}

ObjectKey Key(const std::string& name) { return {"ns", name}; }

class InformerTest : public testing::Test {
 protected:
  InformerTest() {
    informer_.AddHandler(
        {.on_change =
             [this](const Informer<CachedWidget>::Change& change) {
               heard_.push_back((change.before ? "update " : "add ") + change.key.name +
                                (change.initial_list ? " initially" : "") + " " +
                                (change.before ? std::to_string(change.before->size) + "->" : "") +
                                std::to_string(change.after->size));
             },
         .on_delete =
             [this](const Informer<CachedWidget>::Deletion& deletion) {
               heard_.push_back("delete " + deletion.key.name + " " +
                                std::to_string(deletion.last->size) +
                                (deletion.was_missed ? " missed" : ""));
             },
         .on_undecodable = [this](const ObjectKey& key,
                                  const Error&) { heard_.push_back("undecodable " + key.name); },
         .on_synced = [this] { heard_.emplace_back("synced"); },
         .wants_update = nullptr});
  }
  void List(std::vector<json> items, const std::string& version) {
    for (json& item : items) {
      informer_.Stage(std::move(item));
    }
    informer_.Replace(version);
  }
  Lines Heard() { return std::exchange(heard_, {}); }

  Lines heard_;
  Informer<CachedWidget> informer_{"Widget", DecodeCachedWidget, Logger()};
};

TEST_F(InformerTest, TheFirstListIsToldAsInitialAndThenSynced) {
  EXPECT_FALSE(informer_.synced());
  List({Make("a", "1", 5)}, "3");
  EXPECT_EQ(Heard(), (Lines{"add a initially 5", "synced"}));
  EXPECT_TRUE(informer_.synced());
  EXPECT_TRUE(informer_.WaitSynced(Duration::zero()));
  EXPECT_EQ(informer_.Get(Key("a"))->size, 5);
  EXPECT_EQ(informer_.List().size(), 1U);
}

TEST_F(InformerTest, StagedObjectsAreNotSeenBeforeTheListIsComplete) {
  informer_.Stage(Make("a", "1"));
  EXPECT_EQ(informer_.Get(Key("a")), nullptr);
  informer_.DiscardStaged();
  informer_.Replace("3");
  EXPECT_EQ(informer_.size(), 0U);
}

TEST_F(InformerTest, ChangesCarryTheOldAndTheNewSnapshot) {
  List({}, "1");
  Heard();
  informer_.Upsert(Make("a", "2", 1));
  informer_.Upsert(Make("a", "3", 2));
  informer_.Remove(Make("a", "4", 3));
  EXPECT_EQ(Heard(), (Lines{"add a 1", "update a 1->2", "delete a 3"}));
}

TEST_F(InformerTest, ASnapshotInHandOutlivesItsDeletion) {
  List({Make("a", "1", 7)}, "1");
  const auto held = informer_.Get(Key("a"));
  informer_.Remove(Make("a", "2"));
  EXPECT_EQ(held->size, 7);
}

TEST_F(InformerTest, ARelistTellsOnlyWhatChangedAndWhatWasMissed) {
  List({Make("a", "1", 1), Make("b", "2", 2), Make("c", "3", 3)}, "3");
  Heard();
  List({Make("a", "1", 1), Make("b", "5", 9)}, "6");
  EXPECT_EQ(Heard(), (Lines{"update b 2->9", "delete c 3 missed"}));
}

TEST_F(InformerTest, ARelistKeepsTheSnapshotOfWhatDidNotChange) {
  List({Make("a", "1"), Make("b", "2")}, "2");
  const auto a = informer_.Get(Key("a"));
  const auto b = informer_.Get(Key("b"));
  List({Make("a", "1"), Make("b", "2", 1, "u2")}, "3");
  EXPECT_EQ(informer_.Get(Key("a")), a);
  EXPECT_NE(informer_.Get(Key("b")), b) << "another uid is another object";
}

TEST_F(InformerTest, WhatIsDeletedDuringAStreamingListIsNotInIt) {
  informer_.Stage(Make("a", "1"));
  informer_.Stage(Broken("b", "2"));
  informer_.Stage(Make("c", "3", 7));
  informer_.Unstage(Make("a", "4"));
  informer_.Unstage(Make("b", "5"));
  informer_.Unstage(Make("unknown", "6"));
  informer_.Replace("6");
  EXPECT_EQ(Heard(), (Lines{"add c initially 7", "synced"}));
  EXPECT_TRUE(informer_.Undecodable().empty());
}

TEST_F(InformerTest, StagingAnOldVersionOnceMoreChangesNothing) {
  informer_.Stage(Make("a", "9", 9));
  informer_.Stage(Make("a", "8", 8));
  informer_.Replace("9");
  EXPECT_EQ(informer_.Get(Key("a"))->size, 9);
}

TEST_F(InformerTest, AReplayTellsOfAllObjectsAsNoNews) {
  List({Make("a", "1", 5)}, "1");
  Heard();
  informer_.Replay();
  EXPECT_EQ(Heard(), Lines{"add a initially 5"});
}

TEST_F(InformerTest, TheSameVersionTwiceIsNoNews) {
  List({Make("a", "1")}, "1");
  Heard();
  informer_.Upsert(Make("a", "1"));
  EXPECT_EQ(Heard(), Lines{});
}

TEST_F(InformerTest, ADeletionOfWhatIsUnknownIsNoNews) {
  List({}, "1");
  Heard();
  informer_.Remove(Make("a", "2"));
  EXPECT_EQ(Heard(), Lines{});
}

TEST_F(InformerTest, ARecreatedObjectIsADeletionAndAnAddition) {
  List({Make("a", "1", 1, "u1")}, "1");
  Heard();
  List({Make("a", "9", 2, "u2")}, "9");
  EXPECT_EQ(Heard(), (Lines{"delete a 1 missed", "add a 2"}));
}

TEST_F(InformerTest, AFilterHidesUpdatesOfTheSameObjectOnly) {
  int heard = 0;
  informer_.AddHandler(
      {.on_change = [&](const Informer<CachedWidget>::Change&) { ++heard; },
       .on_delete = nullptr,
       .on_undecodable = nullptr,
       .on_synced = nullptr,
       .wants_update = [](const CachedWidget& before,
                          const CachedWidget& after) { return before.size != after.size; }});
  List({Make("a", "1", 1)}, "1");
  informer_.Upsert(Make("a", "2", 1));
  EXPECT_EQ(heard, 1);
  informer_.Upsert(Make("a", "3", 2));
  EXPECT_EQ(heard, 2);
  informer_.Upsert(Make("a", "4", 2, "another uid"));
  EXPECT_EQ(heard, 3);
  EXPECT_EQ(informer_.Get(Key("a"))->meta.resource_version, "4");
}

TEST_F(InformerTest, WhatCannotBeDecodedIsReportedAndItsLastSnapshotStays) {
  List({Make("a", "1", 5)}, "1");
  Heard();
  informer_.Upsert(Broken("a", "2"));
  EXPECT_EQ(Heard(), Lines{"undecodable a"});
  EXPECT_EQ(informer_.Get(Key("a"))->size, 5);
  EXPECT_EQ(informer_.Undecodable().count(Key("a")), 1U);
  EXPECT_TRUE(informer_.HasReached(Key("a"), "2"));
  informer_.Upsert(Make("a", "3", 6));
  EXPECT_EQ(Heard(), Lines{"update a 5->6"});
  EXPECT_TRUE(informer_.Undecodable().empty());
  EXPECT_EQ(informer_.undecodable_total(), 1U);
}

TEST_F(InformerTest, AnUndecodableObjectInAListIsNotTakenForDeleted) {
  List({Make("a", "1", 5), Make("b", "2", 6)}, "2");
  Heard();
  List({Broken("a", "3"), Make("b", "2", 6)}, "4");
  EXPECT_EQ(Heard(), Lines{"undecodable a"});
  EXPECT_EQ(informer_.Get(Key("a"))->size, 5);
}

// Who hears of it looks into the store.
TEST_F(InformerTest, WhatCannotBeDecodedIsToldOnceTheStoreShowsIt) {
  int heard = 0;
  informer_.AddHandler({.on_change = nullptr,
                        .on_delete = nullptr,
                        .on_undecodable =
                            [&](const ObjectKey& key, const Error&) {
                              ++heard;
                              EXPECT_TRUE(informer_.WhyUndecodable(key).has_value());
                            },
                        .on_synced = nullptr,
                        .wants_update = nullptr});
  List({Broken("a", "1"), Make("b", "2")}, "2");
  informer_.Upsert(Broken("b", "3"));
  EXPECT_EQ(heard, 2);
  informer_.Upsert(Make("a", "4"));
  EXPECT_FALSE(informer_.WhyUndecodable(Key("a")).has_value());
}

TEST_F(InformerTest, AnUndecodableDeletionIsStillADeletion) {
  List({Make("a", "1", 5)}, "1");
  Heard();
  informer_.Remove(Broken("a", "2"));
  EXPECT_EQ(Heard(), Lines{"delete a 5"});
}

TEST_F(InformerTest, ObjectsWithoutMetadataAreCountedAndSkipped) {
  List({json("text"), json::object(), Make("a", "1")}, "1");
  EXPECT_EQ(informer_.size(), 1U);
  EXPECT_EQ(informer_.undecodable_total(), 2U);
}

TEST_F(InformerTest, BookkeepingIsDroppedBeforeDecoding) {
  List({Make("a", "1")}, "1");
  EXPECT_FALSE(informer_.Get(Key("a"))->saw_bookkeeping);
}

TEST(DropBookkeeping, KeepsOtherAnnotations) {
  json object = {{"metadata",
                  {{"annotations",
                    {{"kubectl.kubernetes.io/last-applied-configuration", "{}"}, {"mine", "1"}}}}}};
  DropBookkeeping(object);
  EXPECT_EQ(object, (json{{"metadata", {{"annotations", {{"mine", "1"}}}}}}));
}

TEST_F(InformerTest, HasReachedFollowsEveryEventAndBookmark) {
  EXPECT_FALSE(informer_.HasReached(Key("a"), "1"));
  List({Make("a", "8")}, "9");
  EXPECT_TRUE(informer_.HasReached(Key("a"), "8"));
  EXPECT_TRUE(informer_.HasReached(Key("a"), "9"));
  EXPECT_FALSE(informer_.HasReached(Key("a"), "10"));
  informer_.Upsert(Make("b", "11"));
  EXPECT_TRUE(informer_.HasReached(Key("a"), "10"));
  informer_.Progress("20");
  EXPECT_TRUE(informer_.HasReached(Key("gone"), "20"));
  EXPECT_FALSE(informer_.HasReached(Key("a"), "100"));
}

TEST_F(InformerTest, VersionsThatCannotBeComparedAreReachedOnlyWhenEqual) {
  List({Make("a", "x7")}, "x9");
  EXPECT_TRUE(informer_.HasReached(Key("a"), "x7"));
  EXPECT_FALSE(informer_.HasReached(Key("a"), "x8"));
}

}  // namespace
}  // namespace milink::kube
