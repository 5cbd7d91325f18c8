// What users get wrong, all at once in one cluster: every mistake is told in a condition and in an
// event, changes nothing in any system, and keeps nobody else from working.
#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/e2e/stack.h"
#include "tests/sim/world/group_ddl.h"
#include "tests/sim/world/security_ddl.h"
#include "tests/sim/world/x509.h"

namespace milink::e2e {
namespace {

using nlohmann::json;

constexpr char kReplica[] = "SqlServerReplica";
constexpr char kLink[] = "ManagedInstanceLink";
constexpr char kWrongPassword[] = "canary-wrong-password";

// A mistake and how it must be told.
struct Case {
  const char* name;
  const char* kind;
  const char* object;
  const char* condition;
  const char* status_and_reason;
  std::vector<std::string> words;  // in the condition's message: what, where, what to do
  const char* event = nullptr;     // its reason, where it is not the condition's
};

std::vector<Case> ReplicaCases() {
  return {
      {"The login's Secret is missing",
       kReplica,
       "no-secret",
       "Reachable",
       "False SecretNotFound",
       {"shop/nowhere", "spec.credentialsSecretRef", "create it"}},
      {"The login's Secret has no password",
       kReplica,
       "no-key",
       "Reachable",
       "False SecretKeyMissing",
       {"shop/half-login", "spec.credentialsSecretRef", "password", "add it"}},
      {"The master key's Secret is missing",
       kReplica,
       "no-master-key-secret",
       "MasterKeyReady",
       "False SecretNotFound",
       {"shop/nowhere", "spec.masterKey.passwordSecretRef", "create it"}},
      {"The password is wrong",
       kReplica,
       "wrong-password",
       "Reachable",
       "False LoginFailed",
       {"'milink'", "18456", "correct user name or password"}},
      {"Nobody listens at the port",
       kReplica,
       "closed-port",
       "Reachable",
       "False ServerUnreachable",
       {"127.0.0.1:1 ", "check host, port, firewall"}},
      {"The host's name does not exist",
       kReplica,
       "no-host",
       "Reachable",
       "False ServerUnreachable",
       {"nowhere.invalid", "check host, port, firewall"}},
      {"No CA is given for a certificate of a private one",
       kReplica,
       "no-ca",
       "Reachable",
       "False TlsUntrusted",
       {"127.0.0.1", "not trusted", "tls.caRef"}},
      {"The CA that is given is another one",
       kReplica,
       "other-ca",
       "Reachable",
       "False TlsUntrusted",
       {"127.0.0.1", "not trusted", "tls.caRef"}},
      {"The build is too old",
       kReplica,
       "old-build",
       "VersionSupported",
       "False VersionTooOld",
       {"15.0.4073.23", "install CU20"}},
      {"The edition is Express",
       kReplica,
       "express",
       "VersionSupported",
       "False EditionUnsupported",
       {"Express", "use Standard, Enterprise or Developer"}},
      {"Always On is off",
       kReplica,
       "always-on-off",
       "AlwaysOnEnabled",
       "False AlwaysOnDisabled",
       {"switched off", "mssql-conf set hadr.hadrenabled 1", "restart"}},
      {"A second resource for the same instance",
       kReplica,
       "sql1-again",
       "Ready",
       "False DuplicateInstance",
       {"SQL1", "shop/sql1;", "delete this resource"}},
  };
}

std::vector<Case> LinkCases() {
  return {
      {"The database is missing",
       kLink,
       "database-missing",
       "DatabasesPrepared",
       "False DatabaseNotFound",
       {"nothere", "SQL Server"}},
      {"Simple recovery, and it may not be changed",
       kLink,
       "recovery-simple",
       "DatabasesPrepared",
       "False NotFullRecovery",
       {"simple", "SIMPLE", "preparation.setFullRecovery"}},
      {"No backup, and none may be taken",
       kLink,
       "backup-missing",
       "DatabasesPrepared",
       "False NoFullBackup",
       {"fresh", "full backup", "preparation.initialBackup"}},
      {"The database is in another availability group",
       kLink,
       "database-grouped",
       "DatabasesPrepared",
       "False InOtherAvailabilityGroup",
       {"grouped", "AG_elsewhere", "availabilityGroup: AG_elsewhere"}},
      {"The managed instance does not exist",
       kLink,
       "instance-missing",
       "ManagedInstanceReady",
       "False ManagedInstanceNotFound",
       {"sqlmi-none", "rg-sql", "spec.managedInstance"}},
      {"The identity may not even read the instance",
       kLink,
       "rights-none",
       "AzureAuthorized",
       "False AuthorizationFailed",
       {"sqlmi-forbidden", "Microsoft.Sql/managedInstances/read"}},
      {"The identity may only read",
       kLink,
       "rights-few",
       "AzureAuthorized",
       "False ActionsMissing",
       {"sqlmi-readonly", "distributedAvailabilityGroups/write",
        "SQL Managed Instance Contributor"}},
      {"The group's name is taken by a group with another database",
       kLink,
       "group-taken",
       "AvailabilityGroupsReady",
       "False AvailabilityGroupDiffers",
       {"AG_sales", "other", "availabilityGroup"}},
      {"The instance's certificate name holds other bytes",
       kLink,
       "certificate-taken",
       "TrustEstablished",
       "False InstanceCertificateDiffers",
       {"sqlmi2.", "thumbprint", "DROP CERTIFICATE"}},
      {"The distributed group's name is taken",
       kLink,
       "distributed-taken",
       "AvailabilityGroupsReady",
       "False DistributedGroupDiffers",
       {"DAG_stock", "no member AG_stock", "distributedAvailabilityGroup"}},
      {"The Azure link's name is taken",
       kLink,
       "link-taken",
       "LinkEstablished",
       "False AzureLinkDiffers",
       {"DAG_crm", "AG_foreign", "distributedAvailabilityGroup"}},
      {"The replica is there, and its password is wrong",
       kLink,
       "replica-bad",
       "ReplicaReady",
       "Unknown ReplicaUnreachable",
       {"wrong-password", "18456"},
       ""},
      {"The replica does not exist",
       kLink,
       "replica-missing",
       "ReplicaReady",
       "False ReplicaNotFound",
       {"nobody", "shop", "create it"},
       ""},
  };
}

json Server(const std::string& name, const std::string& address, const json& more) {
  json server = {
      {"serverName", name},
      {"productVersion", "16.0.4125.3"},
      {"platform", "Linux"},
      {"addresses", {address}},
      {"logins", {{{"name", "milink"}, {"password", "canary-sql-password"}, {"sysadmin", true}}}}};
  server.update(more);
  return server;
}

json Database(const std::string& name, const std::string& recovery, bool backup = true) {
  return {{"name", name}, {"recovery", recovery}, {"sizeBytes", 1LL << 26}, {"fullBackup", backup}};
}

// SQL1 and sqlmi1 are in order; on all others nothing may be changed.
json World() {
  json world = DefaultWorld();
  json instance = world["managedInstances"][0];
  const std::string client = world["principals"][0]["clientId"];
  world["sqlServers"] = {
      Server("SQL1", "10.0.0.1", {{"databases", {Database("good", "FULL")}}}),
      Server(
          "SHARED", "10.0.0.2",
          {{"masterKey", true},
           {"certificates", {"Cert_SHARED_endpoint"}},
           {"endpoint",
            {{"name", "mirroring"}, {"port", 5022}, {"certificate", "Cert_SHARED_endpoint"}}},
           {"databases",
            {Database("simple", "SIMPLE"), Database("fresh", "FULL", false),
             Database("grouped", "FULL"), Database("other", "FULL"), Database("sales", "SIMPLE"),
             Database("hr", "SIMPLE"), Database("stock", "SIMPLE"), Database("crm", "SIMPLE")}}}),
      Server("LOCKED", "10.0.0.3", {{"databases", {Database("good", "SIMPLE")}}}),
      Server("KEYLESS", "10.0.0.4", json::object()),
      Server("OLD", "10.0.0.5", {{"productVersion", "15.0.4073.23"}, {"updateLevel", "CU8"}}),
      Server(
          "EXPRESS", "10.0.0.6",
          {{"edition", "Express Edition (64-bit)"}, {"engineEdition", 4}, {"hadrEnabled", false}}),
      Server("NOHADR", "10.0.0.7", {{"hadrEnabled", false}, {"hadrManagerStatus", 0}})};
  json shared = instance;
  shared["name"] = "sqlmi-shared";
  json second = instance;
  second["name"] = "sqlmi2";
  json forbidden = instance;
  forbidden["name"] = "sqlmi-forbidden";
  forbidden["permissions"] = {{client, {{{"actions", json::array()}}}}};
  json readonly = instance;
  readonly["name"] = "sqlmi-readonly";
  readonly["permissions"] = {{client, {{{"actions", {"*/read"}}}}}};
  world["managedInstances"] = {instance, shared, second, forbidden, readonly};
  return world;
}

void Expect(const sim::SqlOutcome& outcome) {
  ASSERT_FALSE(outcome.failed()) << outcome.messages.back().text;
}

// What other people have made under the names that we would use.
void AddForeignObjects(sim::Simulator& simulator) {
  auto world = simulator.world().Enter();
  sim::SqlServerInstance& server = *world->FindInstance("SHARED");
  const auto group = [&](const std::string& name, const std::string& database) {
    sim::ReplicaClauses own{.name = "SHARED", .url = "TCP://10.0.0.2:5022"};
    own.availability_mode = sim::AvailabilityMode::kAsynchronous;
    own.failover_mode = sim::FailoverMode::kManual;
    own.seeding_mode = sim::SeedingMode::kAutomatic;
    Expect(sim::CreateAvailabilityGroup(*world, server,
                                        {.name = name,
                                         .cluster_type = sim::ClusterType::kNone,
                                         .databases = {database},
                                         .replicas = {own}}));
  };
  group("AG_elsewhere", "grouped");
  group("AG_sales", "other");

  const auto member = [](const std::string& name, const std::string& url) {
    sim::ReplicaClauses clauses{.name = name, .url = url};
    clauses.availability_mode = sim::AvailabilityMode::kAsynchronous;
    clauses.failover_mode = sim::FailoverMode::kManual;
    clauses.seeding_mode = sim::SeedingMode::kAutomatic;
    return clauses;
  };
  Expect(sim::CreateDistributedGroup(*world, server,
                                     {.name = "DAG_stock",
                                      .members = {member("AG_elsewhere", "TCP://10.0.0.2:5022"),
                                                  member("AG_far", "TCP://10.9.9.9:5022")}}));

  const std::string fqdn = world->FindManagedInstance("sqlmi2")->Fqdn();
  sim::CertificateWish wish{.common_name = fqdn, .dns_names = {fqdn}};
  wish.not_before = world->now - std::chrono::hours(24);
  wish.not_after = world->now + std::chrono::hours(24 * 300);
  Expect(sim::ImportCertificate(*world, server, fqdn, sim::MakeCertificate(wish).der));

  sim::Link foreign;
  foreign.name = "DAG_crm";
  foreign.id = world->NewId();
  foreign.partner_group = "AG_foreign";
  foreign.instance_group = "AG_foreign_MI";
  foreign.partner_endpoint = "TCP://10.9.9.9:5022";
  sim::LinkDatabase held;
  held.name = "foreign";
  foreign.databases = {held};
  foreign.created = world->now;
  foreign.next_attempt = world->now + std::chrono::hours(24 * 365);
  world->FindManagedInstance("sqlmi-shared")->links.push_back(foreign);
}

json Secret(const std::string& name, const json& data) {
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"metadata", {{"name", name}, {"namespace", Stack::kNamespace}}},
          {"stringData", data}};
}

