#include "controllers/link/chain_check.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "controllers/link/reasons.h"
#include "core/api/condition.h"
#include "tests/unit/link/rig.h"

namespace milink::link {
namespace {

class AskForChainTest : public testing::Test {
 protected:
  AskForChainTest() {
    api::SqlServerReplica replica = *rig_.directory.replica;
    replica.status.capabilities = {"ChainValidation"};
    rig_.directory.replica = std::make_shared<const api::SqlServerReplica>(replica);
    rig_.on_batch = [this](const std::string& text) -> Result<sql::SqlReply> {
      if (text.find("sp_validate_certificate_ca_chain") == std::string::npos) {
        return sql::SqlReply{};
      }
      ++asked_;
      return answer_();
    };
  }
  // True: it replicates.
  bool ComesUp() {
    const bool settled = rig_.Settle();
    const auto conditions = rig_.Link().status.conditions;
    const auto* ready = api::FindCondition(conditions, "Ready");
    return settled && ready != nullptr && ready->status == api::ConditionStatus::kTrue;
  }
  std::int64_t Told() const {
    const auto events = rig_.events.Events();
    return std::ranges::count_if(events, [](const auto& event) {
      return event.reason == reason::kChainNotValidated && event.type == kube::EventType::kWarning;
    });
  }

  gen::Rig rig_{{"sales"}};
  int asked_ = 0;
  std::function<Result<sql::SqlReply>()> answer_ = [] { return sql::SqlReply{}; };
};

TEST_F(AskForChainTest, AWholeChainIsAskedForOnceAndNotTold) {
  EXPECT_TRUE(ComesUp());
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(Told(), 0);
}

TEST_F(AskForChainTest, AWarningIsToldOnceAndKeepsNothingBack) {
  answer_ = [] { return sql::SqlReply{{}, {{37449, 10, "could not be validated"}}}; };
  EXPECT_TRUE(ComesUp());
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(Told(), 1);
}

TEST_F(AskForChainTest, WhatKeepsTheAnswerBackIsNoAnswer) {
  answer_ = [] { return Error{ErrorKind::kUnauthorized, "PermissionDenied", "no right", "15247"}; };
  EXPECT_TRUE(ComesUp());
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(Told(), 0);
}

TEST_F(AskForChainTest, ABusyLaneIsAskedAgain) {
  answer_ = [this]() -> Result<sql::SqlReply> {
    if (asked_ < 2) return Error{ErrorKind::kTransient, "LaneBusy", "in use", ""};
    return sql::SqlReply{};
  };
  EXPECT_TRUE(ComesUp());
  EXPECT_EQ(asked_, 2);
  EXPECT_EQ(Told(), 0);
}

}  // namespace
}  // namespace milink::link
