#include "controllers/replica/steps.h"

#include <gtest/gtest.h>

namespace milink::replica {
namespace {

TEST(ReplicaStepsTest, EveryStepSaysWhatItDoesAndWhatItMakes) {
  const Step steps[] = {CreateMasterKey{}, CreateCertificate{CertificateName("c"), "s", {}, {}},
                        CreateEndpoint{EndpointName("e"), 5022, CertificateName("c")}};
  const std::string words[] = {"create the database master key in master", "create certificate c",
                               "create mirroring endpoint e on port 5022 with certificate c"};
  const std::string events[] = {"CreatedMasterKey", "CreatedCertificate", "CreatedEndpoint"};
  const std::string kinds[] = {kMasterKeyKind, kCertificateKind, kEndpointKind};
  for (std::size_t i = 0; i < std::size(steps); ++i) {
    EXPECT_EQ(Describe(steps[i]), words[i]);
    EXPECT_EQ(DoneReason(steps[i]), events[i]);
    EXPECT_EQ(EntryOf(steps[i])->kind, kinds[i]);
    EXPECT_EQ(EntryOf(steps[i])->state, api::OwnedState::kPending);
    EXPECT_TRUE(EntryOf(steps[i])->identity.empty());
  }
}

TEST(ReplicaStepsTest, WhatOnlyChangesSomethingMakesNothingThatIsOurs) {
  const Step step = EnableTraceFlags{{1800, 9567}};
  EXPECT_EQ(Describe(step), "switch on trace flags 1800 and 9567 in the running instance");
  EXPECT_EQ(DoneReason(step), "EnabledTraceFlags");
  EXPECT_FALSE(EntryOf(step).has_value());
  EXPECT_FALSE(EntryOf(RepairMasterKey{}).has_value());
  EXPECT_FALSE(EntryOf(AlterEndpoint{}).has_value());
  EXPECT_EQ(DoneReason(AlterEndpoint{}), "AlteredEndpoint");
  EXPECT_EQ(DoneReason(RepairMasterKey{}), "RepairedMasterKey");
}

TEST(ReplicaStepsTest, OnlyTheMasterKeyNeedsAPassword) {
  EXPECT_TRUE(NeedsPassword(CreateMasterKey{}));
  EXPECT_TRUE(NeedsPassword(RepairMasterKey{}));
  EXPECT_FALSE(NeedsPassword(CreateEndpoint{}));
  EXPECT_FALSE(NeedsPassword(EnableTraceFlags{}));
}

}  // namespace
}  // namespace milink::replica
