#include "controllers/replica/status.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "controllers/replica/reasons.h"
#include "core/api/codec.h"
#include "tests/fakes/fake_object_client.h"
#include "tests/unit/replica/builders.h"

namespace milink::replica {
namespace {

class ReplicaStatusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const nlohmann::json stored = objects_.Put(
        type_, {{"apiVersion", api::kApiVersion},
                {"kind", api::kReplicaKind},
                {"metadata",
                 {{"namespace", "prod"}, {"name", "sql1"}, {"finalizers", {"example.com/other"}}}},
                {"spec", {{"host", "sql1"}, {"credentialsSecretRef", {{"name", "sql1-login"}}}}}});
    replica_ = *api::DecodeReplica(stored);
  }
  api::SqlServerReplica Stored() const {
    return *api::DecodeReplica(*objects_.Find(type_, replica_.meta.key));
  }

  const kube::ResourceType type_{api::kGroup, api::kVersion, api::kReplicaPlural,
                                 api::kReplicaKind};
  fakes::FakeObjectClient objects_;
  fakes::FakeEventRecorder events_;
  api::SqlServerReplica replica_;
};

TEST_F(ReplicaStatusTest, WhatIsWrittenIsToldWithTheVersionThatItMade) {
  auto wanted = replica_.status;
  wanted.conditions = {
      {.type = kReady, .status = api::ConditionStatus::kTrue, .reason = "Succeeded"}};
  const auto version = WriteStatus(objects_, events_, replica_, wanted, {});
  ASSERT_TRUE(version.ok());
  EXPECT_EQ(*version, Stored().meta.resource_version);
  EXPECT_NE(*version, replica_.meta.resource_version);
  EXPECT_TRUE(events_.Has(kReady));
}

TEST_F(ReplicaStatusTest, WhatSaysTheSameIsNeitherWrittenNorTold) {
  const auto version = WriteStatus(objects_, events_, replica_, replica_.status, {});
  ASSERT_TRUE(version.ok());
  EXPECT_EQ(*version, "");
  EXPECT_TRUE(objects_.Writes().empty());
  EXPECT_TRUE(events_.Events().empty());
}

TEST_F(ReplicaStatusTest, WhatCouldNotBeWrittenIsNotTold) {
  objects_.Fail([](const auto& call) { return call.IsWrite(); },
                {ErrorKind::kTransient, "Unavailable", "later", ""}, 2);
  auto wanted = replica_.status;
  wanted.conditions = {
      {.type = kReady, .status = api::ConditionStatus::kTrue, .reason = "Succeeded"}};
  wanted.approval = {.sequence = 1};
  EXPECT_FALSE(WriteStatus(objects_, events_, replica_, wanted, {}).ok());
  EXPECT_FALSE(WriteJournal(objects_, events_, replica_, wanted).ok());
  EXPECT_TRUE(events_.Events().empty());
}

TEST_F(ReplicaStatusTest, TheJournalIsNotWrittenOverAnotherVersion) {
  auto wanted = replica_.status;
  wanted.identity = {"SQL1", "KEY-1"};
  const auto version = WriteJournal(objects_, events_, replica_, wanted);
  ASSERT_TRUE(version.ok());
  EXPECT_EQ(*version, Stored().meta.resource_version);
  EXPECT_EQ(Stored().status.identity->server_name, "SQL1");
  const auto again = WriteJournal(objects_, events_, replica_, wanted);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind, ErrorKind::kConflict);
}

TEST_F(ReplicaStatusTest, OurFinalizerComesAndGoesAndThoseOfOthersStay) {
  EXPECT_FALSE(HasFinalizer(replica_.meta));
  ASSERT_TRUE(WriteFinalizer(objects_, replica_, true).ok());
  const auto held = Stored();
  EXPECT_TRUE(HasFinalizer(held.meta));
  EXPECT_EQ(held.meta.finalizers.size(), 2U);
  const auto version = WriteFinalizer(objects_, held, false);
  ASSERT_TRUE(version.ok());
  EXPECT_EQ(*version, Stored().meta.resource_version);
  EXPECT_EQ(Stored().meta.finalizers, replica_.meta.finalizers);
}

}  // namespace
}  // namespace milink::replica
