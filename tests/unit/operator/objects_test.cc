#include "operator/objects.h"

#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/random.h"
#include "tests/fakes/fake_clock.h"
#include "tests/gen/manifests.h"

namespace milink::app {
namespace {

const ObjectKey kLink{"default", "shop"};

class ObjectsTest : public ::testing::Test {
 protected:
  ObjectsTest() {
    link_ = gen::LinkManifest("shop", {"sales"});
    link_["metadata"]["uid"] = "u1";
    link_["metadata"]["generation"] = 1;
    Bring();
    Drain();
  }
  // The object as it is now, through the watch.
  void Bring() {
    link_["metadata"]["resourceVersion"] = std::to_string(++version_);
    objects_.links.parts().front().second->Upsert(link_);
  }
  // Another link of the same managed instance.
  static nlohmann::json Other() {
    nlohmann::json link = gen::LinkManifest("other", {"sales"});
    link["metadata"]["uid"] = "u2";
    return link;
  }
  void Drain() { Woken(); }
  // The names of the links in the queue, which is empty then.
  std::set<std::string> Woken() {
    std::set<std::string> names;
    while (const auto item = links_.TryGet()) {
      names.insert(item->key.name);
      links_.Done(item->key);
    }
    return names;
  }

  fakes::FakeClock clock_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  runtime::WorkQueue replicas_{clock_, *random_};
  runtime::WorkQueue links_{clock_, *random_};
  runtime::WorkQueue instances_{clock_, *random_};
  Objects objects_{{replicas_, links_, instances_}, {}, Logger()};
  nlohmann::json link_;
  int version_ = 10;
};

TEST_F(ObjectsTest, AllLinksCanBeWoken) {
  link_ = Other();
  Bring();
  Drain();
  objects_.WakeAllLinks();
  EXPECT_EQ(Woken(), (std::set<std::string>{"other", "shop"}));
}

TEST_F(ObjectsTest, AUsersChangeIsTriedAtOnceHoweverOftenTheObjectFailed) {
  for (int i = 0; i < 15; ++i) links_.AddRateLimited(kLink);
  EXPECT_FALSE(links_.TryGet());
  link_["metadata"]["generation"] = 2;
  Bring();
  EXPECT_EQ(links_.Failures(kLink), 0);
  EXPECT_EQ(links_.TryGet(), (runtime::WorkQueue::Item{kLink, runtime::kChangePriority}));
}

TEST_F(ObjectsTest, OurOwnStatusNeitherWakesNorForgets) {
  links_.AddRateLimited(kLink);
  link_["status"]["phase"] = "Seeding";
  Bring();
  EXPECT_EQ(links_.Failures(kLink), 1);
  EXPECT_FALSE(links_.TryGet());
}

TEST_F(ObjectsTest, OnlyOurAnnotationsWake) {
  link_["metadata"]["labels"]["team"] = "data";
  link_["metadata"]["annotations"]["example.com/note"] = "x";
  Bring();
  EXPECT_FALSE(links_.TryGet());
  link_["metadata"]["annotations"][api::kTestNetworkAnnotation] = "1";
  Bring();
  EXPECT_TRUE(links_.TryGet());
}

TEST_F(ObjectsTest, WhatAnInstanceTrustsIsNewsForTheReplica) {
  const auto woken = [this] {
    const auto item = replicas_.TryGet();
    if (item) replicas_.Done(item->key);
    return item ? item->key.name : std::string();
  };
  while (!woken().empty()) {
  }
  link_["status"] = {{"phase", "Replicating"}};
  Bring();
  EXPECT_EQ(woken(), "");
  link_["status"]["trust"] = {{"sqlThumbprints", {"AB12"}}};
  Bring();
  EXPECT_EQ(woken(), link_["spec"]["sqlServerReplicaRef"]["name"].get<std::string>());
}

TEST_F(ObjectsTest, ADeletionIsUrgent) {
  link_["metadata"]["deletionTimestamp"] = "2026-11-21T10:00:00Z";
  link_["metadata"]["finalizers"] = {"milink.dev/link"};
  Bring();
  EXPECT_EQ(links_.TryGet(), (runtime::WorkQueue::Item{kLink, runtime::kUrgentPriority}));
}

// It may wait for a database that the other link had.
TEST_F(ObjectsTest, ALinkThatGoesWakesTheOthersOfItsManagedInstance) {
  const nlohmann::json first = std::exchange(link_, Other());
  Bring();
  Drain();
  objects_.links.parts().front().second->Remove(first);
  EXPECT_EQ(Woken(), (std::set<std::string>{"shop", "other"}));
}

TEST_F(ObjectsTest, ALinkWithAnotherSpecWakesTheOthersOfTheManagedInstanceThatItHad) {
  const nlohmann::json first = std::exchange(link_, Other());
  Bring();
  Drain();
  link_ = first;
  link_["metadata"]["generation"] = 2;
  link_["spec"]["managedInstance"]["name"] = "sqlmi2";
  Bring();
  EXPECT_EQ(Woken(), (std::set<std::string>{"shop", "other"}));
}

TEST_F(ObjectsTest, WhatIsALinksOwnBusinessWakesNoOther) {
  objects_.links.parts().front().second->Upsert([] {
    nlohmann::json other = Other();
    other["metadata"]["resourceVersion"] = "5";
    return other;
  }());
  Drain();
  link_["metadata"]["generation"] = 2;
  link_["spec"]["deletionPolicy"] = "Unlink";
  Bring();
  EXPECT_EQ(Woken(), (std::set<std::string>{"shop"}));
}

// It must be told, and nobody else looks at it.
TEST_F(ObjectsTest, WhatCannotBeReadWakesItself) {
  nlohmann::json other = Other();
  other["metadata"]["resourceVersion"] = "99";
  other["spec"].erase("sqlServerReplicaRef");
  objects_.links.parts().front().second->Upsert(other);
  EXPECT_EQ(Woken(), std::set<std::string>{"other"});
  while (const auto item = replicas_.TryGet()) replicas_.Done(item->key);
  const ObjectKey replica{"default", "sql9"};
  objects_.replicas.parts().front().second->Upsert(
      {{"metadata",
        {{"namespace", "default"}, {"name", "sql9"}, {"uid", "u9"}, {"resourceVersion", "100"}}}});
  EXPECT_EQ(replicas_.TryGet()->key, replica);
}

}  // namespace
}  // namespace milink::app
