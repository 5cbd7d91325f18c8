// Everything the planner may know, gathered before it runs. Plain values, no thread rule.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controllers/replica/steps.h"
#include "core/api/sql_server_replica.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/sql/snapshot.h"

namespace milink::replica {

// What an active link says of its managed instance: one that is set up, and neither suspended nor
// being deleted.
struct LinkTrust {
  std::string link;
  std::string instance;
  std::vector<std::string> thumbprints;  // of this SQL Server's certificates that it holds
  std::vector<GroupName> groups;         // its distributed availability groups
};

struct Observation {
  std::shared_ptr<const api::SqlServerReplica> replica;  // never null
  // Null: not read yet or unreachable. Never means that things are absent.
  std::shared_ptr<const sql::InstanceSnapshot> sql;
  // Why `sql` is null: a Secret that is missing, a refused login, no answer. Nothing: not tried
  // yet.
  std::optional<Error> sql_error;
  // Why the login that is used is what was read before; nothing: it could be read.
  std::optional<Error> login_error;
  // May the master key's password be read? Nothing: it may, or no reference is given.
  std::optional<Error> master_key_error;
  // Older resources that stand for the same instance, as "namespace/name".
  std::vector<std::string> same_instance;
  int links = 0;  // links that refer to this replica, those being deleted included
  // Names of links that may refer to it: this version of the operator cannot read them.
  std::vector<std::string> undecodable_links;
  // Of the active ones. Nothing: not asked, because no certificate waits for them.
  std::optional<std::vector<LinkTrust>> trust;
  // Names of what this process saw created, as "kind/name". Empty after a restart.
  std::set<std::string> confirmed;
  // The last step that failed in this process and was not sent again yet.
  std::optional<FailedStep> failed;
  TimePoint now;
};

}  // namespace milink::replica
