#include "controllers/link/facts.h"

#include <gtest/gtest.h>

#include "controllers/link/operations.h"
#include "core/base/random.h"
#include "tests/unit/link/builders.h"

namespace milink::link {
namespace {

const TimePoint kNow = gen::Start();
const Step kCreate = CreateLink{DatabaseName("sales"), GroupName("DAG_sales"), {}, {}, "", "None"};
const ObjectRef kLink{"ManagedInstance", "Link", "DAG_sales"};

class Facts : public testing::Test {
 protected:
  void Accept(const Step& step) {
    NoteTicket(facts_, step, {"https://arm/op", "Operation", std::chrono::seconds(15)}, kNow);
  }

  ProcessFacts facts_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
};

TEST_F(Facts, UploadsOfOneEncryptionCertificateKeepADistanceThatGrows) {
  const Step upload = UploadTdeCertificate{DatabaseName("sales"), {}, "AA"};
  for (const int minutes : {5, 10, 20, 40, 60, 60}) {
    NoteSuccess(facts_, upload, kNow);
    EXPECT_EQ(facts_.tde_uploads.at("AA").again_at, kNow + std::chrono::minutes(minutes));
  }
  EXPECT_FALSE(facts_.tde_uploads.contains("BB"));
}

TEST_F(Facts, TransientFailuresWaitLongerEachTime) {
  const Error error{ErrorKind::kTransient, "ServerUnreachable", "", ""};
  Duration last(0);
  for (int i = 0; i < 5; ++i) {
    NoteFailure(facts_, "step", error, kNow, 1, *random_);
    const auto delay =
        std::chrono::duration_cast<Duration>(facts_.failures["step"].retry_at - kNow);
    EXPECT_GT(delay, last);
    last = delay;
  }
}

TEST_F(Facts, WhatAPersonMustChangeIsProbedRarely) {
  NoteFailure(facts_, "step", {ErrorKind::kInvalid, "", "", ""}, kNow, 1, *random_);
  EXPECT_EQ(facts_.failures["step"].retry_at - kNow, std::chrono::minutes(5));
  EXPECT_FALSE(facts_.failures["step"].error.reason.empty());
}

TEST_F(Facts, AThrottledStepWaitsAsLongAsItWasTold) {
  Error error{ErrorKind::kThrottled, "TooManyRequests", "", ""};
  error.retry_after = std::chrono::seconds(42);
  NoteFailure(facts_, "step", error, kNow, 1, *random_);
  EXPECT_EQ(facts_.failures["step"].retry_at - kNow, std::chrono::seconds(42));
}

TEST_F(Facts, K21NothingWaitsLongerBecauseTheClockWasSetBack) {
  NoteFailure(facts_, "step", {ErrorKind::kInvalid, "", "", ""}, kNow, 1, *random_);
  Accept(kCreate);
  facts_.disconnected_since[DatabaseName("sales")] = kNow;
  Observation seen;
  seen.link = std::make_shared<api::ManagedInstanceLink>(gen::Link({"sales"}));
  seen.now = kNow + std::chrono::seconds(1);
  const ProcessFacts before = facts_;
  Refresh(facts_, seen);
  EXPECT_EQ(facts_.failures, before.failures) << "a clock that goes on changes nothing";
  EXPECT_EQ(facts_.operations[KeyOf(kCreate)].poll_at,
            before.operations.at(KeyOf(kCreate)).poll_at);
  seen.now = kNow - std::chrono::hours(1);
  Refresh(facts_, seen);
  EXPECT_EQ(facts_.failures["step"].retry_at, seen.now + std::chrono::minutes(5));
  EXPECT_EQ(facts_.operations[KeyOf(kCreate)].poll_at, seen.now + std::chrono::seconds(15));
  EXPECT_EQ(facts_.operations[KeyOf(kCreate)].started, seen.now);
  EXPECT_EQ(facts_.disconnected_since[DatabaseName("sales")], seen.now);
}

TEST(FactStore, AnotherReplicaOfTheSameNameInheritsNothing) {
  const ObjectKey key{"default", "sql1"};
  const ObjectMeta link = gen::Link({"sales"}).meta;
  api::SqlServerReplica replica;
  replica.meta.uid = "first";
  FactStore store;
  store.Meet(key, &replica);
  store.Update(link, key, [](ProcessFacts& facts) { facts.issuers.insert("root"); });
  store.Meet(key, &replica);
  EXPECT_EQ(store.Get(link, key).issuers.size(), 1U);
  replica.meta.uid = "second";
  store.Meet(key, &replica);
  EXPECT_TRUE(store.Get(link, key).issuers.empty());
}

TEST_F(Facts, ANewRootNeedsItsIssuerEntryAgain) {
  NoteSuccess(facts_, TrustIssuer{CertificateName("Root"), "AA", "*.x"}, kNow);
  EXPECT_TRUE(facts_.issuers.contains("AA/*.x/0"));
  EXPECT_FALSE(facts_.issuers.contains(IssuerKey({CertificateName("Root"), "AA", "*.y"})));
  EXPECT_FALSE(facts_.issuers.contains(IssuerKey({CertificateName("Root"), "AA", "*.x", 7})));
  NoteSuccess(facts_, ImportRootAuthority{CertificateName("Root"), "der", "AA"}, kNow);
  EXPECT_TRUE(facts_.issuers.empty());
}

TEST_F(Facts, ANewAuthorityOrEntryLetsABrokenChainBeValidatedAgain) {
  const ValidateChain broken{CertificateName("mi"), "AA", 7};
  const ValidateChain whole{CertificateName("mi"), "BB", 8};
  for (const Step& repair :
       std::vector<Step>{TrustIssuer{CertificateName("Root"), "CC", "*.x"},
                         ImportRootAuthority{CertificateName("R"), "", "DD"}}) {
    NoteChain(facts_, broken, false);
    NoteChain(facts_, whole, true);
    NoteSuccess(facts_, SetFullRecovery{DatabaseName("sales")}, kNow);
    EXPECT_EQ(facts_.chains, (std::map<std::string, bool>{{"AA/7", false}, {"BB/8", true}}));
    NoteSuccess(facts_, repair, kNow);
    EXPECT_EQ(facts_.chains, (std::map<std::string, bool>{{"BB/8", true}}));
  }
}

TEST_F(Facts, APendingEntryIsNotConfirmedByWhatWasBefore) {
  facts_.confirmed.insert(kLink);
  api::ManagedInstanceLinkStatus written;
  written.owned_objects = {{"ManagedInstance", "Link", "DAG_sales", "", api::OwnedState::kPending}};
  NoteJournal(facts_, {}, written);
  EXPECT_TRUE(facts_.confirmed.empty());
  facts_.confirmed.insert(kLink);
  NoteJournal(facts_, written, written);
  EXPECT_TRUE(facts_.confirmed.contains(kLink));
}

TEST_F(Facts, OperationsOfTheJournalAreTakenUpAfterARestart) {
  auto link = std::make_shared<api::ManagedInstanceLink>(gen::Link({"sales"}));
  link->status.records.push_back({DatabaseName("sales"), "SqlServer", false,
                                  api::ManagedInstanceLinkStatus::Operation{
                                      "Azure", "CreateLink", "DAG_sales", "https://arm/op", kNow}});
  Observation seen;
  seen.link = link;
  seen.now = kNow + std::chrono::hours(1);
  Refresh(facts_, seen);
  ASSERT_TRUE(facts_.operations.contains("CreateLink/DAG_sales"));
  EXPECT_LE(facts_.operations["CreateLink/DAG_sales"].poll_at, seen.now);
  EXPECT_EQ(facts_.operations["CreateLink/DAG_sales"].started, kNow) << "it is as old as it was";
}

TEST_F(Facts, ADeletionThatCannotBeAskedForIsForgottenOnceTheJournalHasItsEnd) {
  const Step drop = DeleteLink{DatabaseName("sales"), GroupName("DAG_sales"), {}, {}, ""};
  Observation seen;
  seen.link = std::make_shared<api::ManagedInstanceLink>(gen::Link({"sales"}));
  seen.now = kNow;
  Accept(drop);
  Accept(kCreate);
  Refresh(facts_, seen);
  EXPECT_EQ(facts_.operations.size(), 2U);
  for (auto& [key, fact] : facts_.operations) fact.unread = Error{};
  Refresh(facts_, seen);
  EXPECT_FALSE(facts_.operations.contains(KeyOf(drop)));
  EXPECT_TRUE(facts_.operations.contains(KeyOf(kCreate)));
}

ObjectMeta Meta(const std::string& name, const std::string& uid) {
  return {.key = {"ns", name}, .uid = uid};
}

TEST(FactStore, ReplicasShareTheirIssuersAndChainsAndLinksNothingElse) {
  FactStore store;
  const ObjectKey replica{"ns", "sql1"};
  store.Update(Meta("a", "uid-a"), replica, [](ProcessFacts& facts) {
    facts.issuers.insert("AA");
    facts.chains["AA/7"] = false;
    facts.confirmed.insert(kLink);
  });
  EXPECT_TRUE(store.Get(Meta("b", "uid-b"), replica).issuers.contains("AA"));
  EXPECT_TRUE(store.Get(Meta("b", "uid-b"), replica).chains.contains("AA/7"));
  EXPECT_TRUE(store.Get(Meta("b", "uid-b"), replica).confirmed.empty());
  EXPECT_TRUE(store.Get(Meta("b", "uid-b"), {"ns", "sql2"}).issuers.empty());
}

TEST(FactStore, AnotherObjectOfTheSameNameInheritsNothing) {
  FactStore store;
  const ObjectKey replica{"ns", "sql1"};
  const auto confirm = [](ProcessFacts& facts) { facts.confirmed.insert(kLink); };
  store.Update(Meta("a", "uid-1"), replica, confirm);
  EXPECT_FALSE(store.Get(Meta("a", "uid-1"), replica).confirmed.empty());
  EXPECT_TRUE(store.Get(Meta("a", "uid-2"), replica).confirmed.empty());
  store.Update(Meta("a", "uid-2"), replica,
               [](ProcessFacts& facts) { facts.backups_running.insert(DatabaseName("db")); });
  EXPECT_TRUE(store.Get(Meta("a", "uid-2"), replica).confirmed.empty());
  EXPECT_TRUE(store.Get(Meta("a", "uid-1"), replica).confirmed.empty());
}

TEST(FactStore, WhatIsTakenBackIsForgotten) {
  FactStore store;
  const ObjectKey replica{"ns", "sql1"};
  store.Update(Meta("a", "uid"), replica,
               [](ProcessFacts& facts) { facts.confirmed.insert(kLink); });
  store.Update(Meta("a", "uid"), replica, [](ProcessFacts& facts) { facts.confirmed.clear(); });
  EXPECT_TRUE(store.Get(Meta("a", "uid"), replica).confirmed.empty());
}

}  // namespace
}  // namespace milink::link
