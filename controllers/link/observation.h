// Everything the planner may know, gathered before it runs. Plain values, no thread rule.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controllers/link/steps.h"
#include "core/api/managed_instance_link.h"
#include "core/api/sql_server_replica.h"
#include "core/azure/models.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/pki/root_authorities.h"
#include "core/sql/snapshot.h"

namespace milink::link {

// A step that failed, as this process remembers it.
struct StepFailure {
  Error error;
  int attempts = 0;
  TimePoint retry_at;
  std::int64_t generation = 0;  // of the link at that time: a changed spec is tried at once
  Duration retry_after{};       // how long that was when it was noted

  bool operator==(const StepFailure&) const = default;
};

// A long operation in Azure, as this process knows it.
struct OperationFact {
  std::string poll_url;
  azure::OperationState state = azure::OperationState::kInProgress;
  std::string error_code;
  std::string error_message;
  TimePoint poll_at;                  // when it may be asked again
  Duration poll_after{};              // how long that was when it was noted
  TimePoint started;                  // when it was accepted
  std::optional<Error> unread;        // why the last poll failed; nothing: it did not
  int failed_polls = 0;               // in a row
  std::optional<TimePoint> finished;  // when its end was seen, or despaired of (kUnknown)
  // What it makes, where this process sent the request and saw it accepted. Nothing: it makes
  // nothing, or an earlier process sent it.
  std::optional<ObjectRef> makes;
};

// An encryption certificate that this process has seen arrive on the managed instance. Azure may
// still say that it is missing, for a while after or for ever: each upload in vain waits longer.
struct TdeUpload {
  TimePoint again_at;  // not uploaded again before
  Duration pause{};    // how long that was when it was noted

  bool operator==(const TdeUpload&) const = default;
};

// What this process alone knows of one link. Empty after a restart, which must only delay things.
struct ProcessFacts {
  std::set<ObjectRef> confirmed;  // creates this process saw succeed
  std::set<ObjectRef> refused;    // creates it saw refused: what is there now is somebody else's
  std::map<std::string, StepFailure> failures;           // by KeyOf(step)
  std::map<std::string, OperationFact> operations;       // by KeyOf(step)
  std::map<DatabaseName, TimePoint> disconnected_since;  // remote side not CONNECTED since
  std::set<DatabaseName> backups_running;
  std::map<std::string, TdeUpload> tde_uploads;  // by thumbprint
  // Issuer entries that this process has made on the replica, for any link, by IssuerKey().
  std::set<std::string> issuers;
  // Chains that SQL Server was asked to validate, by ChainKey(), as issuers; false: it could not.
  std::map<std::string, bool> chains;
};

struct Observation {
  std::shared_ptr<const api::ManagedInstanceLink> link;  // never null
  // Null: no SqlServerReplica of that name in the namespace and in our shard.
  std::shared_ptr<const api::SqlServerReplica> replica;
  // Then: it exists all the same, in this other shard (empty: in none), which another operator
  // serves.
  std::optional<std::string> replica_shard;
  // Or: why it cannot be told whether it exists.
  std::optional<Error> replica_error;
  // Null: not read yet, unreachable, or of another instance than the replica stands for. Never
  // means that things are absent.
  std::shared_ptr<const sql::InstanceSnapshot> sql;
  // Why `sql` is null although the address answers; nothing: it does not.
  std::optional<Error> sql_error;
  std::shared_ptr<const azure::ManagedInstanceSnapshot> instance;
  // Why `instance` is null; nothing: it was not read yet.
  std::optional<Error> instance_error;
  // Other links, of any namespace, that use the same managed instance or the same replica.
  std::vector<std::shared_ptr<const api::ManagedInstanceLink>> others;
  // Kind and name of objects of the link's namespace that this version cannot read: each may be
  // one of those.
  std::vector<std::string> undecodable;
  // Thumbprints that replicas of such links show to the same managed instance, or will; gathered
  // only while a certificate of ours there may be taken away.
  std::set<std::string> used_elsewhere;
  ProcessFacts facts;
  // Authorities that sign the certificates of managed instances; one found under another name
  // serves as well.
  std::vector<pki::RootAuthority> roots;
  // The newest test of the network between the two sides, whichever link drives it; nothing: this
  // process knows of none.
  std::optional<NetworkRun> network;
  std::string dns_pattern;  // names that the roots vouch for: "*.database.windows.net"
  TimePoint now;

  // Is its replica there, and unreadable?
  bool ReplicaIsUndecodable() const {
    return std::ranges::find(undecodable, "SqlServerReplica " + link->spec.replica) !=
           undecodable.end();
  }
  // Was this part of the instance read? If not, nothing in it is absent.
  bool Shows(azure::InstancePart part) const {
    return instance != nullptr && instance->Shows(part);
  }
};

}  // namespace milink::link
