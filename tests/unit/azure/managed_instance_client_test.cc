#include "core/azure/managed_instance_client.h"

#include <gtest/gtest.h>

#include "core/azure/errors.h"
#include "tests/fakes/scripted_http.h"

namespace milink::azure {
namespace {

class FixedCredential final : public Credential {
 public:
  Result<Secret> Token(const std::string&) override { return Secret("t"); }
  void Reject(const Secret&) override {}
};

const ManagedInstanceRef kInstance{"sub", "rg 1", "mi1"};
constexpr char kBase[] =
    "https://management.azure.com/subscriptions/sub/resourceGroups/rg%201/providers/Microsoft.Sql/"
    "managedInstances/mi1";
constexpr char kVersion[] = "?api-version=2023-08-01";

class ManagedInstanceClientTest : public testing::Test {
 protected:
  fakes::ScriptedHttp http_;
  FixedCredential credential_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  OpenFence open_;
  ArmClient arm_{{}, http_, credential_, *random_, Logger(), open_};
  ManagedInstanceClient client_{arm_, {}};
};

TEST_F(ManagedInstanceClientTest, EachReadIsOneRequestToItsPath) {
  http_.Answer(200, R"({"value":[{"name":"DAG_a","properties":{}}]})");
  http_.Answer(200, R"({"value":[]})");
  http_.Answer(200, R"({"name":"A cert","properties":{"publicBlob":"3082"}})");
  http_.Answer(200, R"({"name":"DATABASE_MIRRORING","properties":{"publicBlob":"3082"}})");
  http_.Answer(200, R"({"value":[{"actions":["*"],"notActions":[]}]})");
  http_.Answer(200, R"({"value":[{"name":"db1"}]})");
  EXPECT_EQ(client_.ListLinks(kInstance)->size(), 1U);
  EXPECT_TRUE(client_.ListTrustCertificates(kInstance)->empty());
  EXPECT_EQ(client_.GetTrustCertificate(kInstance, "A cert")->name, "A cert");
  EXPECT_EQ(client_.GetEndpointCertificate(kInstance)->der, "\x30\x82");
  EXPECT_EQ(client_.ListPermissions(kInstance)->at(0).actions.at(0), "*");
  EXPECT_EQ(client_.ListDatabaseNames(kInstance)->at(0), "db1");
  const std::vector<std::string> paths{"/distributedAvailabilityGroups",
                                       "/serverTrustCertificates",
                                       "/serverTrustCertificates/A%20cert",
                                       "/endpointCertificates/DATABASE_MIRRORING",
                                       "/providers/Microsoft.Authorization/permissions",
                                       "/databases"};
  ASSERT_EQ(http_.requests.size(), paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    EXPECT_EQ(http_.requests[i].method, "GET");
    EXPECT_TRUE(http_.requests[i].url.starts_with(kBase + paths[i] + "?api-version="))
        << http_.requests[i].url;
  }
}

TEST_F(ManagedInstanceClientTest, APutGivesATicket) {
  http_.Answer(
      202, R"({"operation":"DistributedAvailabilityGroupsLinkCreate","startTime":"x"})",
      {{"azure-asyncoperation", "https://management.azure.com/op"}, {"retry-after", "15"}});
  LinkRequest request;
  request.name = GroupName("DAG_sales");
  const auto ticket = client_.PutLink(kInstance, request);
  ASSERT_TRUE(ticket.ok());
  EXPECT_EQ(ticket->poll_url, "https://management.azure.com/op");
  EXPECT_EQ(ticket->operation, "DistributedAvailabilityGroupsLinkCreate");
  EXPECT_EQ(http_.requests[0].url,
            std::string(kBase) + "/distributedAvailabilityGroups/DAG_sales" + kVersion);
}

TEST_F(ManagedInstanceClientTest, ACertificateIsSentAsPrefixedHexadecimal) {
  http_.Answer(202, "{}", {{"azure-asyncoperation", "https://management.azure.com/op"}});
  ASSERT_TRUE(client_.PutTrustCertificate(kInstance, "Cert", "\x30\x82").ok());
  EXPECT_EQ(http_.requests[0].body, R"({"properties":{"publicBlob":"0x3082"}})");
}

TEST_F(ManagedInstanceClientTest, TheNetworkIsReadByTheIdsThatAzureGives) {
  http_.Answer(200, R"({"name":"mi","properties":{"addressPrefixes":["10.0.1.0/24"],
                        "networkSecurityGroup":{"id":"/subscriptions/s/nsg"}}})");
  http_.Answer(200, R"({"name":"nsg1","properties":{
      "securityRules":[{"name":"a","properties":{"priority":100,"direction":"Inbound",
        "access":"Allow","protocol":"Tcp","sourceAddressPrefix":"10.0.0.4",
        "destinationAddressPrefix":"*","destinationPortRanges":["5022","11000-11999"]}}],
      "defaultSecurityRules":[{"name":"d","properties":{"priority":65500}}]}})");
  EXPECT_EQ(*client_.GetSubnet(kInstance, "/subscriptions/s/subnets/mi"),
            (Subnet{{"10.0.1.0/24"}, "/subscriptions/s/nsg"}));
  const auto group = client_.GetSecurityGroup(kInstance, "/subscriptions/s/nsg");
  ASSERT_TRUE(group.ok());
  EXPECT_EQ(group->name, "nsg1");
  ASSERT_EQ(group->rules.size(), 2U);
  EXPECT_EQ(
      group->rules[0],
      (SecurityRule{
          "a", 100, "Inbound", "Allow", "Tcp", {"10.0.0.4"}, {"*"}, {"5022", "11000-11999"}}));
  EXPECT_EQ(http_.requests[0].url,
            "https://management.azure.com/subscriptions/s/subnets/mi?api-version=2025-05-01");
}

