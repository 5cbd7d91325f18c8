#include "controllers/link/network_tests.h"

#include <gtest/gtest.h>

namespace milink::link {
namespace {

const ObjectKey kFirstLink{"ns", "one"};
const ObjectKey kSecondLink{"ns", "two"};

TimePoint AtMinute(int minutes) { return TimePoint(std::chrono::minutes(minutes)); }

TEST(NetworkTestsTest, OneLinkDrivesTheTestOfAPair) {
  NetworkTests tests;
  EXPECT_FALSE(tests.Get("pair").has_value());
  ASSERT_TRUE(tests.Begin("pair", {kFirstLink, "", AtMinute(0), {}}));
  EXPECT_TRUE(tests.BeginProbe("pair", kFirstLink, NetworkProbe::kRules));
  EXPECT_FALSE(tests.BeginProbe("pair", kFirstLink, NetworkProbe::kRules));
  EXPECT_FALSE(tests.BeginProbe("pair", kSecondLink, NetworkProbe::kNode));
  EXPECT_FALSE(tests.BeginProbe("other pair", kFirstLink, NetworkProbe::kNode));
  EXPECT_FALSE(tests.Begin("pair", {kSecondLink, "", AtMinute(1), {}}));
  EXPECT_TRUE(tests.Begin("other pair", {kSecondLink, "", AtMinute(1), {}}));

  tests.End("pair", NetworkProbe::kRules, {});
  EXPECT_FALSE(tests.Get("pair")->AnyRunning());
  EXPECT_NE(tests.Get("pair")->Ended(NetworkProbe::kRules), nullptr);
  EXPECT_EQ(tests.Get("pair")->Ended(NetworkProbe::kNode), nullptr);
  EXPECT_TRUE(tests.Begin("pair", {kSecondLink, "", AtMinute(1), {}}));
}

TEST(NetworkTestsTest, ATestThatDoesNotEndIsTakenOver) {
  NetworkTests tests;
  ASSERT_TRUE(tests.Begin("pair", {kFirstLink, "", AtMinute(0), {}}));
  ASSERT_TRUE(tests.BeginProbe("pair", kFirstLink, NetworkProbe::kNode));
  EXPECT_EQ(tests.Get("pair")->Ended(NetworkProbe::kNode), nullptr);
  EXPECT_FALSE(tests.Begin("pair", {kSecondLink, "", AtMinute(4), {}}));
  EXPECT_TRUE(tests.Begin("pair", {kSecondLink, "", AtMinute(5), {}}));
  EXPECT_EQ(tests.Get("pair")->owner, kSecondLink);
}

TEST(NetworkTestsTest, WhatStillRunsOfATestThatIsGivenUpIsFollowed) {
  NetworkTests tests;
  ASSERT_TRUE(tests.Begin("pair", {kFirstLink, "", AtMinute(0), {}}));
  for (const auto probe : {NetworkProbe::kRules, NetworkProbe::kToInstance}) {
    ASSERT_TRUE(tests.BeginProbe("pair", kFirstLink, probe));
  }
  tests.End("pair", NetworkProbe::kRules, {});
  ASSERT_TRUE(tests.Begin("pair", {kFirstLink, "", AtMinute(1), {}, true}));
  EXPECT_TRUE(tests.Get("pair")->given_up);
  EXPECT_EQ(tests.Get("pair")->Find(NetworkProbe::kRules), nullptr);
  EXPECT_NE(tests.Get("pair")->Find(NetworkProbe::kToInstance), nullptr);
  EXPECT_FALSE(tests.Begin("pair", {kSecondLink, "", AtMinute(2), {}}));
  ASSERT_TRUE(tests.Begin("pair", {kFirstLink, "", AtMinute(3), {}}));
  EXPECT_FALSE(tests.Get("pair")->AnyRunning());
}

TEST(NetworkTestsTest, ATestIsForgottenByItsOwnerAlone) {
  NetworkTests tests;
  ASSERT_TRUE(tests.Begin("pair", {kFirstLink, "", AtMinute(0), {}}));
  ASSERT_TRUE(tests.Begin("other pair", {kSecondLink, "", AtMinute(0), {}}));
  EXPECT_EQ(tests.PairsOf(kFirstLink), std::vector<std::string>{"pair"});
  tests.Forget("pair", kSecondLink);
  EXPECT_TRUE(tests.Get("pair").has_value());
  tests.Forget("pair", kFirstLink);
  EXPECT_FALSE(tests.Get("pair").has_value());
  EXPECT_TRUE(tests.PairsOf(kFirstLink).empty());
}

TEST(NetworkTestsTest, AnOutcomeThatCameTooLateChangesNothing) {
  NetworkTests tests;
  ASSERT_TRUE(tests.Begin("pair", {kFirstLink, "", AtMinute(0), {}}));
  tests.End("pair", NetworkProbe::kNode, {});
  EXPECT_EQ(tests.Get("pair")->Find(NetworkProbe::kNode), nullptr);
  tests.End("no pair", NetworkProbe::kNode, {});
}

}  // namespace
}  // namespace milink::link
