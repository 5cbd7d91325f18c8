#include "controllers/link/operations.h"

#include <gtest/gtest.h>

#include "controllers/link/facts.h"
#include "controllers/link/reasons.h"
#include "core/base/random.h"
#include "tests/unit/link/builders.h"

namespace milink::link {
namespace {

using State = azure::OperationState;

const Step kMakeLink =
    CreateLink{DatabaseName("sales"), GroupName("DAG_sales"), {}, {}, "", "None"};
const Step kRemoveLink =
    DeleteLink{DatabaseName("sales"), GroupName("DAG_sales"), {}, {}, "Secondary"};
const Step kUploadTrust = UploadCertificate{"cert", "der", "AA"};
const Step kRemoveTrust = DeleteTrustCertificate{"cert", "AA"};
const Step kUploadTde = UploadTdeCertificate{DatabaseName("sales"), {}, "AA"};
const ObjectRef kMadeLink{"ManagedInstance", "Link", "DAG_sales"};
const Error kNoRight{ErrorKind::kUnauthorized, "AuthorizationFailed", "may not read", ""};

class Operations : public testing::Test {
 protected:
  void Accept(const Step& step, const std::string& url = "https://arm/op") {
    NoteTicket(facts_, step, {url, "Operation", std::chrono::seconds(15)}, accepted_);
  }
  void Poll(const Step& step, const azure::OperationStatus& answer) {
    NotePoll(facts_, KeyOf(step), answer, now_, 1, *random_);
  }
  void FailPoll(const Step& step, const Error& error) {
    NotePollFailure(facts_, KeyOf(step), error, now_, 1, *random_);
  }
  OperationFact& Fact(const Step& step) { return facts_.operations.at(KeyOf(step)); }

