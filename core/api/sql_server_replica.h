// SqlServerReplica: one SQL Server instance, checked and prepared. The schema, with descriptions
// and rules, is crds/milink.dev_sqlserverreplicas.yaml; this is its shape in memory.
//
// Plain values, no thread rule.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/api/condition.h"
#include "core/api/owned_object.h"
#include "core/base/clock.h"
#include "core/base/object.h"

namespace milink::api {

// A key of a Secret or a ConfigMap in the object's own namespace.
struct KeyReference {
  std::string kind = "Secret";  // "Secret", "ConfigMap"
  std::string name;
  std::string key;

  bool operator==(const KeyReference&) const = default;
};

struct SqlServerReplicaSpec {
  struct Tls {
    std::string mode = "Mandatory";  // "Mandatory", "Optional", "Strict"
    std::string server_name;         // expected in the certificate; empty: `host`
    std::optional<KeyReference> ca;
    bool trust_server_certificate = false;
    bool operator==(const Tls&) const = default;
  };
  struct Endpoint {
    std::string name = "database_mirroring_endpoint";
    int port = 5022;
    std::string address;            // what the managed instance dials; empty: `host`
    std::string adoption = "AsIs";  // "AsIs", "Alter"
    bool operator==(const Endpoint&) const = default;
  };

  std::string host;
  int port = 1433;
  std::string instance_name;       // excludes `port`, which is then asked for at the host
  std::string credentials_secret;  // keys username, password
  Tls tls;
  Endpoint endpoint;
  std::optional<KeyReference> master_key_password;
  Duration certificate_validity = std::chrono::hours(17'520);
  Duration certificate_renew_before = std::chrono::hours(1'440);
  std::string trace_flags = "Warn";  // "Warn", "Require", "Enable", "Ignore"
  Duration observe_interval = std::chrono::seconds(30);
  std::string mode = "Manage";             // "Manage", "Plan", "Observe"
  std::string deletion_policy = "Retain";  // "Retain", "RemoveOwned"
  bool suspend = false;

  bool operator==(const SqlServerReplicaSpec&) const = default;
};

struct SqlServerReplicaStatus {
  // Pinned at the first contact: another instance behind the same address is refused.
  struct Identity {
    std::string server_name;
    std::string service_master_key_guid;  // tells servers of one name apart; empty: not known
    bool operator==(const Identity&) const = default;
  };
  struct CertificateFacts {
    std::string name;
    std::string thumbprint;
    std::optional<TimePoint> not_before;
    std::optional<TimePoint> not_after;
    bool operator==(const CertificateFacts&) const = default;
  };
  struct Certificate {
    CertificateFacts current;
    // Made to take its place; links hand it to their managed instances first.
    std::optional<CertificateFacts> next;
    std::optional<TimePoint> renewal_time;  // when `next` is made; nothing: not by us
    bool owned = false;                     // of the current one
    bool operator==(const Certificate&) const = default;
  };
  struct Endpoint {
    std::string name;
    int port = 0;
    std::string state;
    std::string authentication;
    std::string encryption;
    bool owned = false;
    bool operator==(const Endpoint&) const = default;
  };
  // Of mode Plan: what is open, and under which name it is approved.
  struct PlannedStep {
    std::string description;
    std::string target;  // "SqlServer"
    std::string kind;    // "Create", "Alter", "Drop"
    bool operator==(const PlannedStep&) const = default;
  };
  struct PublishedPlan {
    std::string hash;  // empty: something blocks it, so it cannot be approved
    std::vector<PlannedStep> steps;
    std::vector<std::string> blockers;
    bool operator==(const PublishedPlan&) const = default;
  };
  // The last approval. It counts once, for these steps, until the spec changes.
  struct Approval {
    std::int64_t sequence = 0;  // how many there were
    std::int64_t generation = 0;
    std::string hash;
    std::vector<std::string> steps;  // those that are still open
    bool operator==(const Approval&) const = default;
  };

  std::int64_t observed_generation = 0;
  std::vector<Condition> conditions;
  std::string product_version;
  std::string update_level;
  std::string edition;
  std::string host_platform;
  std::string collation;
  // "OneWayLink", "ManagedInstancePrimary", "TSqlFailover", "MultiDatabaseLink", "ChainValidation"
  std::vector<std::string> capabilities;
  std::vector<int> trace_flags;
  std::optional<Certificate> certificate;
  std::optional<Endpoint> endpoint;
  int links = 0;
  std::optional<PublishedPlan> plan;
  // Journal: its own field manager, written before the act it records.
  std::optional<Identity> identity;
  std::vector<OwnedObject> owned_objects;
  std::optional<Approval> approval;

  bool operator==(const SqlServerReplicaStatus&) const = default;
};

struct SqlServerReplica {
  ObjectMeta meta;
  SqlServerReplicaSpec spec;
  SqlServerReplicaStatus status;
};

}  // namespace milink::api
