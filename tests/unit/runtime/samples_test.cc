#include "core/runtime/samples.h"

#include <limits>

#include <gtest/gtest.h>

namespace milink::runtime {
namespace {

std::string LineOf(std::initializer_list<Samples::Label> labels, double value) {
  Samples samples({"m", "h"});
  const std::size_t head = samples.text().size();
  samples.Add(labels, value);
  return samples.text().substr(head);
}

TEST(SamplesTest, LabelValuesAreEscaped) {
  EXPECT_EQ(LineOf({{"a", "q\"b\\s\nn"}, {"b", "Gr\xc3\xbc\xc3\x9f"}}, 1),
            "m{a=\"q\\\"b\\\\s\\nn\",b=\"Gr\xc3\xbc\xc3\x9f\"} 1\n");
}

TEST(SamplesTest, NumbersKeepTheirValue) {
  EXPECT_EQ(LineOf({}, 0.1), "m 0.1\n");
  EXPECT_EQ(LineOf({}, 1'795'255'200), "m 1795255200\n");
  EXPECT_EQ(LineOf({}, std::numeric_limits<double>::infinity()), "m +Inf\n");
  EXPECT_EQ(LineOf({}, -std::numeric_limits<double>::infinity()), "m -Inf\n");
  EXPECT_EQ(LineOf({}, std::numeric_limits<double>::quiet_NaN()), "m NaN\n");
}

}  // namespace
}  // namespace milink::runtime
