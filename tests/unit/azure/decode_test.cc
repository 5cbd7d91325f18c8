#include "core/azure/decode.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace milink::azure {
namespace {

using nlohmann::json;

TEST(DecodeTest, AnInstanceIsReadFromItsProperties) {
  const auto instance = DecodeInstance(json::parse(R"({
      "name":"mi1","location":"westeurope","sku":{"tier":"BusinessCritical"},
      "properties":{"fullyQualifiedDomainName":"mi1.abc.database.windows.net","dnsZone":"abc",
        "state":"Ready","provisioningState":"Succeeded","collation":"X",
        "databaseFormat":"SQLServer2022"}})"));
  ASSERT_TRUE(instance.ok());
  EXPECT_EQ(instance->fqdn, "mi1.abc.database.windows.net");
  EXPECT_EQ(instance->tier, "BusinessCritical");
  EXPECT_EQ(instance->database_format, "SQLServer2022");
}

TEST(DecodeTest, AnInstanceWithoutDomainNameIsAnError) {
  EXPECT_FALSE(DecodeInstance(json::parse(R"({"name":"mi1","properties":{}})")).ok());
  EXPECT_FALSE(DecodeInstance(json::parse("[]")).ok());
}

TEST(DecodeTest, ALinkKeepsUnknownValuesAndMissingOnesAreEmpty) {
  const auto link = DecodeLink(json::parse(R"({
      "id":"/subscriptions/x/managedInstances/mi1","name":"DAG_sales",
      "properties":{"instanceLinkRole":"Secondary","partnerAvailabilityGroupName":"AG_sales",
        "databases":[{"databaseName":"sales","replicaState":"SomethingNew",
          "partnerAuthCertValidity":{},"instanceSendReplicationLagSeconds":-1}]}})"));
  ASSERT_TRUE(link.ok());
  EXPECT_EQ(link->name, GroupName("DAG_sales"));
  EXPECT_EQ(link->failover_mode, "");
  ASSERT_EQ(link->databases.size(), 1U);
  EXPECT_EQ(link->databases[0].replica_state, "SomethingNew");
  EXPECT_EQ(link->databases[0].connected_state, "");
}

TEST(DecodeTest, ABareLinkWithoutDatabasesIsALink) {
  const auto link = DecodeLink(json::parse(R"({"name":"l","properties":{}})"));
  ASSERT_TRUE(link.ok());
  EXPECT_TRUE(link->databases.empty());
}

TEST(DecodeTest, ACertificateComesWithOrWithoutPrefix) {
  for (const char* blob : {"3082abCD", "0x3082ABCD"}) {
    const auto certificate =
        DecodeCertificate({{"name", "c"}, {"properties", {{"publicBlob", blob}}}});
    ASSERT_TRUE(certificate.ok()) << blob;
    EXPECT_EQ(certificate->der, std::string("\x30\x82\xab\xcd"));
    EXPECT_EQ(certificate->thumbprint, "26A4BD648CF3A2F727B584866523FCB68927C8F7");
  }
  EXPECT_FALSE(DecodeCertificate({{"name", "c"}, {"properties", {{"publicBlob", "0xZZ"}}}}).ok());
}

TEST(DecodeTest, OperationStatesAreReadWithoutRegardToCase) {
  const std::pair<const char*, OperationState> cases[] = {
      {"InProgress", OperationState::kInProgress}, {"Succeeded", OperationState::kSucceeded},
      {"failed", OperationState::kFailed},         {"Canceled", OperationState::kCanceled},
      {"Cancelled", OperationState::kCanceled},    {"Updating", OperationState::kInProgress}};
  for (const auto& [text, state] : cases) {
    EXPECT_EQ(DecodeOperation({{"status", text}})->state, state) << text;
  }
  const auto failed = DecodeOperation(json::parse(
      R"({"status":"Failed","error":{"code":"OperationIdNotFound","message":"gone"}})"));
  EXPECT_EQ(failed->error_code, "OperationIdNotFound");
}

TEST(DecodeTest, AnOperationWithoutStatusIsAnErrorAndNotOneThatRuns) {
  for (const char* body : {"{}", "null", R"({"status":""})", R"({"status":7})"}) {
    EXPECT_EQ(DecodeOperation(json::parse(body)).error().reason, "UnexpectedAnswer") << body;
  }
}

TEST(DecodeTest, ALinkRequestHasTheRecordedShape) {
  LinkRequest request;
  request.name = GroupName("Link4");
  request.partner_group = GroupName("AG_PS4");
  request.instance_group = GroupName("AG_PS4_MI");
  request.partner_endpoint = "tcp://10.0.1.8:5022";
  request.instance_role = "Secondary";
  request.failover_mode = "Manual";
  request.databases = {DatabaseName("PS4")};
  // As the Azure CLI sent it (Azure/azure-cli, recording of the link's error handling test).
  EXPECT_EQ(EncodeLinkRequest(request), json::parse(R"({"properties":{
      "databases":[{"databaseName":"PS4"}],"failoverMode":"Manual",
      "instanceAvailabilityGroupName":"AG_PS4_MI","instanceLinkRole":"Secondary",
      "partnerAvailabilityGroupName":"AG_PS4","partnerEndpoint":"tcp://10.0.1.8:5022",
      "replicationMode":"Async","seedingMode":"Automatic"}})"));
}

}  // namespace
}  // namespace milink::azure
