#include "operator/trusted_roots.h"

#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/log_collector.h"
#include "tests/fakes/test_certificates.h"

namespace milink::app {
namespace {

using std::chrono::seconds;

class TrustedRootsTest : public ::testing::Test {
 protected:
  TrustedRootsTest() { Write(pem_); }

  void Write(const std::string& text) const { std::ofstream(path_) << text; }
  Result<std::unique_ptr<TrustedRoots>> Make(const std::string& file) {
    return TrustedRoots::Make(file, clock_, Logger(log_));
  }
  // A minute later.
  std::size_t CountLater(TrustedRoots& roots) {
    clock_.Step(seconds(60));
    return roots.Now().size();
  }
  std::vector<fakes::LogLine> Warnings() const {
    auto lines = log_->Lines();
    std::erase_if(lines, [](const auto& line) { return line.level != LogLevel::kWarning; });
    return lines;
  }

  const std::string path_ =
      ::testing::TempDir() + ::testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string pem_ = fakes::MakeTestCertificates("DNS:localhost").ca_pem;
  const std::string other_pem_ = fakes::MakeTestCertificates("DNS:localhost").ca_pem;
  fakes::FakeClock clock_;
  std::shared_ptr<fakes::LogCollector> log_ = std::make_shared<fakes::LogCollector>();
};

TEST_F(TrustedRootsTest, AreTheTwoBuiltInAndThoseOfTheFile) {
  EXPECT_EQ((*Make(""))->Now().size(), 2U);
  const auto roots = (*Make(path_))->Now();
  ASSERT_EQ(roots.size(), 3U);
  EXPECT_EQ(roots.at(2).common_name, "test-authority");
}

TEST_F(TrustedRootsTest, AStartWithAnUnusableFileIsRefused) {
  EXPECT_EQ(Make("/no/such/file").error().kind, ErrorKind::kNotFound);
  Write("nothing");
  EXPECT_EQ(Make(path_).error().kind, ErrorKind::kInvalid);
  EXPECT_NE(Make(path_).error().message.find(path_), std::string::npos);
}

TEST_F(TrustedRootsTest, AChangedFileIsReadWithinAMinuteAndToldOnce) {
  const auto roots = *Make(path_);
  int changes = 0;
  roots->OnChange([&] { ++changes; });
  Write(pem_ + other_pem_);
  clock_.Step(seconds(59));
  EXPECT_EQ(roots->Now().size(), 3U);
  EXPECT_EQ(changes, 0);
  clock_.Step(seconds(1));
  EXPECT_EQ(roots->Now().size(), 4U);
  EXPECT_EQ(CountLater(*roots), 4U);
  EXPECT_EQ(changes, 1);
  Write(pem_);
  EXPECT_EQ(CountLater(*roots), 3U);
  EXPECT_EQ(changes, 2);
  EXPECT_TRUE(Warnings().empty());
}

TEST_F(TrustedRootsTest, UnusableContentLeavesThoseReadBeforeAndIsToldOnceWithoutIt) {
  const auto roots = *Make(path_);
  int changes = 0;
  roots->OnChange([&] { ++changes; });
  const std::string canary = "canary-5b1f";
  for (const std::string& text : {canary, "-----BEGIN CERTIFICATE-----\n" + canary}) {
    Write(text);
    EXPECT_EQ(CountLater(*roots), 3U);
    EXPECT_EQ(CountLater(*roots), 3U);
  }
  EXPECT_EQ(Warnings().size(), 2U) << "two causes";
  for (const auto& line : log_->Lines()) {
    EXPECT_EQ(line.Field("file"), path_);
    EXPECT_NE(line.Field("error").find(path_), std::string::npos);
    EXPECT_EQ(line.Field("error").find(canary), std::string::npos);
  }
  std::remove(path_.c_str());
  EXPECT_EQ(CountLater(*roots), 3U);
  EXPECT_EQ(Warnings().size(), 3U);
  Write(pem_);
  EXPECT_EQ(CountLater(*roots), 3U);
  Write("nothing");
  EXPECT_EQ(CountLater(*roots), 3U);
  EXPECT_EQ(Warnings().size(), 4U) << "it was good in between";
  EXPECT_EQ(changes, 0);
}

}  // namespace
}  // namespace milink::app
