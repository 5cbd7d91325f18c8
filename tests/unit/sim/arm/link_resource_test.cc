#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sim/arm/arm_fixture.h"

namespace milink::sim {
namespace {

using nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;
constexpr const char* kLink = "/distributedAvailabilityGroups/DAG_sales";

class LinkResource : public ArmFixture {};

TEST_F(LinkResource, CreationRunsUntilTheDatabaseIsSeeded) {
  paired_.Trust();
  paired_.Groups();
  const ArmResponse accepted = Send("PUT", kLink, LinkBody());
  ASSERT_EQ(accepted.status, 202);
  EXPECT_EQ(Json(accepted)["operation"], "DistributedAvailabilityGroupsLinkCreate");
  EXPECT_EQ(Header(accepted, "Retry-After"), "15");
  const std::string url = Header(accepted, "Azure-AsyncOperation");

  EXPECT_EQ(Json(Poll(url))["status"], "InProgress");
  EXPECT_EQ(Json(Send("GET", kLink))["properties"]["databases"][0]["replicaState"],
            "InitiatingLink");
  paired_.clock.Step(seconds(6));
  const json seeding = Json(Send("GET", kLink))["properties"]["databases"][0];
  EXPECT_EQ(seeding["replicaState"], "Seeding");
  EXPECT_THAT(seeding["seedingProgress"].get<std::string>(), testing::EndsWith("%"));
  paired_.clock.Step(minutes(1));
  EXPECT_EQ(Json(Poll(url))["status"], "Succeeded");

  const json link = Json(Send("GET", kLink));
  EXPECT_EQ(link["properties"]["databases"][0]["replicaState"], "LinkSynchronizing");
  EXPECT_EQ(link["properties"]["databases"][0]["synchronizationHealth"], "HEALTHY");
  EXPECT_FALSE(link["properties"].contains("failoverMode")) << "None is left out";
  EXPECT_FALSE(link["properties"].contains("provisioningState"));
  EXPECT_EQ(link["properties"]["databases"][0]["partnerAuthCertValidity"]["certificateName"],
            "Cert");
  EXPECT_EQ(Json(Send("GET", "/databases"))["value"][0]["properties"]["status"], "Online");
}

TEST_F(LinkResource, AFailedOperationIsToldAtHttp200) {
  const ArmResponse accepted = Send("PUT", kLink, LinkBody());
  paired_.clock.Step(minutes(20));
  const ArmResponse poll = Poll(Header(accepted, "Azure-AsyncOperation"));
  EXPECT_EQ(poll.status, 200);
  EXPECT_EQ(Json(poll)["status"], "Failed");
  EXPECT_EQ(Code(poll), "ManagedInstanceLinkConnectivityIsNotEstablished");
}

TEST_F(LinkResource, TheSamePutAgainSucceedsAtOnceAndChangesNothing) {
  paired_.Trust();
  paired_.Groups();
  EXPECT_TRUE(Send("PUT", kLink, LinkBody()).took_effect);
  paired_.clock.Step(minutes(1));
  const ArmResponse again = Send("PUT", kLink, LinkBody());
  EXPECT_EQ(again.status, 202);
  EXPECT_FALSE(again.took_effect);
  EXPECT_EQ(Json(Poll(Header(again, "Azure-AsyncOperation")))["status"], "Succeeded");
}

TEST_F(LinkResource, DeletingNothingIsAcceptedAndFails) {
  const ArmResponse accepted = Send("DELETE", "/distributedAvailabilityGroups/InvalidLink");
  EXPECT_EQ(accepted.status, 202);
  EXPECT_FALSE(accepted.took_effect);
  const json poll = Json(Poll(Header(accepted, "Azure-AsyncOperation")));
  EXPECT_EQ(poll["status"], "Failed");
  EXPECT_EQ(poll["error"]["code"], "OperationIdNotFound");
  EXPECT_EQ(poll["error"]["message"], "The operation with Id: 'InvalidLink' does not exist.");
}

TEST_F(LinkResource, ADeletedLinkLeavesTheDatabase) {
  paired_.Trust();
  paired_.Groups();
  Send("PUT", kLink, LinkBody());
  paired_.clock.Step(minutes(1));
  const ArmResponse accepted = Send("DELETE", kLink);
  EXPECT_TRUE(accepted.took_effect);
  EXPECT_FALSE(Send("DELETE", kLink).took_effect) << "is being dropped already";
  EXPECT_EQ(Send("GET", kLink).status, 200) << "still there until the operation ends";
  paired_.clock.Step(minutes(1));
  EXPECT_EQ(Json(Poll(Header(accepted, "Azure-AsyncOperation")))["status"], "Succeeded");
  EXPECT_EQ(Send("GET", kLink).status, 404);
  EXPECT_EQ(Json(Send("GET", "/databases"))["value"].size(), 1U);
  const ArmResponse stub = Poll(Header(accepted, "Location"));
  EXPECT_EQ(stub.status, 200);
  EXPECT_THAT(Json(stub)["id"].get<std::string>(), testing::EndsWith("/managedInstances/"));
}

struct BadBody {
  const char* name;
  std::function<void(json&)> change;
  std::string code;
};
class BadLink : public LinkResource, public testing::WithParamInterface<BadBody> {};

TEST_P(BadLink, IsRefusedAtOnce) {
  json body = LinkBody();
  GetParam().change(body["properties"]);
  const ArmResponse refused = Send("PUT", kLink, body);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(Code(refused), GetParam().code);
  EXPECT_TRUE(Json(Send("GET", "/distributedAvailabilityGroups"))["value"].empty());
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, BadLink,
    testing::Values(
        BadBody{"NoDatabase", [](json& p) { p["databases"] = json::array(); },
                "InvalidDistributedAvailabilityGroupsCreateOrUpdateRequestDatabases"},
        BadBody{"TwoDatabases", [](json& p) { p["databases"].push_back({{"databaseName", "b"}}); },
                "InvalidDistributedAvailabilityGroupsCreateOrUpdateRequestDatabases"},
        BadBody{"NoInstanceGroup", [](json& p) { p["instanceAvailabilityGroupName"] = ""; },
                "InvalidDistributedAvailabilityGroupsCreateOrUpdateRequestInstanceAvailability"
                "GroupName"},
        BadBody{"SameGroups", [](json& p) { p["instanceAvailabilityGroupName"] = "AG_sales"; },
                "InstanceAvailabilityGroupNamePartnerAvailabilityGroupNameMatch"},
        BadBody{"BadEndpoint", [](json& p) { p["partnerEndpoint"] = "not_valid_value"; },
                "InvalidParameterValue"},
        BadBody{"ManualSeeding", [](json& p) { p["seedingMode"] = "Manual"; },
                "InvalidDistributedAvailabilityGroupsCreateOrUpdateRequestSeedingMode"}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(LinkResource, APlannedFailoverIsRefusedOnASecondary) {
  Send("PUT", kLink, LinkBody());
  EXPECT_EQ(Code(Send("POST", std::string(kLink) + "/failover", {{"failoverType", "Planned"}})),
            "InvalidDistributedAvailabilityGroupFailoverInstanceRole");
}

TEST_F(LinkResource, TheSwitchHidesALinkWhileItIsCreated) {
  paired_.world.Enter()->switches.link_listed_while_creating = false;
  Send("PUT", kLink, LinkBody());
  EXPECT_EQ(Send("GET", kLink).status, 404);
  EXPECT_TRUE(Json(Send("GET", "/distributedAvailabilityGroups"))["value"].empty());
}

TEST_F(LinkResource, ADatabaseOfThatNameOnTheInstanceFailsTheOperation) {
  paired_.managed->databases.push_back({.name = "SALES"});
  const ArmResponse accepted = Send("PUT", kLink, LinkBody());
  EXPECT_FALSE(accepted.took_effect);
  EXPECT_EQ(Code(Poll(Header(accepted, "Azure-AsyncOperation"))), "ManagedDatabaseNameInUse");
}

}  // namespace
}  // namespace milink::sim
