// Our two kinds from JSON and their status to JSON.
//
// Thread-safe (pure). The API server has validated and defaulted what it serves; the decoder fails
// with kInvalid naming the field where something is missing or of the wrong type all the same.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/api/managed_instance_link.h"
#include "core/api/sql_server_replica.h"
#include "core/base/result.h"

namespace milink::api {

inline constexpr char kGroup[] = "milink.dev";
inline constexpr char kVersion[] = "v1alpha1";
inline constexpr char kApiVersion[] = "milink.dev/v1alpha1";
inline constexpr char kReplicaKind[] = "SqlServerReplica";
inline constexpr char kReplicaPlural[] = "sqlserverreplicas";
inline constexpr char kLinkKind[] = "ManagedInstanceLink";
inline constexpr char kLinkPlural[] = "managedinstancelinks";

// Field managers: one for what is only reported, one for the journal (DESIGN 3.4).
inline constexpr char kStatusManager[] = "milink-operator";
inline constexpr char kJournalManager[] = "milink-operator-journal";
// Says that the object cannot be read, and must leave alone what the others have written.
inline constexpr char kUndecodableManager[] = "milink-operator-undecodable";

inline constexpr char kReplicaFinalizer[] = "milink.dev/replica";
inline constexpr char kLinkFinalizer[] = "milink.dev/link";
// Which operator serves the object; the replica's decides for its links. Without it: the one that
// serves no shard.
inline constexpr char kShardLabel[] = "milink.dev/shard";
// "true" lets the deletion of either kind go on as Retain although a Secret or a system is missing.
inline constexpr char kAbandonAnnotation[] = "milink.dev/abandon";
// On a link: another value asks for another test of the network.
inline constexpr char kTestNetworkAnnotation[] = "milink.dev/test-network";

// The hash of a published plan, which permits its steps once (mode Plan).
inline constexpr char kApprovePlanAnnotation[] = "milink.dev/approve-plan";

// Annotations of other groups than ours are not kept.
Result<SqlServerReplica> DecodeReplica(const nlohmann::json& object);
Result<ManagedInstanceLink> DecodeLink(const nlohmann::json& object);

// The value of `.status` that is only reported, without the journal's fields.
nlohmann::json EncodeStatus(const SqlServerReplicaStatus& status);
nlohmann::json EncodeStatus(const ManagedInstanceLinkStatus& status);
// The journal's fields, complete: an empty one is written as empty, not left out.
nlohmann::json EncodeJournal(const SqlServerReplicaStatus& status);
nlohmann::json EncodeJournal(const ManagedInstanceLinkStatus& status);

}  // namespace milink::api
