#include "controllers/link/steps.h"

#include <set>

#include <gtest/gtest.h>

namespace milink::link {
namespace {

const std::vector<Step>& EveryStep() {
  static const std::vector<Step> steps = {ImportInstanceCertificate{},
                                          ImportRootAuthority{},
                                          TrustIssuer{},
                                          ValidateChain{},
                                          UploadCertificate{},
                                          SetFullRecovery{},
                                          BackupDatabase{},
                                          CreateGroup{},
                                          CreateDistributedGroup{},
                                          CreateLink{},
                                          DeleteLink{},
                                          DropDistributedGroup{},
                                          DropGroup{},
                                          DropCertificate{},
                                          DeleteTrustCertificate{},
                                          TestNetwork{},
                                          UploadTdeCertificate{}};
  return steps;
}

TEST(Steps, HaveWordsAndAKeyOfTheirOwn) {
  std::set<std::string> words;
  std::set<std::string> keys;
  for (const Step& step : EveryStep()) {
    EXPECT_TRUE(words.insert(Describe(step)).second) << Describe(step);
    EXPECT_TRUE(keys.insert(KeyOf(step)).second) << KeyOf(step);
  }
  EXPECT_EQ(keys.size(), std::variant_size_v<Step>);
}

TEST(Steps, EverythingButACreateIsPermittedByAField) {
  for (const Step& step : EveryStep()) {
    const bool of_a_key = std::holds_alternative<UploadTdeCertificate>(step);
    EXPECT_EQ(PermittedBy(step).empty(), ClassOf(step) == StepClass::kCreate && !of_a_key)
        << Describe(step);
  }
}

TEST(Steps, ReplacingACertificateOfOursNeedsNoField) {
  const Step replace = DropCertificate{CertificateName("mi"), "AA", true};
  EXPECT_EQ(ClassOf(replace), StepClass::kReplace);
  EXPECT_TRUE(PermittedBy(replace).empty());
}

TEST(Steps, ReplacingACertificateOfOthersNeedsAField) {
  const Step replace = DropCertificate{CertificateName("mi"), "AA", true, true};
  EXPECT_EQ(ClassOf(replace), StepClass::kReplace);
  EXPECT_EQ(PermittedBy(replace), "preparation.replaceInstanceCertificate");
}

TEST(Steps, WhatMakesAnObjectHasAnEntryInTheJournal) {
  for (const Step& step : EveryStep()) {
    // What a test needs is not there any more when it ends; the test itself is written down.
    const bool makes =
        ClassOf(step) == StepClass::kCreate && !std::holds_alternative<TrustIssuer>(step) &&
        !std::holds_alternative<ValidateChain>(step) && !std::holds_alternative<TestNetwork>(step);
    EXPECT_EQ(EntryOf(step).has_value(), makes) << Describe(step);
  }
}

TEST(Steps, ClassesHaveNames) {
  EXPECT_EQ(ToString(StepClass::kRoleChange), "RoleChange");
  EXPECT_EQ(ToString(StepClass::kDrop), "Drop");
}

}  // namespace
}  // namespace milink::link
