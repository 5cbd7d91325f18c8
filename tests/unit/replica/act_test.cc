#include "controllers/replica/act.h"

#include <gtest/gtest.h>

#include "core/sql/errors.h"
#include "tests/fakes/fake_instance_hub.h"
#include "tests/unit/replica/builders.h"

namespace milink::replica {
namespace {

const ObjectKey kServer{"prod", "sql1"};
const auto kAllowed = [] { return OkStatus(); };

TEST(ReplicaActTest, EachStepIsOneBatchOnTheActLane) {
  fakes::FakeInstanceHub hub;
  const CreateEndpoint endpoint{EndpointName("e"), 5022, CertificateName("c")};
  const auto result = Act(hub, kServer, endpoint, std::nullopt, kAllowed);
  EXPECT_TRUE(result.done);
  ASSERT_EQ(hub.Calls().size(), 1U);
  EXPECT_EQ(hub.Calls()[0].lane, sql::Lane::kAct);
  EXPECT_NE(hub.Calls()[0].text.find("CREATE ENDPOINT [e]"), std::string::npos);
}

TEST(ReplicaActTest, ThePasswordIsSentAndNotShown) {
  fakes::FakeInstanceHub hub;
  ASSERT_TRUE(Act(hub, kServer, CreateMasterKey{}, Secret("Pa55'word"), kAllowed).done);
  EXPECT_NE(hub.Calls()[0].text.find("Pa55''word"), std::string::npos);
  EXPECT_EQ(hub.Calls()[0].shown.find("Pa55"), std::string::npos);
  ASSERT_TRUE(Act(hub, kServer, RepairMasterKey{}, Secret("Pa55'word"), kAllowed).done);
  EXPECT_NE(hub.Calls()[1].text.find("BY PASSWORD = N'Pa55''word'"), std::string::npos);
  EXPECT_EQ(hub.Calls()[1].shown.find("Pa55"), std::string::npos);
}

TEST(ReplicaActTest, WhatAlreadyExistsIsNeitherCreatedNorAnError) {
  fakes::FakeInstanceHub hub;
  hub.OnRun([](const auto&) -> Result<sql::SqlReply> {
    return sql::ErrorOf({{15578, 16, "There is already a master key in the database."}}, "x");
  });
  const auto result = Act(hub, kServer, CreateMasterKey{}, Secret("p"), kAllowed);
  EXPECT_FALSE(result.done);
  EXPECT_FALSE(result.error.has_value());
}

TEST(ReplicaActTest, ADecryptionThatFailsIsAWrongPasswordWhereOneWasGivenToOpenTheKey) {
  fakes::FakeInstanceHub hub;
  hub.OnRun([](const auto&) -> Result<sql::SqlReply> {
    return sql::ErrorOf({{15466, 16, "An error occurred during decryption."}}, "x");
  });
  const auto repair = Act(hub, kServer, RepairMasterKey{}, Secret("p"), kAllowed);
  EXPECT_EQ(repair.error->reason, "MasterKeyPasswordWrong");
  const CreateCertificate certificate{CertificateName("c"), "s", {}, {}};
  const auto create = Act(hub, kServer, certificate, std::nullopt, kAllowed);
  EXPECT_EQ(create.error->reason, "DecryptionFailed");
}

TEST(ReplicaActTest, WhatIsNotAsItWasSeenIsNoChange) {
  fakes::FakeInstanceHub hub;
  hub.OnRun([](const auto&) -> Result<sql::SqlReply> {
    sql::SqlReply reply;
    reply.sets.emplace_back().columns = {"left_alone"};
    return reply;
  });
  const DropEndpoint step{EndpointName("e"), 65'537};
  const auto result = Act(hub, kServer, step, std::nullopt, kAllowed);
  EXPECT_FALSE(result.done);
  ASSERT_TRUE(result.error.has_value());
  EXPECT_EQ(result.error->reason, "ObjectChanged");
  EXPECT_NE(hub.Calls()[0].text.find("ELSE SELECT 1 AS left_alone;"), std::string::npos);
}

TEST(ReplicaActTest, TraceFlagsAreSwitchedOnForTheWholeInstance) {
  fakes::FakeInstanceHub hub;
  ASSERT_TRUE(Act(hub, kServer, EnableTraceFlags{{1800, 9567}}, std::nullopt, kAllowed).done);
  EXPECT_EQ(hub.Calls()[0].text, "DBCC TRACEON(1800, 9567, -1) WITH NO_INFOMSGS;");
}

TEST(ReplicaActTest, ALostAnswerIsAnErrorAndNotACreation) {
  fakes::FakeInstanceHub hub;
  hub.OnRun([](const auto&) -> Result<sql::SqlReply> {
    return Error{ErrorKind::kTransient, "OutcomeUnknown", "connection lost", ""};
  });
  const auto result = Act(hub, kServer, CreateMasterKey{}, Secret("p"), kAllowed);
  EXPECT_FALSE(result.done);
  EXPECT_EQ(result.error->reason, "OutcomeUnknown");
}

TEST(ReplicaActTest, TheGuardStopsTheStatement) {
  fakes::FakeInstanceHub hub;
  const auto result = Act(hub, kServer, CreateMasterKey{}, Secret("p"), []() -> Status {
    return Error{ErrorKind::kConflict, "ObjectChanged", "", ""};
  });
  EXPECT_EQ(result.error->reason, "ObjectChanged");
  EXPECT_TRUE(hub.Calls().empty());
}

TEST(ReplicaActTest, AMasterKeyWithoutPasswordIsNotSent) {
  EXPECT_FALSE(BatchOf(CreateMasterKey{}, std::nullopt).ok());
  EXPECT_FALSE(BatchOf(RepairMasterKey{}, std::nullopt).ok());
}

}  // namespace
}  // namespace milink::replica
