// How to reach the instance of a replica: its Secret and its certificate authority, read from
// Kubernetes with get only.
//
// Thread-safe. What was read is used for 25 s, unless the spec changes, and for longer while the
// API server does not answer, or refuses it for less than kRefusalPatience: a login that works must
// not be given up for that. Errors name the object, the key and the remedy: kInvalid
// SecretNotFound, SecretKeyMissing; others as they come.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "core/api/sql_server_replica.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/kube/object_client.h"
#include "core/sql/session.h"

namespace milink::replica {

// An API server that has just started may answer 403 before it knows its roles, and a token that
// was rotated is refused once (OPERATOR-ENGINE, FAULT-MODELS K-13, K-20).
inline constexpr auto kRefusalPatience = std::chrono::minutes(5);

class TargetReader {
 public:
  struct Reading {
    sql::SqlTarget target;
    bool changed = false;          // not what the last reading said: it should be tried at once
    std::optional<Error> refusal;  // why `target` is what was read before: it may not be read
  };

  TargetReader(kube::ObjectClient& objects, const Clock& clock);

  Result<Reading> Read(const api::SqlServerReplica& replica);
  // Without regard to what was read before: after a refused login.
  Result<Reading> ReadNow(const api::SqlServerReplica& replica);
  // The password for a new master key. REQUIRES: spec.master_key_password is set.
  Result<Secret> MasterKeyPassword(const api::SqlServerReplica& replica);
  void Forget(const ObjectKey& replica);

 private:
  struct Cached {
    sql::SqlTarget target;
    std::string uid;
    std::int64_t generation = 0;
    MonotonicTime read_at;
  };

  // What was read for this very spec; nothing: it never was.
  std::optional<Cached> Known(const api::SqlServerReplica& replica) const;

  Result<sql::SqlTarget> Fetch(const api::SqlServerReplica& replica);
  Result<std::string> Authority(const ObjectKey& replica, const api::KeyReference& reference);

  kube::ObjectClient& objects_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<ObjectKey, Cached> cached_;
};

}  // namespace milink::replica
