// The words of a SqlServerReplica's conditions: those of the API, and the reasons that only this
// controller gives. Stable, CamelCase, documented for users.
#pragma once

#include "core/api/reasons.h"

namespace milink::replica {

using api::condition_type::kAlwaysOnEnabled;
using api::condition_type::kCertificateReady;
using api::condition_type::kEndpointReady;
using api::condition_type::kMasterKeyReady;
using api::condition_type::kPermissionsGranted;
using api::condition_type::kReachable;
using api::condition_type::kReady;
using api::condition_type::kReconciling;
using api::condition_type::kStalled;
using api::condition_type::kTraceFlagsSet;
using api::condition_type::kVersionSupported;

// Reasons of the connector and of SQL Server's errors pass through beside these.
namespace reason {

using api::reason::kAlwaysOnDisabled;
using api::reason::kCertificateExpired;
using api::reason::kConfigMapNotFound;
using api::reason::kDependencyNotReady;
using api::reason::kDifferentInstance;
using api::reason::kDuplicateInstance;
using api::reason::kEditionUnsupported;
using api::reason::kEndpointUnsuitable;
using api::reason::kMasterKeyRequired;
using api::reason::kNotObserved;
using api::reason::kPermissionDenied;
using api::reason::kSecretKeyMissing;
using api::reason::kSecretNotFound;
using api::reason::kStillInUse;
using api::reason::kSucceeded;
using api::reason::kSuspended;
using api::reason::kTraceFlagsMissing;
using api::reason::kVersionTooOld;

inline constexpr char kServerNameMissing[] = "ServerNameMissing";  // @@SERVERNAME is NULL
inline constexpr char kHostUnsupported[] = "HostUnsupported";      // this build on this platform
inline constexpr char kIsManagedInstance[] = "IsManagedInstance";  // the other side of a link
inline constexpr char kVersionUnknown[] = "VersionUnknown";
inline constexpr char kLegacyBuild[] = "LegacyBuild";  // accepted, with a warning
inline constexpr char kHadrManagerNotRunning[] = "HadrManagerNotRunning";
inline constexpr char kMasterKeyNotOpenable[] = "MasterKeyNotOpenable";
inline constexpr char kCertificateUnusable[] = "CertificateUnusable";
inline constexpr char kEndpointStopped[] = "EndpointStopped";
inline constexpr char kCreating[] = "Creating";

}  // namespace reason
}  // namespace milink::replica
