#include "tests/unit/replica/row.h"

#include <cctype>
#include <utility>

#include "controllers/replica/reasons.h"

namespace milink::replica::testing {

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

void Check(const Row& row) {
  const Plan plan = PlanReplica(row.observed());
  const auto condition = ConditionOf(plan, row.condition);
  EXPECT_EQ(condition.status, row.status);
  EXPECT_EQ(condition.reason, row.reason);
  EXPECT_NE(condition.message.find(row.says), std::string::npos) << condition.message;
  EXPECT_EQ(plan.steps.empty() ? "" : Describe(plan.steps.front()).substr(0, row.step.size()),
            row.step);
  EXPECT_EQ(ConditionOf(plan, kReady).status == kTrue, row.ready);
  EXPECT_EQ(api::FindCondition(plan.status.conditions, kStalled) != nullptr, row.stalled);
}

std::string CaseName(const ::testing::TestParamInfo<Row>& info) {
  std::string name;
  for (const char c : info.param.name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  }
  return name;
}

api::Condition ConditionOf(const Plan& plan, const std::string& type) {
  const auto* condition = api::FindCondition(plan.status.conditions, type);
  return condition == nullptr ? api::Condition{} : *condition;
}

api::SqlServerReplica WithMasterKeySecret() {
  auto replica = Replica();
  replica.spec.master_key_password = {"Secret", "sql1-dmk", "password"};
  return replica;
}

Observation Changed(const std::function<void(sql::InstanceSnapshot&)>& change) {
  auto snapshot = PreparedInstance();
  change(snapshot);
  return Observe(WithMasterKeySecret(), std::move(snapshot));
}

Observation Refused(Observation observed, const Error& error) {
  observed.failed = FailedStep{PlanReplica(observed).steps.at(0), error};
  return observed;
}

Observation Unread(std::optional<Error> error) {
  auto observed = Observe(Replica(), PreparedInstance());
  observed.sql = nullptr;
  observed.sql_error = std::move(error);
  return observed;
}

}  // namespace milink::replica::testing