class Manifests {
 public:
  explicit Manifests(Stack& stack) : stack_(stack) {}

  json Replica(const std::string& name, const std::string& server, const std::string& address,
               const json& more = json::object()) const {
    json manifest = stack_.ReplicaManifest();
    manifest["metadata"]["name"] = name;
    manifest["spec"]["port"] = stack_.sim().tds_port(server);
    manifest["spec"]["endpoint"] = {{"address", address}, {"port", 5022}};
    manifest["spec"].update(more);
    return manifest;
  }

  json Link(const std::string& name, const std::string& replica, const std::string& instance,
            const std::string& database, const json& preparation) const {
    json manifest = stack_.LinkManifest();
    manifest["metadata"]["name"] = name;
    json& spec = manifest["spec"];
    spec["sqlServerReplicaRef"]["name"] = replica;
    spec["managedInstance"]["name"] = instance;
    spec["databases"] = {{{"name", database}}};
    if (!preparation.is_null()) spec["preparation"] = preparation;
    return manifest;
  }

  json All() const {
    const json nowhere = {{"name", "nowhere"}};
    const json any = nullptr;  // everything is permitted
    const json none = {{"setFullRecovery", false}, {"initialBackup", {{"policy", "Never"}}}};
    const auto shared = [&](const char* name, const char* database, const json& preparation) {
      return Link(name, "shared", "sqlmi-shared", database, preparation);
    };
    const auto on = [&](const char* name, const char* instance) {
      return Link(name, "shared", instance, "hr", any);
    };
    json bare = Replica("no-ca", "SQL1", "10.0.0.1");
    bare["spec"].erase("tls");
    return {
        Secret("half-login", {{"username", "milink"}}),
        Secret("wrong-login", {{"username", "milink"}, {"password", kWrongPassword}}),
        {{"apiVersion", "v1"},
         {"kind", "ConfigMap"},
         {"metadata", {{"name", "other-ca"}, {"namespace", Stack::kNamespace}}},
         {"data", {{"ca.crt", stack_.sim().arm_authority_pem()}}}},
        Replica("sql1", "SQL1", "10.0.0.1"),
        Replica("shared", "SHARED", "10.0.0.2"),
        Replica("no-secret", "KEYLESS", "10.0.0.4", {{"credentialsSecretRef", nowhere}}),
        Replica("no-key", "KEYLESS", "10.0.0.4",
                {{"credentialsSecretRef", {{"name", "half-login"}}}}),
        Replica(
            "no-master-key-secret", "KEYLESS", "10.0.0.4",
            {{"masterKey", {{"passwordSecretRef", {{"name", "nowhere"}, {"key", "password"}}}}}}),
        Replica("wrong-password", "LOCKED", "10.0.0.3",
                {{"credentialsSecretRef", {{"name", "wrong-login"}}}}),
        Replica("closed-port", "SQL1", "10.0.0.1", {{"port", 1}}),
        Replica("no-host", "SQL1", "10.0.0.1", {{"host", "nowhere.invalid"}}),
        bare,
        Replica("other-ca", "SQL1", "10.0.0.1",
                {{"tls",
                  {{"caRef", {{"kind", "ConfigMap"}, {"name", "other-ca"}, {"key", "ca.crt"}}}}}}),
        Replica("old-build", "OLD", "10.0.0.5"),
        Replica("express", "EXPRESS", "10.0.0.6"),
        Replica("always-on-off", "NOHADR", "10.0.0.7"),
        Replica("sql1-again", "SQL1", "10.0.0.1"),
        Link("good", "sql1", "sqlmi1", "good", any),
        shared("database-missing", "nothere", any),
        shared("recovery-simple", "simple", none),
        shared("backup-missing", "fresh", none),
        shared("database-grouped", "grouped", any),
        shared("group-taken", "sales", any),
        shared("distributed-taken", "stock", any),
        shared("link-taken", "crm", any),
        on("instance-missing", "sqlmi-none"),
        on("rights-none", "sqlmi-forbidden"),
        on("rights-few", "sqlmi-readonly"),
        on("certificate-taken", "sqlmi2"),
        Link("replica-bad", "wrong-password", "sqlmi-shared", "good", any),
        Link("replica-missing", "nobody", "sqlmi-shared", "good", any),
    };
  }

