// A world of which the planner may see only a part, and the rows of its tables.
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controllers/link/plan/plan.h"
#include "core/api/condition.h"
#include "tests/unit/link/model_world.h"

namespace milink::link::gen {

// A world and what of it can be seen.
struct Scene {
  ModelWorld world{{"sales"}};
  bool replica_missing = false;
  std::optional<std::string> replica_shard;
  std::optional<Error> replica_error;
  bool sql_unreachable = false;
  bool instance_unread = false;
  std::optional<Error> instance_error;
  std::optional<NetworkRun> network;  // the test of the pair

  sql::Database& database() { return world.sql.databases.front(); }
  sql::DatabaseFiles& files() { return world.sql.files.begin()->second; }
  sql::AvailabilityGroup& group() { return world.sql.groups.at(0); }
  sql::AvailabilityGroup& distributed() { return world.sql.groups.at(1); }
  azure::Link& link() { return world.instance.links.front(); }

  void Trust() { gen::Trust(world.sql, world.instance, world.facts); }
  void Group() {
    Trust();
    world.sql.groups.push_back(gen::Group("AG_sales", "sales"));
    database().group_database_id = "gdb";
  }
  void Distributed() {
    Group();
    world.sql.groups.push_back(gen::DistributedGroup("DAG_sales", "AG_sales", "AG_sales_MI"));
  }
  void Linked() {
    Trust();
    gen::Linked(world.sql, world.instance, "sales");
    world.link.status.records.push_back({DatabaseName("sales"), "SqlServer", false, std::nullopt});
  }
  void Established() {
    Linked();
    world.link.status.records.front().established = true;
  }
  // DNS leads elsewhere: another server answers, with nothing of ours on it.
  void AddressLeadsElsewhere() {
    world.sql.properties.server_name = "SQL9";
    world.sql.groups.clear();
    world.sql.databases.clear();
  }
  // An operation that runs, and that this identity may not ask for.
  void Unread(const std::string& key) {
    OperationFact& fact = world.facts.operations[key];
    fact.poll_url = "https://op";
    fact.poll_at = world.now + std::chrono::seconds(15);
    fact.started = world.now;
    fact.unread = Error{ErrorKind::kUnauthorized, "AuthorizationFailed", "client c1 may not", ""};
    fact.failed_polls = 2;
  }
  void Hide(azure::InstancePart part) { gen::Hide(world.instance, part); }
  void Own(const char* side, const char* kind, const std::string& name,
           const std::string& identity) {
    world.link.status.owned_objects.push_back(
        {side, kind, name, identity,
         identity.empty() ? api::OwnedState::kPending : api::OwnedState::kCreated});
  }
  void OwnAll() {
    Own("SqlServer", "AvailabilityGroup", "AG_sales", "id-of-AG_sales");
    Own("SqlServer", "DistributedAvailabilityGroup", "DAG_sales", "id-of-DAG_sales");
    Own("ManagedInstance", "Link", "DAG_sales", "AG_sales/AG_sales_MI");
    Own("SqlServer", "Certificate", gen::kFqdn, gen::kInstanceThumbprint);
    Own("ManagedInstance", "TrustCertificate", gen::kSqlCertificate, gen::kSqlThumbprint);
  }
  void Delete(const std::string& policy) {
    world.link.spec.deletion_policy =
        policy == "Unlink" ? api::DeletionPolicy::kUnlink : api::DeletionPolicy::kRetain;
    world.link.meta.deletion_time = world.now;
  }
  api::ManagedInstanceLink& OtherLink(const std::string& database, std::chrono::seconds older,
                                      const std::string& replica = "sql1") {
    const auto other = std::make_shared<api::ManagedInstanceLink>(gen::Link({database}));
    other->meta.key.name = "other";
    other->meta.uid = "99999999-aaaa-4bbb-8ccc-000000000009";
    other->spec.replica = replica;
    other->meta.creation_time = gen::Start() - older;
    world.others.push_back(other);
    return *other;
  }

  Observation Observe() const {
    Observation seen = world.Observe();
    if (replica_missing) seen.replica = nullptr;
    if (sql_unreachable || replica_missing) seen.sql = nullptr;
    seen.replica_shard = replica_shard;
    seen.replica_error = replica_error;
    if (instance_unread || instance_error.has_value()) seen.instance = nullptr;
    seen.instance_error = instance_error;
    seen.network = network;
    return seen;
  }
  // The plan once the journal says what it must.
  Plan Decide() {
    Plan plan = PlanLink(Observe());
    for (int i = 0; i < 4 && plan.write_journal; ++i) {
      world.link.status.owned_objects = plan.status.owned_objects;
      world.link.status.records = plan.status.records;
      world.link.status.network_test = plan.status.network_test;
      plan = PlanLink(Observe());
    }
    return plan;
  }
};

struct Row {
  const char* name;
  std::function<void(Scene&)> arrange;
  const char* condition;
  api::ConditionStatus status;
  const char* reason;
  const char* text;                // part of the condition's message
  std::vector<std::string> steps;  // described; all of them
};

inline constexpr auto kTrue = api::ConditionStatus::kTrue;
inline constexpr auto kFalse = api::ConditionStatus::kFalse;
inline constexpr auto kUnknown = api::ConditionStatus::kUnknown;

void PrintTo(const Row& row, std::ostream* out);

// Arranges the scene of the row and compares the decision with the sentence.
void Check(const Row& row);

// The sentence as the name of a test case.
std::string CaseName(const testing::TestParamInfo<Row>& info);

}  // namespace milink::link::gen
