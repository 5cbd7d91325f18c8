#include "core/base/error.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace milink {
namespace {

TEST(ErrorTest, EveryKindHasItsOwnName) {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::kInternal); ++kind) {
    names.insert(ToString(static_cast<ErrorKind>(kind)));
  }
  EXPECT_EQ(names.size(), 9U);
  EXPECT_TRUE(names.contains("Throttled"));
}

TEST(ErrorTest, TextHasReasonMessageAndDetail) {
  struct Row {
    Error error;
    std::string text;
  };
  const Row rows[] = {
      {{ErrorKind::kInvalid, "BadName", "the name is empty", "field name"},
       "BadName: the name is empty (field name)"},
      {{ErrorKind::kInvalid, "BadName", "the name is empty"}, "BadName: the name is empty"},
      {{ErrorKind::kTransient, "", "no answer"}, "Transient: no answer"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ToString(row.error), row.text);
  }
}

TEST(ErrorTest, ErrorsAreEqualWhenEveryFieldIs) {
  const Error error{ErrorKind::kThrottled, "Busy", "too many requests", "429",
                    std::chrono::seconds(3)};
  Error other = error;
  EXPECT_EQ(error, other);
  other.retry_after = std::chrono::seconds(4);
  EXPECT_NE(error, other);
}

}  // namespace
}  // namespace milink
