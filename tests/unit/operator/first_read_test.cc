#include "operator/first_read.h"

#include <memory>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "tests/fakes/fake_clock.h"

namespace milink::app {
namespace {

class FirstReadTest : public ::testing::Test {
 protected:
  Status Await() {
    return AwaitFirstRead(
        objects_, [this] { return watches_; }, clock_, Duration::zero(), stop_.get_token());
  }
  void ReadLinks() { objects_.links.parts().front().second->Replace("1"); }
  void ReadReplicas() { objects_.replicas.parts().front().second->Replace("1"); }

  fakes::FakeClock clock_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  runtime::WorkQueue queue_{clock_, *random_};
  Objects objects_{{queue_, queue_, queue_}, {}, Logger()};
  std::vector<kube::WatchHealth> watches_;
  std::stop_source stop_;
};

TEST_F(FirstReadTest, EndsOnceBothKindsWereRead) {
  ReadLinks();
  EXPECT_FALSE(Await().ok());
  ReadReplicas();
  EXPECT_TRUE(Await().ok());
}

TEST_F(FirstReadTest, WhatKeepsItIsNamed) {
  kube::WatchHealth links;
  links.spec.type = kLinks;
  links.spec.namespace_name = "shop";
  links.last_error = "403 forbidden";
  links.failures = 1;
  kube::WatchHealth replicas;
  replicas.spec.type = kReplicas;
  replicas.listed = true;
  watches_ = {replicas, links};
  const Status status = Await();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().reason, "NotSynced");
  EXPECT_EQ(status.error().detail, "managedinstancelinks of namespace shop: 403 forbidden; ");
}

TEST_F(FirstReadTest, AListThatGoesOnIsToldApartFromOneThatFails) {
  kube::WatchHealth links;
  links.spec.type = kLinks;
  watches_ = {links};
  EXPECT_EQ(Await().error().detail, "managedinstancelinks: still being read; ");
}

TEST_F(FirstReadTest, AStopEndsItAndIsNoError) {
  stop_.request_stop();
  EXPECT_TRUE(Await().ok());
}

}  // namespace
}  // namespace milink::app