TEST_F(ManagedInstanceClientTest, AnIdOfAnotherFormIsNotFollowed) {
  for (const char* id : {"", "//evil.example/x", "/subscriptions/s?x=y", "/subscriptions/../x",
                         "https://evil.example/subscriptions/"}) {
    EXPECT_FALSE(client_.GetSubnet(kInstance, id).ok()) << id;
  }
  EXPECT_TRUE(http_.requests.empty());
}

TEST_F(ManagedInstanceClientTest, AnEncryptionCertificateIsSentAsBase64WithItsPassword) {
  struct Case {
    const char* file;
    const char* base64;
  };
  for (const auto& [file, base64] : {Case{"a", "YQ=="}, Case{"ab", "YWI="}, Case{"abc", "YWJj"},
                                     Case{"\xFF\xFE\xFD\xFC", "//79/A=="}}) {
    http_.Answer(202, "", {{"location", "https://management.azure.com/xOperationResults/1?s=2"}});
    const auto ticket = client_.UploadTdeCertificate(kInstance, Secret(file), Secret("Aa1-pw"));
    ASSERT_TRUE(ticket.ok());
    EXPECT_EQ(ticket->poll_url, "https://management.azure.com/xOperationResults/1?s=2");
    EXPECT_EQ(http_.requests.back().method, "POST");
    EXPECT_EQ(http_.requests.back().url, std::string(kBase) + "/tdeCertificates" + kVersion);
    EXPECT_EQ(http_.requests.back().body, std::string(R"({"properties":{"privateBlob":")") +
                                              base64 + R"(","certPassword":"Aa1-pw"}})");
  }
  EXPECT_EQ(client_.UploadTdeCertificate({"sub", "rg", ""}, Secret("a"), Secret("b")).error().kind,
            ErrorKind::kInvalid);
}

// Where the service gives no address for the status, the one for the result tells the end.
TEST_F(ManagedInstanceClientTest, AResultsAddressTellsTheEndByItsStatus) {
  const std::string url = "https://management.azure.com/xOperationResults/1?s=2";
  http_.Answer(202, "", {{"retry-after", "15"}});
  http_.Answer(200, R"({"id":"x","type":"y"})");
  http_.Answer(204, "");
  EXPECT_EQ(client_.PollOperation(kInstance, url)->state, OperationState::kInProgress);
  EXPECT_EQ(client_.PollOperation(kInstance, url)->state, OperationState::kSucceeded);
  EXPECT_EQ(client_.PollOperation(kInstance, url)->state, OperationState::kSucceeded);
}

TEST_F(ManagedInstanceClientTest, EmptyNamesAreRefusedBeforeTheyCollapseThePath) {
  EXPECT_EQ(client_.GetInstance({"sub", "rg", ""}).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(client_.DeleteLink(kInstance, GroupName()).error().reason, "EmptyName");
  EXPECT_TRUE(http_.requests.empty());
}

TEST_F(ManagedInstanceClientTest, ATicketWithoutUrlMeansFinishedAtOnce) {
  http_.Answer(204, "");
  const auto ticket = client_.DeleteLink(kInstance, GroupName("x"));
  ASSERT_TRUE(ticket.ok());
  EXPECT_TRUE(ticket->poll_url.empty());
}

TEST_F(ManagedInstanceClientTest, AForgottenOperationIsUnknownNotFailed) {
  http_.Answer(404, R"({"error":{"code":"ResourceNotFound","message":"x"}})");
  const auto status = client_.PollOperation(kInstance, "https://management.azure.com/op");
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->state, OperationState::kUnknown);
}

TEST_F(ManagedInstanceClientTest, AStatusThatIsNoneIsAnErrorOfTheReading) {
  http_.Answer(200, "<html>");
  EXPECT_EQ(client_.PollOperation(kInstance, "https://management.azure.com/op").error().kind,
            ErrorKind::kTransient);
}

TEST_F(ManagedInstanceClientTest, AnOperationOfAHiddenSubscriptionIsNotForgotten) {
  http_.Answer(404, R"({"error":{"code":"SubscriptionNotFound","message":"x"}})");
  EXPECT_EQ(client_.PollOperation(kInstance, "https://management.azure.com/op").error().reason,
            "SubscriptionNotFound");
}

TEST_F(ManagedInstanceClientTest, WhoeverDoesNotFindTheInstanceItselfMeansTheInstance) {
  for (const char* code : {"ResourceNotFound", "ResourceGroupNotFound"}) {
    http_.Answer(404, R"({"error":{"code":")" + std::string(code) + R"(","message":"x"}})");
    EXPECT_TRUE(SaysInstanceIsGone(client_.GetInstance(kInstance).error())) << code;
  }
  for (const char* code : {"SubscriptionNotFound", "SomethingNew"}) {
    http_.Answer(404, R"({"error":{"code":")" + std::string(code) + R"(","message":"x"}})");
    EXPECT_FALSE(SaysInstanceIsGone(client_.GetInstance(kInstance).error())) << code;
  }
  http_.Answer(404, R"({"error":{"code":"ResourceNotFound","message":"x"}})");
  EXPECT_FALSE(SaysInstanceIsGone(client_.GetEndpointCertificate(kInstance).error()));
}

TEST_F(ManagedInstanceClientTest, AnErrorWhileReadingAnOperationIsNotTheOperationsError) {
  http_.Answer(503, "");
  EXPECT_EQ(client_.PollOperation(kInstance, "https://management.azure.com/op").error().kind,
            ErrorKind::kTransient);
}

}  // namespace
}  // namespace milink::azure
