// What the schemas accept, and what they fill in.
#include <gmock/gmock.h>

#include "core/api/codec.h"
#include "tests/gen/manifests.h"
#include "tests/integration/crd/crd_env.h"

namespace milink::test {
namespace {

using ::testing::HasSubstr;

struct Acceptance {
  const char* name;
  const char* patch;
};

void ExpectAccepted(const nlohmann::json& valid, const Acceptance& acceptance) {
  SCOPED_TRACE(acceptance.name);
  const CommandOutput answer = TryCreate(Changed(valid, acceptance.patch));
  EXPECT_EQ(answer.exit_code, 0) << answer.err;
}

TEST(ReplicaSchema, AcceptsWhatIsUnusualButRight) {
  constexpr Acceptance kCases[] = {
      {"an IPv4 address", R"({"spec":{"host":"10.0.0.4"}})"},
      {"an IPv6 address", R"({"spec":{"host":"fd00::4","endpoint":{"address":"fd00::4"}}})"},
      {"a name with an underscore", R"({"spec":{"host":"SQL_1"}})"},
      {"an endpoint name with a bracket, a quote and a blank inside",
       R"({"spec":{"endpoint":{"name":"my ]'endpoint"}}})"},
      {"a named instance", R"({"spec":{"instanceName":"INST1$"}})"},
      {"strict encryption and a name", R"({"spec":{"tls":{"mode":"Strict","serverName":"sql1"}}})"},
      {"no verification", R"({"spec":{"tls":{"trustServerCertificate":true}}})"},
      {"a CA and verification", R"({"spec":{"tls":{"caRef":{"name":"corp-ca"}}}})"},
      {"trace flags that are switched on", R"({"spec":{"traceFlags":"Enable"}})"},
      {"what was made is to go with it", R"({"spec":{"deletionPolicy":"RemoveOwned"}})"},
      {"an instance that is changed after approval", R"({"spec":{"mode":"Plan"}})"},
      {"an instance that is only looked at", R"({"spec":{"mode":"Observe"}})"},
      {"an endpoint that may be altered", R"({"spec":{"endpoint":{"adoption":"Alter"}}})"},
      {"the shortest and longest durations",
       R"({"spec":{"observeInterval":"5s","certificate":{"validity":"87600h","renewBefore":"43800h"}}})"},
  };
  for (const Acceptance& acceptance : kCases) {
    ExpectAccepted(gen::ReplicaManifest("good"), acceptance);
  }
}

TEST(LinkSchema, AcceptsWhatIsUnusualButRight) {
  constexpr Acceptance kCases[] = {
      {"a database with blanks, quotes, brackets and letters of all the world",
       R"({"spec":{"databases":[{"name":"Ünï ]'\"[ 数据库"}]}})"},
      {"a database of one letter", R"({"spec":{"databases":[{"name":"x"}]}})"},
      {"the longest database name for which names can be made",
       R"({"spec":{"databases":[{"name":"d234567890123456789012345678901234567890123456789012345678"}]}})"},
      {"a longer one with all names given",
       R"({"spec":{"databases":[{"name":"d2345678901234567890123456789012345678901234567890123456789012345",
         "availabilityGroup":"a","instanceAvailabilityGroup":"b","distributedAvailabilityGroup":"c"}]}})"},
      {"a resource group with all that Azure allows",
       R"({"spec":{"managedInstance":{"resourceGroup":"Rg_1.(ü)-x"}}})"},
      {"a managed identity",
       R"({"spec":{"managedInstance":{"credentials":{"type":"ManagedIdentity"}}}})"},
      {"a workload identity in another cloud",
       R"({"spec":{"managedInstance":{"cloud":"AzureUSGovernment","credentials":{
         "type":"WorkloadIdentity","clientId":"00000000-0000-0000-0000-0000000000Ab"}}}})"},
      {"a client secret of a tenant by its domain",
       R"({"spec":{"managedInstance":{"credentials":{"type":"ClientSecret",
         "clientId":"00000000-0000-0000-0000-000000000001","tenantId":"corp.onmicrosoft.com",
         "secretRef":{"name":"login"}}}}})"},
      {"a Windows path", R"({"spec":{"preparation":{"initialBackup":{"path":"D:\\Backup"}}}})"},
      {"thumbprints of both cases", R"({"spec":{"preparation":{"tdeCertificates":"Migrate",
         "tdeThumbprintsOnInstance":["36C1816C8235E575F969DB3F0EDCC7716184BC25",
         "36c1816c8235e575f969db3f0edcc7716184bc26"]}}})"},
      {"a share", R"({"spec":{"preparation":{"initialBackup":{"path":"\\\\nas\\backup"}}}})"},
  };
  for (const Acceptance& acceptance : kCases) {
    ExpectAccepted(gen::LinkManifest("good", {"sales"}), acceptance);
  }
}

