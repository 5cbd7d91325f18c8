#include "core/base/result.h"

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace milink {
namespace {

Error NotThere() { return {ErrorKind::kNotFound, "NotThere", "it is not there"}; }

static_assert(std::is_convertible_v<const char*, Result<std::string>>);
static_assert(std::is_convertible_v<Error, Result<std::string>>);
static_assert(std::is_convertible_v<Error, Status>);
static_assert(!std::is_convertible_v<Result<int>, bool>, "only tests of it are booleans");
static_assert(!std::is_constructible_v<Result<int>, std::string>);

TEST(ResultTest, HoldsAValue) {
  const Result<std::string> result = "text";
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result);
  EXPECT_EQ(*result, "text");
  EXPECT_EQ(result.value(), "text");
  EXPECT_EQ(result->size(), 4U);
}

TEST(ResultTest, HoldsAnError) {
  const Result<std::string> result = NotThere();
  ASSERT_FALSE(result.ok());
  EXPECT_FALSE(result);
  EXPECT_EQ(result.error(), NotThere());
}

TEST(ResultTest, ValuesCanBeChangedAndMovedOut) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(1);
  **result = 2;
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 2);
}

TEST(ResultTest, ErrorsCanBeMovedIntoAnotherResult) {
  Result<int> from = NotThere();
  const Result<std::string> to = std::move(from).error();
  EXPECT_EQ(to.error(), NotThere());
}

TEST(ResultTest, AFalseValueIsNotAnError) {
  const Result<bool> result = false;
  EXPECT_TRUE(result.ok());
  EXPECT_FALSE(*result);
}

TEST(StatusTest, IsFineUntilThereIsAnError) {
  EXPECT_TRUE(Status().ok());
  EXPECT_TRUE(OkStatus().ok());
  const Status failed = NotThere();
  EXPECT_FALSE(failed.ok());
  EXPECT_FALSE(failed);
  EXPECT_EQ(failed.error().reason, "NotThere");
}

}  // namespace
}  // namespace milink
