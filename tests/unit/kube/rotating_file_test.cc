#include "core/kube/rotating_file.h"

#include "tests/unit/kube/temp_folder.h"

namespace milink::kube {
namespace {

using std::chrono::seconds;

class RotatingFileTest : public testing::Test {
 protected:
  MonotonicTime now_{std::chrono::hours(1)};
  TempFolder folder_;
};

TEST_F(RotatingFileTest, IsReadOnceAMinute) {
  RotatingFile file(folder_.Write("f", "new"), "old", now_);
  EXPECT_EQ(file.Read(now_ + seconds(59)), "old");
  EXPECT_EQ(file.Read(now_ + seconds(60)), "new");
  folder_.Write("f", "newer");
  EXPECT_EQ(file.Read(now_ + seconds(119)), "new");
  EXPECT_EQ(file.Read(now_ + seconds(120)), "newer");
}

TEST_F(RotatingFileTest, K13WhatIsMissingOrEmptyLeavesTheOldContent) {
  RotatingFile file(folder_.Write("f", " \n"), "old", now_);
  EXPECT_EQ(file.Read(now_ + seconds(60)), "old");
  std::filesystem::remove(file.path());
  EXPECT_EQ(file.Read(now_ + seconds(120)), "old");
  folder_.Write("f", "new");
  EXPECT_EQ(file.Read(now_ + seconds(180)), "new");
}

TEST_F(RotatingFileTest, WithoutAPathItStays) {
  RotatingFile fixed("", "old", now_);
  EXPECT_EQ(fixed.Read(now_ + std::chrono::hours(9)), "old");
}

}  // namespace
}  // namespace milink::kube
