#include "tests/unit/link/scene.h"

#include <cctype>

namespace milink::link::gen {

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

void Check(const Row& row) {
  SCOPED_TRACE(row.name);
  Scene scene;
  row.arrange(scene);
  const Plan plan = scene.Decide();
  EXPECT_FALSE(plan.write_journal) << "the journal never comes to rest";
  const auto* condition = api::FindCondition(plan.status.conditions, row.condition);
  ASSERT_NE(condition, nullptr) << row.condition;
  EXPECT_EQ(condition->status, row.status) << condition->message;
  EXPECT_EQ(condition->reason, row.reason) << condition->message;
  EXPECT_NE(condition->message.find(row.text), std::string::npos) << condition->message;
  std::vector<std::string> steps;
  for (const Step& step : plan.steps) steps.push_back(Describe(step));
  EXPECT_EQ(steps, row.steps);
}

std::string CaseName(const testing::TestParamInfo<Row>& info) {
  std::string name;
  for (const char* c = info.param.name; *c != '\0'; ++c) {
    if (std::isalnum(static_cast<unsigned char>(*c)) != 0) name += *c;
  }
  return name;
}

}  // namespace milink::link::gen
