#include "core/kube/token_source.h"

#include <filesystem>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/log_collector.h"
#include "tests/unit/kube/temp_folder.h"

namespace milink::kube {
namespace {

using std::chrono::seconds;

class TokenSourceTest : public testing::Test {
 protected:
  TokenSource FromFile(const std::string& content, const std::string& fallback = "") {
    ClusterAccess access;
    access.token_file = folder_.Write("token", content);
    access.token = Secret(fallback);
    return {access, clock_, Logger()};
  }

  TempFolder folder_;
  fakes::FakeClock clock_;
};

TEST_F(TokenSourceTest, AFixedTokenStays) {
  ClusterAccess access;
  access.token = Secret("fixed");
  TokenSource source(access, clock_, Logger());
  clock_.Step(seconds(1000));
  EXPECT_EQ(source.Get().Reveal(), "fixed");
}

TEST_F(TokenSourceTest, TheFileWinsIsTrimmedAndReadAgainAfterFiftySeconds) {
  TokenSource source = FromFile(" one\n", "fallback");
  EXPECT_EQ(source.Get().Reveal(), "one");
  folder_.Write("token", "two");
  clock_.Step(seconds(49));
  EXPECT_EQ(source.Get().Reveal(), "one");
  clock_.Step(seconds(1));
  EXPECT_EQ(source.Get().Reveal(), "two");
}

TEST_F(TokenSourceTest, AFileThatIsGoneOrEmptyLeavesTheOldToken) {
  TokenSource source = FromFile("one");
  EXPECT_EQ(source.Get().Reveal(), "one");
  folder_.Write("token", " \n");
  clock_.Step(seconds(60));
  EXPECT_EQ(source.Get().Reveal(), "one");
  std::filesystem::remove(folder_.path() / "token");
  clock_.Step(seconds(60));
  EXPECT_EQ(source.Get().Reveal(), "one");
}

TEST_F(TokenSourceTest, WithoutAReadableFileTheFallbackServes) {
  ClusterAccess access;
  access.token_file = "/nonexistent/token";
  access.token = Secret("fallback");
  EXPECT_EQ(TokenSource(access, clock_, Logger()).Get().Reveal(), "fallback");
}

TEST_F(TokenSourceTest, ARefusedTokenIsReadAgainAtOnce) {
  TokenSource source = FromFile("one");
  EXPECT_EQ(source.Get().Reveal(), "one");
  folder_.Write("token", "two");
  clock_.Step(seconds(1));
  source.Refused(clock_.Monotonic());
  EXPECT_EQ(source.Get().Reveal(), "two");
}

TEST_F(TokenSourceTest, ARefusalOfARequestOlderThanTheTokenChangesNothing) {
  TokenSource source = FromFile("one");
  const MonotonicTime early = clock_.Monotonic();
  clock_.Step(seconds(1));
  EXPECT_EQ(source.Get().Reveal(), "one");
  folder_.Write("token", "two");
  source.Refused(early);
  EXPECT_EQ(source.Get().Reveal(), "one");
}

TEST_F(TokenSourceTest, K13AFileThatIsMissingForAMomentIsTriedAgainInASecond) {
  TokenSource source = FromFile("");
  EXPECT_TRUE(source.Get().empty());
  folder_.Write("token", "one");
  EXPECT_TRUE(source.Get().empty()) << "not at every request";
  clock_.Step(seconds(1));
  EXPECT_EQ(source.Get().Reveal(), "one");
}

TEST_F(TokenSourceTest, K13AFileThatStaysBadIsLoggedOnceWithoutItsToken) {
  const auto log = std::make_shared<fakes::LogCollector>();
  ClusterAccess access;
  access.token_file = folder_.Write("token", "s3cret");
  TokenSource source(access, clock_, Logger(log));
  EXPECT_EQ(source.Get().Reveal(), "s3cret");
  std::filesystem::remove(access.token_file);
  for (int i = 0; i < 100; ++i) {
    clock_.Step(seconds(1));
    EXPECT_EQ(source.Get().Reveal(), "s3cret");
  }
  const auto lines = log->Lines();
  ASSERT_EQ(lines.size(), 1U);
  for (const auto& field : lines[0].fields) {
    EXPECT_EQ(field.text.find("s3cret"), std::string::npos);
  }
}

}  // namespace
}  // namespace milink::kube