 private:
  Stack& stack_;
};

class BadInputE2eTest : public testing::Test {
 protected:
  // By kind and name.
  using Objects = std::map<std::pair<std::string, std::string>, json>;

  static void SetUpTestSuite() {
    Stack::Settings settings;
    settings.world = World();
    stack_ = std::make_unique<Stack>(settings);
    AddForeignObjects(stack_->sim());
    before_ = Systems();
    stack_->ApplySecrets();
    stack_->StartOperator();
    stack_->Apply({{"apiVersion", "v1"}, {"kind", "List"}, {"items", Manifests(*stack_).All()}});
  }
  static void TearDownTestSuite() { stack_.reset(); }

  static Objects Read() {
    const json list =
        json::parse(stack_->Kubectl({"-n", Stack::kNamespace, "get", "sqlr,mil", "-o", "json"}));
    Objects objects;
    for (const json& item : list.at("items")) {
      objects[{item.at("kind"), item.at("metadata").at("name")}] = item;
    }
    return objects;
  }

  // Null when it is not there.
  static json ConditionOf(const json& object, const std::string& type) {
    for (const auto& condition : object.value("/status/conditions"_json_pointer, json::array())) {
      if (condition.at("type") == type) return condition;
    }
    return nullptr;
  }
  static std::string StatusOf(const json& condition) {
    if (condition.is_null()) return "";
    return condition.at("status").get<std::string>() + " " +
           condition.at("reason").get<std::string>();
  }

