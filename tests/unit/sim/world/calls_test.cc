#include "tests/sim/control/calls.h"

#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/fakes/fake_clock.h"

namespace milink::sim {
namespace {

Call StatementCall(const std::string& operation) {
  return {.kind = CallKind::kStatement,
          .target = "SQL1",
          .operation = operation,
          .object = "x",
          .text = "CREATE ..",
          .mutation = true};
}

class CallsTest : public testing::Test {
 protected:
  fakes::FakeClock clock_;
  Journal journal_{clock_};
  Calls calls_{journal_};
};

TEST_F(CallsTest, TheNthMatchingCallFailsAndNoOther) {
  Fault fault;
  fault.operation = "create endpoint";
  fault.nth = 2;
  fault.sql_number = 1222;
  calls_.AddFault(fault);
  std::vector<Verdict::Action> actions;
  for (const char* const operation :
       {"CREATE ENDPOINT", "CREATE CERTIFICATE", "CREATE ENDPOINT", "CREATE ENDPOINT"}) {
    auto pass = calls_.Begin(StatementCall(operation));
    actions.push_back(pass.verdict.action);
    if (pass.verdict.action == Verdict::kFail) {
      EXPECT_EQ(pass.verdict.sql.number, 1222);
    }
  }
  EXPECT_EQ(actions,
            (std::vector{Verdict::kProceed, Verdict::kProceed, Verdict::kFail, Verdict::kProceed}));
}

TEST_F(CallsTest, AfterTheEffectTheJournalKnowsAndTheCallerDoesNot) {
  Fault fault;
  fault.when = Fault::kAfter;
  fault.what = Fault::kClose;
  calls_.AddFault(fault);
  auto pass = calls_.Begin(StatementCall("CREATE ENDPOINT"));
  EXPECT_EQ(pass.verdict.action, Verdict::kProceed);
  EXPECT_EQ(pass.End(true, "ok").action, Verdict::kClose);
  const JournalEntry entry = journal_.Entries().at(0);
  EXPECT_TRUE(entry.took_effect);
  EXPECT_EQ(entry.fault, "close after");
  EXPECT_EQ(journal_.EffectiveMutations().at("SQL1: CREATE ENDPOINT x"), 1);
}

TEST_F(CallsTest, AHeldCallWaitsUntilItIsReleased) {
  Fault fault;
  fault.what = Fault::kHold;
  calls_.AddFault(fault);
  Verdict::Action action = Verdict::kFail;
  std::thread caller([&] { action = calls_.Begin(StatementCall("x")).verdict.action; });
  while (calls_.HeldCalls().empty()) {
    std::this_thread::yield();
  }
  calls_.ReleaseAll();
  caller.join();
  EXPECT_EQ(action, Verdict::kProceed);
  EXPECT_TRUE(calls_.HeldCalls().empty());
}

TEST_F(CallsTest, AHeldCallCanBeCut) {
  Fault fault;
  fault.what = Fault::kHold;
  calls_.AddFault(fault);
  Verdict::Action action = Verdict::kProceed;
  std::thread caller([&] { action = calls_.Begin(StatementCall("x")).verdict.action; });
  while (calls_.HeldCalls().empty()) {
    std::this_thread::yield();
  }
  calls_.CutHeld();
  caller.join();
  EXPECT_EQ(action, Verdict::kClose);
}

TEST(Journal, SecretsAreMasked) {
  EXPECT_EQ(MaskSecrets("CREATE MASTER KEY ENCRYPTION BY PASSWORD = N'it''s secret'; SELECT 'a'"),
            "CREATE MASTER KEY ENCRYPTION BY PASSWORD = N'***'; SELECT 'a'");
  EXPECT_EQ(MaskSecrets("password='x"), "password='***'");
  EXPECT_EQ(MaskSecrets("SELECT password FROM t"), "SELECT password FROM t");
  EXPECT_EQ(MaskSecrets("SELECT CERTPRIVATEKEY(c.id, N'se)cr''et', 'b'), 'a' FROM t"),
            "SELECT CERTPRIVATEKEY(c.id, N'***', '***'), 'a' FROM t");
  EXPECT_EQ(MaskSecrets("CERTPRIVATEKEY(1, 'x"), "CERTPRIVATEKEY(1, '***'");
}

}  // namespace
}  // namespace milink::sim