TEST(LinkSchema, TakesAHundredDatabasesAndNotOneMore) {
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) {
    names.push_back("a database with a longish name " + std::to_string(i));
  }
  EXPECT_TRUE(TryCreate(gen::LinkManifest("many", names)).ok());
  names.emplace_back("one-more");
  EXPECT_THAT(TryCreate(gen::LinkManifest("many", names)).err,
              HasSubstr("must have at most 100 items"));
}

TEST(LinkSchema, WritingOutADefaultNameAndChangingTheListIsNoChangeOfNames) {
  Store(gen::LinkManifest("names", {"sales", "crm"}));
  const nlohmann::json later = Changed(
      gen::LinkManifest("names", {"sales"}),
      R"({"spec":{"databases":[{"name":"hr"},{"name":"sales","availabilityGroup":"AG_sales"}]}})");
  const CommandOutput replaced = CrdEnv().Kubectl({"replace", "-f", "-"}, later.dump());
  EXPECT_TRUE(replaced.ok()) << replaced.err;
}

TEST(LinkSchema, CredentialsMayChange) {
  const char* const secret = R"({"spec":{"managedInstance":{"credentials":{"type":"ClientSecret",
    "clientId":"00000000-0000-0000-0000-000000000001","tenantId":"t","secretRef":{"name":"a"}}}}})";
  Store(gen::LinkManifest("who", {"sales"}));
  for (const char* patch : {secret, "{}"}) {
    const auto later = Changed(gen::LinkManifest("who", {"sales"}), patch);
    const CommandOutput replaced = CrdEnv().Kubectl({"replace", "-f", "-"}, later.dump());
    EXPECT_TRUE(replaced.ok()) << replaced.err;
  }
}

// The defaults stand in the schema and in the decoder; here they meet.
TEST(ReplicaSchema, FillsInTheDefaultsThatTheDecoderHas) {
  const nlohmann::json manifest = gen::ReplicaManifest("defaults");
  const nlohmann::json stored = Store(manifest);
  EXPECT_EQ(stored.at("spec"), nlohmann::json::parse(R"({
    "host": "defaults.corp.example",
    "credentialsSecretRef": {"name": "defaults-login"},
    "tls": {"mode": "Mandatory", "trustServerCertificate": false},
    "endpoint": {"name": "database_mirroring_endpoint", "port": 5022, "adoption": "AsIs"},
    "certificate": {"validity": "17520h", "renewBefore": "1440h"},
    "traceFlags": "Warn",
    "observeInterval": "30s",
    "mode": "Manage",
    "deletionPolicy": "Retain",
    "suspend": false})"));
  const auto from_server = api::DecodeReplica(stored);
  const auto from_manifest = api::DecodeReplica(gen::AsStored(manifest));
  ASSERT_TRUE(from_server.ok()) << ToString(from_server.error());
  EXPECT_EQ(from_server->spec, from_manifest->spec);
}

TEST(ReplicaSchema, FillsInTheKeysOfReferences) {
  const nlohmann::json manifest = Changed(gen::ReplicaManifest("keys"),
                                          R"({"spec":{"tls":{"caRef":{"name":"ca"}},
                          "masterKey":{"passwordSecretRef":{"name":"dmk"}}}})");
  const nlohmann::json spec = Store(manifest).at("spec");
  EXPECT_EQ(spec.at("tls").at("caRef"),
            nlohmann::json::parse(R"({"kind":"Secret","name":"ca","key":"ca.crt"})"));
  EXPECT_EQ(spec.at("masterKey").at("passwordSecretRef"),
            nlohmann::json::parse(R"({"name":"dmk","key":"password"})"));
}

TEST(LinkSchema, FillsInTheDefaultsThatTheDecoderHas) {
  const nlohmann::json manifest = gen::LinkManifest("defaults", {"sales"});
  const nlohmann::json stored = Store(manifest);
  nlohmann::json expected = manifest.at("spec");
  expected.update(nlohmann::json::parse(R"({
    "preparation": {"setFullRecovery": false, "initialBackup": {"policy": "Never"},
                    "networkTest": "Warn", "replaceInstanceCertificate": false,
                    "tdeCertificates": "Require"},
    "deletionPolicy": "Retain",
    "suspend": false})"));
  EXPECT_EQ(stored.at("spec"), expected);
  const auto from_server = api::DecodeLink(stored);
  const auto from_manifest = api::DecodeLink(gen::AsStored(manifest));
  ASSERT_TRUE(from_server.ok()) << ToString(from_server.error());
  EXPECT_EQ(from_server->spec, from_manifest->spec);
}

}  // namespace
}  // namespace milink::test
