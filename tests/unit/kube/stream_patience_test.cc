#include "core/kube/stream_patience.h"

#include <gtest/gtest.h>

namespace milink::kube {
namespace {

using std::chrono::seconds;

constexpr Duration kSilenceLimit = seconds(72);
constexpr Duration kListPatience = seconds(20);
constexpr Duration kLifetime = seconds(300);
constexpr Duration kGrace = seconds(5);

class StreamPatienceTest : public testing::Test {
 protected:
  StreamPatienceTest() { patience_.OnOpened(opened_, kLifetime); }
  // Cut for nothing but silence, and opened anew.
  void CutSilent() {
    opened_ = patience_.Deadline();
    patience_.OnCut(opened_);
    patience_.OnOpened(opened_, kLifetime);
  }

  MonotonicTime opened_{seconds(1000)};
  StreamPatience patience_{kSilenceLimit, kListPatience};
};

TEST_F(StreamPatienceTest, SilenceCountsFromTheLatestEvent) {
  EXPECT_EQ(patience_.Deadline(), opened_ + kSilenceLimit);
  patience_.OnBytes(opened_ + seconds(10));
  patience_.OnEvent(opened_ + seconds(10));
  EXPECT_EQ(patience_.Deadline(), opened_ + seconds(10) + kSilenceLimit);
}

TEST_F(StreamPatienceTest, BytesOfAnEventThatDripsInWinNoTimeButTheFirst) {
  patience_.OnBytes(opened_ + seconds(10));
  patience_.OnBytes(opened_ + seconds(60));
  EXPECT_EQ(patience_.Deadline(), opened_ + seconds(10) + kSilenceLimit);
}

TEST_F(StreamPatienceTest, NoStreamOutlivesItsTime) {
  patience_.OnEvent(opened_ + kLifetime);
  EXPECT_EQ(patience_.Deadline(), opened_ + kLifetime + kGrace);
}

TEST_F(StreamPatienceTest, AfterThreeSilentStreamsTheServerIsTakenToSendNoBookmarks) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(patience_.Deadline(), opened_ + kSilenceLimit);
    CutSilent();
  }
  EXPECT_EQ(patience_.Deadline(), opened_ + kLifetime + kGrace);
  patience_.OnBytes(opened_ + seconds(10));
  EXPECT_EQ(patience_.Deadline(), opened_ + seconds(10) + kSilenceLimit) << "within an event";
}

TEST_F(StreamPatienceTest, AServerThatEverSentABookmarkIsExpectedTo) {
  patience_.OnBookmark();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(patience_.Deadline(), opened_ + kSilenceLimit);
    CutSilent();
  }
}

TEST_F(StreamPatienceTest, AStreamingListIsComplainedOfAndThenTooSlow) {
  EXPECT_EQ(patience_.ListDeadline(), opened_ + seconds(10));
  EXPECT_FALSE(patience_.IsListTooSlow(opened_ + seconds(10)));
  EXPECT_EQ(patience_.ListDeadline(), opened_ + kListPatience);
  EXPECT_TRUE(patience_.IsListTooSlow(opened_ + kListPatience));
}

TEST_F(StreamPatienceTest, AStreamingListMayGoOnWhileEventsComeUntilItsTimeIsOver) {
  for (Duration passed = seconds(10); passed < kLifetime + kGrace; passed += seconds(10)) {
    patience_.OnEvent(opened_ + passed);
    EXPECT_FALSE(patience_.IsListTooSlow(opened_ + passed));
  }
  patience_.OnEvent(opened_ + kLifetime + kGrace);
  EXPECT_TRUE(patience_.IsListTooSlow(opened_ + kLifetime + kGrace));
}

}  // namespace
}  // namespace milink::kube