  static void ExpectTold(const std::vector<Case>& cases) {
    Objects objects;
    const bool settled = Eventually(
        [&] {
          objects = Read();
          return std::all_of(cases.begin(), cases.end(), [&](const Case& wanted) {
            const json& object = objects.at({wanted.kind, wanted.object});
            return StatusOf(ConditionOf(object, wanted.condition)) == wanted.status_and_reason;
          });
        },
        std::chrono::seconds(30), std::chrono::milliseconds(300));
    EXPECT_TRUE(settled) << stack_->OperatorLog().substr(0, 6000);
    // An event is written right after the status that it tells of, yet after it.
    std::vector<json> events;
    const auto told = [&](const Case& wanted) {
      const std::string status = wanted.status_and_reason;
      const std::string reason =
          wanted.event != nullptr ? wanted.event : status.substr(status.find(' ') + 1);
      if (reason.empty()) return true;
      return std::any_of(events.begin(), events.end(), [&](const json& event) {
        return event.at("regarding").at("kind") == wanted.kind &&
               event.at("regarding").at("name") == wanted.object && event.at("reason") == reason &&
               event.at("type") == "Warning";
      });
    };
    Eventually(
        [&] {
          events = stack_->Events();
          return std::all_of(cases.begin(), cases.end(), told);
        },
        std::chrono::seconds(10), std::chrono::milliseconds(300));
    for (const Case& wanted : cases) {
      SCOPED_TRACE(wanted.name);
      const json& object = objects.at({wanted.kind, wanted.object});
      const json condition = ConditionOf(object, wanted.condition);
      EXPECT_EQ(StatusOf(condition), wanted.status_and_reason) << object["status"].dump(2);
      if (condition.is_null()) continue;
      const std::string message = condition.at("message");
      for (const std::string& word : wanted.words) {
        EXPECT_NE(message.find(word), std::string::npos) << word << " in: " << message;
      }
      EXPECT_EQ(message.find("canary"), std::string::npos) << message;
      EXPECT_NE(ConditionOf(object, "Ready").at("status"), "True");
      EXPECT_TRUE(told(wanted)) << "no event";
    }
  }

