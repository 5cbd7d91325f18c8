#include "core/kube/warning_log.h"

#include <gmock/gmock.h>

#include "tests/fakes/log_collector.h"

namespace milink::kube {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ParseWarnings, OneOrSeveral) {
  EXPECT_THAT(ParseWarnings(R"(299 - "old version")"), ElementsAre("old version"));
  EXPECT_THAT(
      ParseWarnings(R"(299 - "a, b", 299 kube "c" "Sat, 21 Nov 2026 10:00:00 GMT", 299 - "d")"),
      ElementsAre("a, b", "c", "d"));
}

TEST(ParseWarnings, EscapesAreUndone) {
  EXPECT_THAT(ParseWarnings(R"(299 - "say \"hi\" \\")"), ElementsAre(R"(say "hi" \)"));
}

TEST(ParseWarnings, OtherCodesAndMalformedOnesAreLeftOut) {
  EXPECT_THAT(ParseWarnings(R"(199 - "a", 299 - "b")"), ElementsAre("b"));
  for (const char* header : {"", "299", "299 -", "299 - text", "299 - \"open", ",,,"}) {
    EXPECT_THAT(ParseWarnings(header), IsEmpty()) << header;
  }
}

class WarningLogTest : public testing::Test {
 protected:
  void Note(const std::string& header) { log_.Note({200, {{"warning", header}}}); }
  std::size_t Lines() const { return lines_->Lines("The Kubernetes API server warned").size(); }

  std::shared_ptr<fakes::LogCollector> lines_ = std::make_shared<fakes::LogCollector>();
  WarningLog log_{Logger(lines_)};
};

TEST_F(WarningLogTest, EachTextIsLoggedOnce) {
  Note(R"(299 - "a")");
  Note(R"(299 - "a", 299 - "b")");
  log_.Note({200, {}});
  EXPECT_EQ(Lines(), 2U);
}

TEST_F(WarningLogTest, TextsThatNeverRepeatCannotFillTheMemory) {
  for (int i = 0; i < 1000; ++i) {
    Note("299 - \"" + std::to_string(i) + "\"");
  }
  EXPECT_EQ(Lines(), 256U);
}

}  // namespace
}  // namespace milink::kube
