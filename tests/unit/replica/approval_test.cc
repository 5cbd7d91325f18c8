#include "controllers/replica/plan/approval.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/api/codec.h"
#include "tests/unit/replica/builders.h"

namespace milink::replica {
namespace {

using testing::FreshInstance;
using testing::Observe;
using testing::Replica;

const Step kMakeKey = CreateMasterKey{};
const Step kSetFlags = EnableTraceFlags{{1800}};
const Step kMakeEndpoint =
    CreateEndpoint{EndpointName("hadr"), 5022, CertificateName("Cert_SQL1_endpoint")};

Consent Ask(const api::SqlServerReplica& replica, const std::vector<Step>& open,
            std::vector<std::string> blockers = {}) {
  return AskForConsent(Observe(replica, FreshInstance()), open, std::move(blockers));
}

api::SqlServerReplica Approve(api::SqlServerReplica replica, const Consent& consent) {
  replica.meta.annotations[api::kApprovePlanAnnotation] = consent.plan->hash;
  return replica;
}

// Approved, and the approval journalled.
api::SqlServerReplica Approved(const std::vector<Step>& steps) {
  auto replica = Approve(Replica(), Ask(Replica(), steps));
  replica.status.approval = Ask(replica, steps).approval;
  return replica;
}

TEST(Approval, WhatIsOpenIsShownUnderAHash) {
  const Consent consent = Ask(Replica(), {kMakeKey, kMakeEndpoint});
  EXPECT_FALSE(consent.given);
  ASSERT_TRUE(consent.plan);
  EXPECT_EQ(consent.plan->hash.size(), 16U);
  ASSERT_EQ(consent.plan->steps.size(), 2U);
  EXPECT_EQ(consent.plan->steps[1].description, Describe(kMakeEndpoint));
  EXPECT_EQ(consent.plan->steps[1].target, "SqlServer");
  EXPECT_EQ(consent.plan->steps[1].kind, "Create");
  EXPECT_EQ(Ask(Replica(), {kSetFlags}).plan->steps[0].kind, "Alter");
  EXPECT_FALSE(consent.approval);
}

TEST(Approval, TheHashIsThatOfThisResourceThisSpecAndTheseSteps) {
  const std::string hash = Ask(Replica(), {kMakeKey}).plan->hash;
  EXPECT_EQ(Ask(Replica(), {kMakeKey}).plan->hash, hash);
  EXPECT_NE(Ask(Replica(), {kMakeKey, kSetFlags}).plan->hash, hash);
  auto other = Replica();
  other.meta.uid = "uid-2";
  EXPECT_NE(Ask(other, {kMakeKey}).plan->hash, hash);
  auto edited = Replica();
  ++edited.meta.generation;
  EXPECT_NE(Ask(edited, {kMakeKey}).plan->hash, hash);
}

TEST(Approval, TheHashInTheAnnotationGivesConsentOnceAndIsJournalled) {
  const Consent asked = Ask(Replica(), {kMakeKey, kMakeEndpoint});
  const Consent given = Ask(Approve(Replica(), asked), {kMakeKey, kMakeEndpoint});
  EXPECT_TRUE(given.given);
  ASSERT_TRUE(given.approval);
  EXPECT_EQ(given.approval->sequence, 1);
  EXPECT_EQ(given.approval->generation, 3);
  EXPECT_EQ(given.approval->hash, asked.plan->hash);
  EXPECT_EQ(given.approval->steps, (std::vector{Describe(kMakeKey), Describe(kMakeEndpoint)}));
}

TEST(Approval, NothingIsOpenNothingIsAsked) {
  const Consent consent = Ask(Approved({kMakeKey}), {});
  EXPECT_FALSE(consent.plan);
  EXPECT_TRUE(consent.approval->steps.empty());
  EXPECT_EQ(consent.approval->sequence, 1);
}

struct ConsentRow {
  std::string name;
  std::function<void(api::SqlServerReplica&)> change;
  std::vector<Step> open;
  std::vector<std::string> blockers;
  bool given;
  bool can_be_approved;
  std::size_t left;  // steps of the approval
};

// Two steps, create the key and the endpoint, were approved and journalled.
std::vector<ConsentRow> ConsentRows() {
  const auto nothing = [](api::SqlServerReplica&) {};
  return {
      {"what was approved is done", nothing, {kMakeKey, kMakeEndpoint}, {}, true, true, 2},
      {"what is left of it is done", nothing, {kMakeEndpoint}, {}, true, true, 1},
      {"a step outside it takes the rest back",
       nothing,
       {kMakeEndpoint, kSetFlags},
       {},
       false,
       true,
       0},
      {"a step that was done and is undone needs another approval",
       [](auto& r) { r.status.approval->steps = {Describe(kMakeEndpoint)}; },
       {kMakeKey, kMakeEndpoint},
       {},
       false,
       true,
       0},
      {"another spec takes it back",
       [](auto& r) { ++r.meta.generation; },
       {kMakeKey, kMakeEndpoint},
       {},
       false,
       true,
       0},
      {"without the annotation it goes on, because it is journalled",
       [](auto& r) { r.meta.annotations.clear(); },
       {kMakeKey, kMakeEndpoint},
       {},
       true,
       true,
       2},
      {"while something blocks it nothing is done",
       nothing,
       {kMakeEndpoint},
       {"x"},
       false,
       false,
       2},
      {"an approval of something else is none",
       [](auto& r) {
         r.status.approval.reset();
         r.meta.annotations[api::kApprovePlanAnnotation] = "0123456789abcdef";
       },
       {kMakeKey},
       {},
       false,
       true,
       0},
      {"an empty annotation is none",
       [](auto& r) {
         r.status.approval.reset();
         r.meta.annotations[api::kApprovePlanAnnotation] = "";
       },
       {kMakeKey},
       {"blocked"},
       false,
       false,
       0},
  };
}

class ConsentTest : public ::testing::TestWithParam<ConsentRow> {};

TEST_P(ConsentTest, IsAsTheRowSays) {
  auto replica = Approved({kMakeKey, kMakeEndpoint});
  GetParam().change(replica);
  const Consent consent = Ask(replica, GetParam().open, GetParam().blockers);
  EXPECT_EQ(consent.given, GetParam().given);
  EXPECT_EQ(!consent.plan->hash.empty(), GetParam().can_be_approved);
  EXPECT_EQ(consent.plan->blockers, GetParam().blockers);
  EXPECT_EQ(consent.approval ? consent.approval->steps.size() : 0U, GetParam().left);
}

INSTANTIATE_TEST_SUITE_P(Rows, ConsentTest, ::testing::ValuesIn(ConsentRows()),
                         [](const auto& row) {
                           std::string name;
                           for (const char c : row.param.name) {
                             name += c == ' ' ? '_' : c;
                           }
                           std::erase(name, ',');
                           return name;
                         });

TEST(Approval, TheSamePlanOnceMoreHasAnotherHash) {
  auto replica = Approved({kMakeKey});
  replica.status.approval = Ask(replica, {}).approval;  // done
  const Consent again = Ask(replica, {kMakeKey});       // and undone by somebody
  EXPECT_FALSE(again.given);
  EXPECT_NE(again.plan->hash, replica.status.approval->hash);
}

TEST(Approval, TheCommandThatApprovesIsTold) {
  EXPECT_EQ(HowToApprove(Replica(), "12ab"),
            "kubectl -n prod annotate --overwrite sqlr sql1 milink.dev/approve-plan=12ab");
}

}  // namespace
}  // namespace milink::replica