  // Everything that must stay as it is: all but SQL1 and sqlmi1.
  static json Systems() {
    json world = stack_->ComparableWorld();
    for (const char* list : {"sqlServers", "managedInstances"}) {
      json kept = json::array();
      for (const json& system : world.at(list)) {
        const std::string name = system.value("serverName", system.value("name", ""));
        if (name != "SQL1" && name != "sqlmi1") kept.push_back(system);
      }
      world[list] = kept;
    }
    return world;
  }

  static std::size_t Logins(const std::string& server) {
    const auto entries = stack_->sim().journal().Entries();
    return static_cast<std::size_t>(
        std::count_if(entries.begin(), entries.end(), [&](const sim::JournalEntry& entry) {
          return entry.call.kind == sim::CallKind::kLogin && entry.call.target == server;
        }));
  }

  static std::unique_ptr<Stack> stack_;
  static json before_;
};

std::unique_ptr<Stack> BadInputE2eTest::stack_;
json BadInputE2eTest::before_;

TEST_F(BadInputE2eTest, AllIsToldNothingIsChangedAndOthersGoOn) {
  ASSERT_NO_FATAL_FAILURE(ExpectTold(ReplicaCases()));
  ASSERT_NO_FATAL_FAILURE(ExpectTold(LinkCases()));
  EXPECT_TRUE(stack_->WaitCondition("mil", "good", "Ready", "True"))
      << stack_->Get("mil", "good").dump(2);

  for (const sim::JournalEntry& entry : stack_->sim().journal().Entries()) {
    const bool good = entry.call.target == "SQL1" || entry.call.target == "sqlmi1";
    EXPECT_FALSE(entry.took_effect && !good) << sim::ToJson(entry).dump();
    EXPECT_FALSE(entry.call.mutation && !good) << sim::ToJson(entry).dump();
  }
  EXPECT_EQ(Systems(), before_) << json::diff(before_, Systems()).dump(2);
  // The second resource for SQL1 has made nothing either, and the first one everything once.
  for (const auto& [mutation, times] : stack_->sim().journal().EffectiveMutations()) {
    EXPECT_EQ(times, 1) << mutation;
  }
  for (const auto& [key, object] : Read()) {
    const bool good = key.second == "sql1" || key.second == "good";
    const json owned = object.value("/status/ownedObjects"_json_pointer, json::array());
    EXPECT_TRUE(good || owned.empty()) << key.second << " " << owned.dump();
  }
  EXPECT_EQ(stack_->OperatorLog().find("canary"), std::string::npos);
}

TEST_F(BadInputE2eTest, AWrongPasswordIsTriedOnceAndARightOneIsNoticed) {
  const auto visit = [&](int round) {
    stack_->Kubectl({"-n", Stack::kNamespace, "annotate", "sqlr", "wrong-password", "--overwrite",
                     "round=" + std::to_string(round)});
    stack_->Kubectl({"-n", Stack::kNamespace, "label", "mil", "replica-bad", "--overwrite",
                     "round=" + std::to_string(round)});
  };
  ASSERT_TRUE(stack_->WaitCondition("sqlr", "wrong-password", "Reachable", "False"));
  for (int round = 0; round < 4; ++round) {
    visit(round);
    Pause(std::chrono::milliseconds(1100));  // each visit asks for a reading
  }
  EXPECT_EQ(Logins("LOCKED"), 1U);

  stack_->Apply(
      Secret("wrong-login", {{"username", "milink"}, {"password", "canary-sql-password"}}));
  visit(100);
  EXPECT_TRUE(stack_->WaitCondition("sqlr", "wrong-password", "Reachable", "True"))
      << stack_->Get("sqlr", "wrong-password").dump(2);
}

}  // namespace
}  // namespace milink::e2e