  const TimePoint accepted_ = gen::Start();
  TimePoint now_ = accepted_;
  ProcessFacts facts_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
};

TEST_F(Operations, AnAcceptedOneConfirmsNothingUntilItEnds) {
  Accept(kMakeLink);
  EXPECT_TRUE(facts_.confirmed.empty());
  Poll(kMakeLink, {.state = State::kInProgress});
  EXPECT_TRUE(facts_.confirmed.empty());
  Poll(kMakeLink, {.state = State::kSucceeded});
  EXPECT_TRUE(facts_.confirmed.contains(kMadeLink));
}

TEST_F(Operations, OneWithoutAnAddressIsDone) {
  Accept(kMakeLink, "");
  EXPECT_EQ(Fact(kMakeLink).state, State::kSucceeded);
  EXPECT_TRUE(facts_.confirmed.contains(kMadeLink));
}

TEST_F(Operations, OneOfAnEarlierProcessConfirmsNothing) {
  facts_.operations[KeyOf(kMakeLink)].poll_url = "https://arm/op";
  Poll(kMakeLink, {.state = State::kSucceeded});
  EXPECT_TRUE(facts_.confirmed.empty());
}

TEST_F(Operations, AFailedOneHoldsItsStepBack) {
  Accept(kMakeLink);
  Poll(kMakeLink, {.state = State::kFailed,
                   .error_code = "ManagedInstanceLinkNameIsUsed",
                   .error_message = "used"});
  ASSERT_TRUE(facts_.failures.contains(KeyOf(kMakeLink)));
  EXPECT_GT(facts_.failures[KeyOf(kMakeLink)].retry_at, now_);
  EXPECT_EQ(Fact(kMakeLink).state, State::kFailed);
  EXPECT_TRUE(facts_.confirmed.empty());
}

TEST_F(Operations, OneThatNobodyKnowsAnyMoreOrThatWasCanceledHoldsItsStepBack) {
  for (const State state : {State::kUnknown, State::kCanceled}) {
    Accept(kMakeLink);
    Poll(kMakeLink, {.state = state});
    EXPECT_EQ(Fact(kMakeLink).state, state);
    EXPECT_TRUE(Fact(kMakeLink).finished.has_value());
    EXPECT_EQ(facts_.failures.erase(KeyOf(kMakeLink)), 1U);
  }
}

TEST_F(Operations, AnEncryptionCertificateThatIsThereAlreadyIsUploaded) {
  Accept(kUploadTde);
  Poll(kUploadTde, {.state = State::kFailed, .error_code = "CertificateAlreadyExists"});
  EXPECT_TRUE(facts_.confirmed.contains({"ManagedInstance", "TdeCertificate", "AA"}));
  EXPECT_TRUE(facts_.failures.empty());
  // Another key under the name of SQL Server's own certificate is no success.
  Accept(kUploadTrust);
  Poll(kUploadTrust, {.state = State::kFailed, .error_code = "CertificateAlreadyExists"});
  EXPECT_TRUE(facts_.failures.contains(KeyOf(kUploadTrust)));
}

TEST_F(Operations, DeletingWhatIsNotThereSucceeds) {
  Accept(kRemoveLink);
  Poll(kRemoveLink, {.state = State::kFailed, .error_code = "OperationIdNotFound"});
  EXPECT_EQ(Fact(kRemoveLink).state, State::kSucceeded);
  EXPECT_TRUE(facts_.failures.empty());
}

TEST_F(Operations, APollThatFailsSaysNothingOfTheOperationWhateverTheError) {
  for (const ErrorKind kind : {ErrorKind::kTransient, ErrorKind::kInvalid, ErrorKind::kUnauthorized,
                               ErrorKind::kThrottled, ErrorKind::kConflict}) {
    Accept(kUploadTrust);
    FailPoll(kUploadTrust, {kind, "Reason", "cause", ""});
    EXPECT_EQ(Fact(kUploadTrust).state, State::kInProgress);
    EXPECT_FALSE(Fact(kUploadTrust).finished.has_value());
    EXPECT_GT(Fact(kUploadTrust).poll_at, now_);
    EXPECT_EQ(Fact(kUploadTrust).unread->message, "cause");
    EXPECT_TRUE(facts_.failures.empty());
  }
}

TEST_F(Operations, PollsThatGoOnFailingAreMadeLessOften) {
  Accept(kMakeLink);
  Duration last(0);
  for (int i = 0; i < 5; ++i) {
    FailPoll(kMakeLink, kNoRight);
    EXPECT_GT(Fact(kMakeLink).poll_after, last);
    last = Fact(kMakeLink).poll_after;
  }
  for (int i = 0; i < 10; ++i) FailPoll(kMakeLink, kNoRight);
  EXPECT_LE(Fact(kMakeLink).poll_after, std::chrono::minutes(6));
}

TEST_F(Operations, AThrottledPollWaitsAsLongAsItWasTold) {
  Accept(kMakeLink);
  Error throttled{ErrorKind::kThrottled, "TooManyRequests", "", ""};
  throttled.retry_after = std::chrono::minutes(3);
  FailPoll(kMakeLink, throttled);
  EXPECT_EQ(Fact(kMakeLink).poll_at, now_ + std::chrono::minutes(3));
}

TEST_F(Operations, APollThatSucceedsForgetsThoseThatFailed) {
  Accept(kMakeLink);
  FailPoll(kMakeLink, kNoRight);
  FailPoll(kMakeLink, kNoRight);
  Poll(kMakeLink, {.state = State::kInProgress, .retry_after = std::chrono::seconds(10)});
  EXPECT_FALSE(Fact(kMakeLink).unread.has_value());
  EXPECT_EQ(Fact(kMakeLink).failed_polls, 0);
  EXPECT_EQ(Fact(kMakeLink).poll_at, now_ + std::chrono::seconds(10));
}

TEST_F(Operations, AnAddressThatMayNotBeAskedEndsThePolling) {
  Accept(kUploadTrust);
  FailPoll(kUploadTrust, {ErrorKind::kUnsafe, "ForeignPollUrl", "another host", ""});
  EXPECT_EQ(Fact(kUploadTrust).state, State::kUnknown);
  const StepFailure& failure = facts_.failures.at(KeyOf(kUploadTrust));
  EXPECT_EQ(failure.error.reason, reason::kOperationUnknown);
  EXPECT_EQ(failure.error.message, "another host");
  EXPECT_GT(failure.retry_at, now_) << "it is not sent again at once";
}

struct Deadline {
  Step step;
  std::chrono::minutes ends_within;
};

std::vector<Deadline> Deadlines() {
  return {{kMakeLink, std::chrono::minutes(24 * 60)},
          {kRemoveLink, std::chrono::minutes(30)},
          {kUploadTrust, std::chrono::minutes(30)},
          {kRemoveTrust, std::chrono::minutes(30)},
          {kUploadTde, std::chrono::minutes(30)}};
}

TEST_F(Operations, OneThatRunsForTooLongBecomesUnknown) {
  for (const auto& [step, ends_within] : Deadlines()) {
    SCOPED_TRACE(KeyOf(step));
    Accept(step);
    now_ = accepted_ + ends_within - std::chrono::seconds(1);
    Poll(step, {.state = State::kInProgress});
    EXPECT_EQ(Fact(step).state, State::kInProgress);
    now_ += std::chrono::seconds(1);
    Poll(step, {.state = State::kInProgress});
    EXPECT_EQ(Fact(step).state, State::kUnknown);
    EXPECT_EQ(Fact(step).finished, now_);
    EXPECT_EQ(facts_.failures.at(KeyOf(step)).error.reason, reason::kOperationUnknown);
    EXPECT_EQ(facts_.failures.at(KeyOf(step)).error.kind, ErrorKind::kTransient);
  }
  EXPECT_TRUE(facts_.confirmed.empty());
}

TEST_F(Operations, OneThatCannotBeReadForTooLongBecomesUnknownAndTheCauseIsTold) {
  for (const auto& [step, ends_within] : Deadlines()) {
    SCOPED_TRACE(KeyOf(step));
    Accept(step);
    now_ = accepted_ + ends_within - std::chrono::seconds(1);
    FailPoll(step, kNoRight);
    EXPECT_EQ(Fact(step).state, State::kInProgress);
    now_ += std::chrono::seconds(1);
    FailPoll(step, kNoRight);
    EXPECT_EQ(Fact(step).state, State::kUnknown);
    const std::string& message = facts_.failures.at(KeyOf(step)).error.message;
    EXPECT_NE(message.find("cannot be read: may not read"), std::string::npos) << message;
  }
}

TEST_F(Operations, AnEndThatIsSeenLateCounts) {
  Accept(kMakeLink);
  now_ += std::chrono::hours(24 * 7);
  Poll(kMakeLink, {.state = State::kSucceeded});
  EXPECT_TRUE(facts_.confirmed.contains(kMadeLink));
}

TEST_F(Operations, WhatFailedForWantOfAnEncryptionCertificateIsTriedAgainOnceItIsThere) {
  const auto waits = [this] { return facts_.failures.at(KeyOf(kMakeLink)).retry_at > now_; };
  Accept(kMakeLink);
  Poll(kMakeLink,
       {.state = State::kFailed, .error_code = "ManagedInstanceLinkTdeCertificateMissing"});
  EXPECT_TRUE(waits());
  Accept(kUploadTde);
  Poll(kUploadTde, {.state = State::kSucceeded});
  EXPECT_FALSE(waits());
  Accept(kMakeLink);
  Poll(kMakeLink, {.state = State::kFailed, .error_code = "ManagedInstanceLinkNameIsUsed"});
  NoteSuccess(facts_, kUploadTde, now_);
  EXPECT_TRUE(waits());
}

TEST_F(Operations, WhatOneThatFailedWasToMakeIsSomebodyElsesUntilThatIsJournalledAnew) {
  Accept(kUploadTrust);
  Poll(kUploadTrust, {.state = State::kFailed, .error_code = "CertificateNotAllowed"});
  const ObjectRef made{"ManagedInstance", "TrustCertificate", "cert"};
  EXPECT_TRUE(facts_.refused.contains(made));
  api::ManagedInstanceLinkStatus written;
  written.owned_objects = {{made.side, made.kind, made.name, "AA", api::OwnedState::kPending}};
  NoteJournal(facts_, {}, written);
  EXPECT_FALSE(facts_.refused.contains(made));
  Accept(kUploadTrust);
  Poll(kUploadTrust, {.state = State::kSucceeded});
  EXPECT_TRUE(facts_.confirmed.contains(made));
}

}  // namespace
}  // namespace milink::link
