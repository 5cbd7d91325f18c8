#include "controllers/replica/same_instance.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controllers/replica/reasons.h"
#include "tests/unit/replica/builders.h"

namespace milink::replica {
namespace {

using ReplicaChange = std::function<void(api::SqlServerReplica&)>;

// Of two resources for sql1.corp.example, the other one is older and neither has the instance.
struct SameInstanceRow {
  std::string name;
  ReplicaChange other;
  ReplicaChange replica;
  bool same;
};

void AsItIs(api::SqlServerReplica& /*replica*/) {}

void MadeLater(api::SqlServerReplica& replica) { replica.meta.creation_time = testing::Now(); }

ReplicaChange Pinned(const std::string& server_name, const std::string& key) {
  return [=](api::SqlServerReplica& replica) { replica.status.identity = {server_name, key}; };
}

ReplicaChange Reporting(const char* type, api::ConditionStatus status) {
  return [=](api::SqlServerReplica& replica) {
    replica.status.conditions = {{.type = type, .status = status}};
  };
}

ReplicaChange AtAddress(const std::string& host, int port, const std::string& instance_name) {
  return [=](api::SqlServerReplica& replica) {
    replica.spec.host = host;
    replica.spec.port = port;
    replica.spec.instance_name = instance_name;
  };
}

ReplicaChange Both(const ReplicaChange& one, const ReplicaChange& two) {
  return [=](api::SqlServerReplica& replica) {
    one(replica);
    two(replica);
  };
}

std::vector<SameInstanceRow> SameInstanceRows() {
  const std::string host = "sql1.corp.example";
  const auto no = api::ConditionStatus::kFalse;
  return {
      {"of two that come at once the older one begins", AsItIs, AsItIs, true},
      {"and not the younger one", MadeLater, AsItIs, false},
      {"of the same age the name decides",
       [](api::SqlServerReplica& other) { other.meta.key.name = "z-sql1"; }, AsItIs, false},
      {"upper and lower case are one address", AtAddress("SQL1.corp.example", 1433, ""), AsItIs,
       true},
      {"another host", AtAddress("sql2.corp.example", 1433, ""), AsItIs, false},
      {"another port", AtAddress(host, 1434, ""), AsItIs, false},
      {"another named instance", AtAddress(host, 1433, "B"), AtAddress(host, 1433, "A"), false},
      {"one that cannot connect is not in the way", Reporting(kReachable, no), AsItIs, false},
      {"nor one without rights", Reporting(kPermissionsGranted, no), AsItIs, false},
      {"one that may connect is", Reporting(kReachable, api::ConditionStatus::kUnknown), AsItIs,
       true},
      {"a younger one that has the instance keeps it", Both(MadeLater, Pinned("SQL1", "KEY-1")),
       AsItIs, true},
      {"under another address, too", Both(Pinned("SQL1", "KEY-1"), AtAddress("10.0.0.4", 1433, "")),
       AsItIs, true},
      {"and while it cannot connect", Both(Pinned("SQL1", "KEY-1"), Reporting(kReachable, no)),
       AsItIs, true},
      {"one that has another instance", Pinned("SQL2", "KEY-1"), AsItIs, false},
      {"one that has another server of that name", Pinned("SQL1", "KEY-2"), AsItIs, false},
      {"of two that have it the older one", Pinned("SQL1", "KEY-1"), Pinned("SQL1", "KEY-1"), true},
      {"and not the younger one of two that have it", Both(MadeLater, Pinned("SQL1", "KEY-1")),
       Pinned("SQL1", "KEY-1"), false},
      {"who has it is in nobody's way by address", AsItIs, Pinned("SQL1", "KEY-1"), false},
  };
}

TEST(SameInstance, IsHadByAnotherAsTheSentenceSays) {
  for (const auto& row : SameInstanceRows()) {
    auto replica = testing::Replica();
    replica.status.identity.reset();
    auto other = replica;
    other.meta.uid = "other";
    other.meta.key.name = "a-sql1";
    row.other(other);
    row.replica(replica);
    const std::vector<ReplicaPointer> all{std::make_shared<const api::SqlServerReplica>(other),
                                          std::make_shared<const api::SqlServerReplica>(replica)};
    const auto expected = row.same ? std::vector<std::string>{"prod/" + other.meta.key.name}
                                   : std::vector<std::string>();
    EXPECT_EQ(SameInstance(all, replica, testing::FreshInstance().properties), expected)
        << row.name;
  }
}

}  // namespace
}  // namespace milink::replica
