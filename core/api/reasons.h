// Types and reasons of conditions. They are part of the API: people and tools match on them, so a
// value, once released, is never renamed. Reasons that one controller alone gives stand with it.
#pragma once

namespace milink::api {

// What a condition is about. Every known one of a kind is present from the first visit on, as
// Unknown if need be; kReconciling and kStalled are present only while True, and never both.
namespace condition_type {

// Both kinds.
inline constexpr char kReady[] = "Ready";              // sums up all others
inline constexpr char kReconciling[] = "Reconciling";  // work is under way or will be tried again
inline constexpr char kStalled[] = "Stalled";          // nothing moves until a person acts

// SqlServerReplica.
inline constexpr char kReachable[] = "Reachable";                    // connected and logged in
inline constexpr char kVersionSupported[] = "VersionSupported";      // build, edition, platform
inline constexpr char kPermissionsGranted[] = "PermissionsGranted";  // rights of the login
inline constexpr char kAlwaysOnEnabled[] = "AlwaysOnEnabled";
inline constexpr char kTraceFlagsSet[] = "TraceFlagsSet";  // 1800 and 9567: advice, never blocks
inline constexpr char kMasterKeyReady[] = "MasterKeyReady";
inline constexpr char kCertificateReady[] = "CertificateReady";
inline constexpr char kEndpointReady[] = "EndpointReady";

// ManagedInstanceLink.
inline constexpr char kReplicaReady[] = "ReplicaReady";
inline constexpr char kManagedInstanceReady[] = "ManagedInstanceReady";
inline constexpr char kAzureAuthorized[] = "AzureAuthorized";
inline constexpr char kTrustEstablished[] = "TrustEstablished";  // certificates, both ways
inline constexpr char kDatabasesPrepared[] = "DatabasesPrepared";
inline constexpr char kAvailabilityGroupsReady[] = "AvailabilityGroupsReady";
inline constexpr char kLinkEstablished[] = "LinkEstablished";
inline constexpr char kSynchronized[] = "Synchronized";
inline constexpr char kSplitBrain[] = "SplitBrain";  // True is bad: both sides are primary

}  // namespace condition_type

// Why a condition has its status, where more than one kind or module says so.
namespace reason {

inline constexpr char kSucceeded[] = "Succeeded";
inline constexpr char kProgressing[] = "Progressing";
inline constexpr char kProgressingWithRetry[] = "ProgressingWithRetry";  // after a transient error
inline constexpr char kDependencyNotReady[] = "DependencyNotReady";  // waits for another condition
inline constexpr char kNotObserved[] = "NotObserved";                // not looked at yet
inline constexpr char kSuspended[] = "Suspended";                    // spec.suspend is set

// What spec names and what it must contain.
inline constexpr char kSecretNotFound[] = "SecretNotFound";
inline constexpr char kSecretKeyMissing[] = "SecretKeyMissing";
inline constexpr char kConfigMapNotFound[] = "ConfigMapNotFound";

// The connection to SQL Server.
inline constexpr char kConnectionFailed[] = "ConnectionFailed";  // no answer at host and port
inline constexpr char kTlsFailed[] = "TlsFailed";                // certificate not trusted, or none
inline constexpr char kLoginFailed[] = "LoginFailed";  // 18456; not tried again for a while
inline constexpr char kDifferentInstance[] = "DifferentInstance";  // not the one of status.identity
inline constexpr char kDuplicateInstance[] =
    "DuplicateInstance";  // another resource has it already

// The instance itself.
inline constexpr char kVersionTooOld[] = "VersionTooOld";
inline constexpr char kEditionUnsupported[] = "EditionUnsupported";
inline constexpr char kPermissionDenied[] = "PermissionDenied";
inline constexpr char kAlwaysOnDisabled[] = "AlwaysOnDisabled";
inline constexpr char kTraceFlagsMissing[] = "TraceFlagsMissing";
inline constexpr char kMasterKeyRequired[] = "MasterKeyRequired";  // none, and no password for one
inline constexpr char kCertificateExpired[] = "CertificateExpired";
inline constexpr char kEndpointUnsuitable[] = "EndpointUnsuitable";  // exists, and does not fit

// Deletion.
inline constexpr char kDeletionBlocked[] = "DeletionBlocked";  // see kAbandonAnnotation
inline constexpr char kLeftInPlace[] = "LeftInPlace";          // Retain: what was left where it is
inline constexpr char kStillInUse[] = "StillInUse";            // a replica that links still need

}  // namespace reason
}  // namespace milink::api
