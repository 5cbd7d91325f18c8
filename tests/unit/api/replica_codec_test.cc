#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "core/api/codec.h"
#include "tests/gen/manifests.h"
#include "tests/gen/statuses.h"

namespace milink::api {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

nlohmann::json StoredReplica() { return gen::AsStored(gen::ReplicaManifest("sql1")); }

TEST(DecodeReplica, FillsInEveryDefault) {
  const auto replica = DecodeReplica(StoredReplica());
  ASSERT_TRUE(replica.ok()) << ToString(replica.error());
  EXPECT_EQ(ToString(replica->meta.key), "default/sql1");
  SqlServerReplicaSpec expected;
  expected.host = "sql1.corp.example";
  expected.credentials_secret = "sql1-login";
  EXPECT_EQ(replica->spec, expected);
  EXPECT_EQ(replica->spec.port, 1433);
  EXPECT_EQ(replica->spec.tls.mode, "Mandatory");
  EXPECT_EQ(replica->status, SqlServerReplicaStatus{});
}

TEST(DecodeReplica, ReadsEveryField) {
  nlohmann::json object = StoredReplica();
  object["spec"]["port"] = 14330;
  object["spec"]["instanceName"] = "INST1";
  object["spec"]["tls"] = {{"mode", "Optional"},
                           {"serverName", "sql1.example"},
                           {"caRef", {{"kind", "ConfigMap"}, {"name", "ca"}, {"key", "root.pem"}}},
                           {"trustServerCertificate", true}};
  object["spec"]["endpoint"] = {
      {"name", "hadr"}, {"port", 5023}, {"address", "10.0.0.4"}, {"adoption", "Alter"}};
  object["spec"]["masterKey"] = {{"passwordSecretRef", {{"name", "dmk"}, {"key", "pw"}}}};
  object["spec"]["certificate"] = {{"validity", "8760h"}, {"renewBefore", "720h"}};
  object["spec"]["traceFlags"] = "Enable";
  object["spec"]["observeInterval"] = "1m30s";
  object["spec"]["mode"] = "Observe";
  object["spec"]["deletionPolicy"] = "RemoveOwned";
  object["spec"]["suspend"] = true;

  SqlServerReplicaSpec expected;
  expected.host = "sql1.corp.example";
  expected.port = 14330;
  expected.instance_name = "INST1";
  expected.credentials_secret = "sql1-login";
  expected.tls = {.mode = "Optional",
                  .server_name = "sql1.example",
                  .ca = KeyReference{.kind = "ConfigMap", .name = "ca", .key = "root.pem"},
                  .trust_server_certificate = true};
  expected.endpoint = {.name = "hadr", .port = 5023, .address = "10.0.0.4", .adoption = "Alter"};
  expected.master_key_password = KeyReference{.kind = "Secret", .name = "dmk", .key = "pw"};
  expected.certificate_validity = std::chrono::hours(8760);
  expected.certificate_renew_before = std::chrono::hours(720);
  expected.trace_flags = "Enable";
  expected.observe_interval = std::chrono::seconds(90);
  expected.mode = "Observe";
  expected.deletion_policy = "RemoveOwned";
  expected.suspend = true;

  const auto replica = DecodeReplica(object);
  ASSERT_TRUE(replica.ok()) << ToString(replica.error());
  EXPECT_EQ(replica->spec, expected);
}

TEST(DecodeReplica, KeepsNoAnnotationsOfOtherPrograms) {
  nlohmann::json object = StoredReplica();
  object["metadata"]["annotations"] = {{"argocd.argoproj.io/tracking-id", "x"},
                                       {kAbandonAnnotation, "true"},
                                       {"milink.development/x", "y"}};
  const auto replica = DecodeReplica(object);
  ASSERT_TRUE(replica.ok()) << ToString(replica.error());
  EXPECT_EQ(replica->meta.annotations,
            (std::map<std::string, std::string>{{kAbandonAnnotation, "true"}}));
}

TEST(DecodeReplica, AKeyLeftOutOfAReferenceHasTheUsualName) {
  nlohmann::json object = StoredReplica();
  object["spec"]["tls"] = {{"caRef", {{"name", "ca"}}}};
  object["spec"]["masterKey"] = {{"passwordSecretRef", {{"name", "dmk"}}}};
  const auto replica = DecodeReplica(object);
  ASSERT_TRUE(replica.ok()) << ToString(replica.error());
  EXPECT_EQ(replica->spec.tls.ca, (KeyReference{.kind = "Secret", .name = "ca", .key = "ca.crt"}));
  EXPECT_EQ(replica->spec.master_key_password,
            (KeyReference{.kind = "Secret", .name = "dmk", .key = "password"}));
}

TEST(DecodeReplica, NamesEverythingThatIsMissingOrWrong) {
  nlohmann::json object = StoredReplica();
  object["spec"] = {
      {"port", "1433"}, {"masterKey", nlohmann::json::object()}, {"observeInterval", "often"}};
  const auto replica = DecodeReplica(object);
  ASSERT_FALSE(replica.ok());
  EXPECT_EQ(replica.error().kind, ErrorKind::kInvalid);
  EXPECT_THAT(
      replica.error().message,
      AllOf(HasSubstr("SqlServerReplica default/sql1"), HasSubstr("spec.host"),
            HasSubstr("spec.port"), HasSubstr("spec.credentialsSecretRef"),
            HasSubstr("spec.masterKey.passwordSecretRef.name"), HasSubstr("spec.observeInterval")));
}

TEST(DecodeReplica, AnObjectWithoutMetadataOrSpecIsInvalid) {
  EXPECT_EQ(DecodeReplica(nlohmann::json::object()).error().kind, ErrorKind::kInvalid);
  nlohmann::json object = StoredReplica();
  object.erase("spec");
  EXPECT_THAT(DecodeReplica(object).error().message, HasSubstr("spec must be given"));
  object["spec"] = "text";
  EXPECT_THAT(DecodeReplica(object).error().message, HasSubstr("spec must be an object"));
}

TEST(ReplicaStatus, SurvivesTheRoundTripInItsTwoParts) {
  const SqlServerReplicaStatus full = gen::FullReplicaStatus();
  nlohmann::json object = StoredReplica();
  object["status"] = EncodeStatus(full);
  object["status"].update(EncodeJournal(full));
  const auto replica = DecodeReplica(object);
  ASSERT_TRUE(replica.ok()) << ToString(replica.error());
  EXPECT_EQ(replica->status, full);
}

TEST(ReplicaStatus, TheTwoManagersShareNoField) {
  const nlohmann::json reported = EncodeStatus(gen::FullReplicaStatus());
  const nlohmann::json journal = EncodeJournal(gen::FullReplicaStatus());
  ASSERT_EQ(journal.size(), 3U);
  for (const auto& [key, value] : journal.items()) {
    EXPECT_FALSE(reported.contains(key)) << key;
  }
}

TEST(ReplicaStatus, NothingObservedIsLeftOutAndAnEmptyJournalIsWrittenAsEmpty) {
  EXPECT_EQ(EncodeStatus(SqlServerReplicaStatus{}),
            nlohmann::json::parse(R"({"observedGeneration": 0, "links": 0})"));
  EXPECT_EQ(EncodeJournal(SqlServerReplicaStatus{}),
            nlohmann::json::parse(R"({"ownedObjects": [], "identity": null, "approval": null})"));
}

TEST(ReplicaStatus, AnOwnedObjectInAnUnknownStateIsPendingSoThatItIsNeverDropped) {
  nlohmann::json object = StoredReplica();
  object["status"]["ownedObjects"] = {
      {{"side", "SqlServer"}, {"kind", "Endpoint"}, {"name", "e"}, {"state", "Later"}}};
  const auto replica = DecodeReplica(object);
  ASSERT_TRUE(replica.ok()) << ToString(replica.error());
  EXPECT_EQ(replica->status.owned_objects.at(0).state, OwnedState::kPending);
}

}  // namespace
}  // namespace milink::api
