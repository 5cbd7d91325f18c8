#include "controllers/link/sql_sight.h"

#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "controllers/link/reasons.h"
#include "tests/unit/link/builders.h"

namespace milink::link {
namespace {

struct SightRow {
  const char* name;
  std::function<void(api::SqlServerReplica&, sql::InstanceSnapshot&)> change;
  const char* reason;  // empty: the snapshot may be read
  const char* says;
};

std::vector<SightRow> SightRows() {
  using Replica = api::SqlServerReplica;
  using Snapshot = sql::InstanceSnapshot;
  return {
      {"the instance that was met before is read", [](Replica&, Snapshot&) {}, "", ""},
      {"an instance of another name is not",
       [](Replica&, Snapshot& seen) { seen.properties.server_name = "SQL9"; },
       reason::kDifferentInstance, "sql1.corp.example leads to instance SQL9 instead of SQL1"},
      {"nor another server of the name",
       [](Replica&, Snapshot& seen) { seen.properties.service_master_key_guid = "KEY-9"; },
       reason::kDifferentInstance, "another server of the name SQL1"},
      {"the same server with a new key is read",
       [](Replica& replica, Snapshot& seen) {
         replica.status.certificate = {.current = {.thumbprint = gen::kSqlThumbprint}};
         seen.properties.service_master_key_guid = "KEY-9";
       },
       "", ""},
      {"one of which the replica does not know yet who it is is not",
       [](Replica& replica, Snapshot&) {
         replica.status.identity.reset();
         replica.status.conditions.front().message = "instance SQL1 is already managed";
       },
       reason::kReplicaNotReady, "instance SQL1 is already managed"},
      {"nor before the replica has said anything",
       [](Replica& replica, Snapshot&) { replica.status = {}; }, reason::kReplicaNotReady,
       "has not reported"},
  };
}

TEST(LinkSqlSight, ShowsTheInstanceThatTheReplicaStandsForAlone) {
  for (const SightRow& row : SightRows()) {
    SCOPED_TRACE(row.name);
    auto replica = std::make_shared<api::SqlServerReplica>(gen::Replica());
    auto snapshot = std::make_shared<sql::InstanceSnapshot>(gen::Sql());
    row.change(*replica, *snapshot);
    const SqlSight sight = LookAtSql(snapshot, replica);
    const bool believed = *row.reason == '\0';
    EXPECT_EQ(sight.sql != nullptr, believed);
    ASSERT_EQ(sight.error.has_value(), !believed);
    if (!believed) {
      EXPECT_EQ(sight.error->reason, row.reason);
      EXPECT_NE(sight.error->message.find(row.says), std::string::npos) << sight.error->message;
    }
  }
}

TEST(LinkSqlSight, WhatWasNotReadHasNoReason) {
  const auto replica = std::make_shared<const api::SqlServerReplica>(gen::Replica());
  const SqlSight unread = LookAtSql(nullptr, replica);
  EXPECT_TRUE(unread.sql == nullptr && !unread.error.has_value());
  const auto snapshot = std::make_shared<const sql::InstanceSnapshot>(gen::Sql());
  const SqlSight nobody = LookAtSql(snapshot, nullptr);
  EXPECT_TRUE(nobody.sql == nullptr && !nobody.error.has_value());
}

}  // namespace
}  // namespace milink::link
