#include "core/sql/batch_text.h"

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

TEST(BatchTextTest, KeepsTheSentAndTheShownTextInStep) {
  const auto batch = BatchText("SET ")
                         .Identifier("a]b")
                         .Text(" = ")
                         .SecretLiteral(Secret("pa'ss"))
                         .Text(";")
                         .Finish();
  ASSERT_TRUE(batch.ok());
  EXPECT_EQ(batch->text.Reveal(), "SET [a]]b] = N'pa''ss';");
  EXPECT_EQ(batch->shown, "SET [a]]b] = N'***';");
}

TEST(BatchTextTest, TheFirstRefusedPartDecides) {
  const auto batch =
      BatchText("x").Identifier("").Literal(std::string("\0", 1)).Integer(3).Finish();
  ASSERT_FALSE(batch.ok());
  EXPECT_NE(batch.error().message.find("empty"), std::string::npos);
}

TEST(BatchTextTest, ARefusedSecretIsNotRepeated) {
  const auto batch = BatchText("x").SecretLiteral(Secret(std::string("hush\0", 5))).Finish();
  ASSERT_FALSE(batch.ok());
  EXPECT_EQ(ToString(batch.error()).find("hush"), std::string::npos);
}

}  // namespace
}  // namespace milink::sql
