// Types and reasons of conditions, and reasons of events. They are part of the API: people and
// tools match on them, so a value, once released, is never renamed. hack/check_reasons.py sees to
// it that every reason that is given stands here or in error_reasons.h, and no other;
// docs/reasons.md says what to do about each.
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
inline constexpr char kTraceFlagsSet[] = "TraceFlagsSet";  // 1800 and 9567: advice unless required
inline constexpr char kMasterKeyReady[] = "MasterKeyReady";
inline constexpr char kCertificateReady[] = "CertificateReady";
inline constexpr char kEndpointReady[] = "EndpointReady";

// ManagedInstanceLink.
inline constexpr char kReplicaReady[] = "ReplicaReady";
inline constexpr char kManagedInstanceReady[] = "ManagedInstanceReady";
inline constexpr char kAzureAuthorized[] = "AzureAuthorized";
inline constexpr char kNetworkVerified[] = "NetworkVerified";    // advice unless required
inline constexpr char kTrustEstablished[] = "TrustEstablished";  // certificates, both ways
inline constexpr char kDatabasesPrepared[] = "DatabasesPrepared";
inline constexpr char kAvailabilityGroupsReady[] = "AvailabilityGroupsReady";
inline constexpr char kLinkEstablished[] = "LinkEstablished";
inline constexpr char kSynchronized[] = "Synchronized";
inline constexpr char kSplitBrain[] = "SplitBrain";  // True is bad: both sides are primary

}  // namespace condition_type

// Why a condition has its status, or what an event is about.
namespace reason {

// Both kinds.
inline constexpr char kSucceeded[] =
    "Succeeded";  // a condition is met; as an event: a change was made
inline constexpr char kDependencyNotReady[] = "DependencyNotReady";  // waits for another condition
inline constexpr char kNotObserved[] = "NotObserved";                // not looked at yet
inline constexpr char kSuspended[] = "Suspended";                    // spec.suspend is set
inline constexpr char kObserveOnly[] = "ObserveOnly";                // spec.mode is Observe
inline constexpr char kUndecodable[] = "Undecodable";                // written by another version
inline constexpr char kApprovalRequired[] = "ApprovalRequired";      // spec.mode is Plan
inline constexpr char kPlanPublished[] = "PlanPublished";        // an event: may be approved now
inline constexpr char kPlanApproved[] = "PlanApproved";          // an event
inline constexpr char kPlanNotPublished[] = "PlanNotPublished";  // only its script is not
inline constexpr char kObjectChanged[] =
    "ObjectChanged";  // it changed after the decision: looked at again

// What a replica names and what that must contain.
inline constexpr char kSecretNotFound[] = "SecretNotFound";
inline constexpr char kSecretKeyMissing[] = "SecretKeyMissing";  // of a ConfigMap, too
inline constexpr char kConfigMapNotFound[] = "ConfigMapNotFound";
inline constexpr char kReferenceUnreadable[] =
    "ReferenceUnreadable";                                     // the API server does not give it
inline constexpr char kPasswordMissing[] = "PasswordMissing";  // for a new master key

// Which instance it is.
inline constexpr char kDifferentInstance[] = "DifferentInstance";  // not the one of status.identity
inline constexpr char kDuplicateInstance[] =
    "DuplicateInstance";  // another resource has it already
inline constexpr char kServerNameMissing[] = "ServerNameMissing";  // @@SERVERNAME is NULL
inline constexpr char kServerNameStale[] = "ServerNameStale";      // it is the name of before

// The instance itself.
inline constexpr char kVersionTooOld[] = "VersionTooOld";
inline constexpr char kVersionUnknown[] = "VersionUnknown";
inline constexpr char kLegacyBuild[] = "LegacyBuild";  // accepted, with a warning
inline constexpr char kEditionUnsupported[] = "EditionUnsupported";
inline constexpr char kHostUnsupported[] = "HostUnsupported";      // this build on this platform
inline constexpr char kIsManagedInstance[] = "IsManagedInstance";  // the other side of a link
inline constexpr char kPermissionDenied[] = "PermissionDenied";
inline constexpr char kAlwaysOnDisabled[] = "AlwaysOnDisabled";
inline constexpr char kHadrManagerNotRunning[] = "HadrManagerNotRunning";
inline constexpr char kClusterMissing[] = "ClusterMissing";              // of SQL Server 2016
inline constexpr char kClusterRightsMissing[] = "ClusterRightsMissing";  // of the cluster's account
inline constexpr char kTraceFlagsMissing[] = "TraceFlagsMissing";
inline constexpr char kIgnored[] = "Ignored";  // the spec says not to look

// What a link needs inside the instance.
inline constexpr char kCreating[] = "Creating";
inline constexpr char kChanging[] = "Changing";  // what exists, as a field of the spec permits
inline constexpr char kMasterKeyRequired[] = "MasterKeyRequired";  // none, and no password for one
inline constexpr char kMasterKeyNotOpenable[] = "MasterKeyNotOpenable";
inline constexpr char kCertificateExpired[] = "CertificateExpired";
inline constexpr char kCertificateExpiring[] = "CertificateExpiring";  // and is not ours to renew
inline constexpr char kRenewing[] = "Renewing";                        // the endpoint's certificate
inline constexpr char kCertificateUnusable[] = "CertificateUnusable";
inline constexpr char kEndpointUnsuitable[] = "EndpointUnsuitable";  // exists, and does not fit
inline constexpr char kEndpointStopped[] = "EndpointStopped";

// Events of a replica.
inline constexpr char kCreatedMasterKey[] = "CreatedMasterKey";
inline constexpr char kRepairedMasterKey[] = "RepairedMasterKey";  // the server can open it now
inline constexpr char kCreatedCertificate[] = "CreatedCertificate";
inline constexpr char kCreatedEndpoint[] = "CreatedEndpoint";
inline constexpr char kAlteredEndpoint[] = "AlteredEndpoint";
inline constexpr char kSwitchedCertificate[] = "SwitchedCertificate";  // the endpoint to a new one
inline constexpr char kDroppedCertificate[] = "DroppedCertificate";    // that it does not use
inline constexpr char kDroppedEndpoint[] = "DroppedEndpoint";
inline constexpr char kEnabledTraceFlags[] = "EnabledTraceFlags";
inline constexpr char kReady[] = "Ready";            // prepared for links
inline constexpr char kReleased[] = "Released";      // deleted: what was left on the instance
inline constexpr char kStillInUse[] = "StillInUse";  // being deleted; links still need it
inline constexpr char kRemoving[] = "Removing";      // being deleted; what was made is removed

// The replica of a link.
inline constexpr char kReplicaNotFound[] = "ReplicaNotFound";
inline constexpr char kReplicaNotInShard[] = "ReplicaNotInShard";
inline constexpr char kReplicaDeleting[] = "ReplicaDeleting";
inline constexpr char kReplicaNotReady[] = "ReplicaNotReady";
inline constexpr char kReplicaUnreachable[] = "ReplicaUnreachable";

// The managed instance and the rights on it.
inline constexpr char kManagedInstanceNotFound[] = "ManagedInstanceNotFound";
inline constexpr char kManagedInstanceNotRead[] = "ManagedInstanceNotRead";  // not yet
inline constexpr char kManagedInstanceUnreachable[] = "ManagedInstanceUnreachable";
inline constexpr char kManagedInstanceNotReady[] = "ManagedInstanceNotReady";
inline constexpr char kInstanceFormatTooOld[] = "InstanceFormatTooOld";
inline constexpr char kActionsMissing[] = "ActionsMissing";

// The network between the two.
inline constexpr char kNetworkTestSkipped[] = "NetworkTestSkipped";  // the spec says so
inline constexpr char kNetworkNotTested[] = "NetworkNotTested";      // nothing asked for it yet
inline constexpr char kTestingNetwork[] = "TestingNetwork";
inline constexpr char kNetworkTestIncomplete[] = "NetworkTestIncomplete";  // not all was tried
inline constexpr char kInstanceNotReached[] = "InstanceNotReached";        // from SQL Server
inline constexpr char kSqlServerNotReached[] = "SqlServerNotReached";      // from the instance
inline constexpr char kSecurityRuleDenies[] = "SecurityRuleDenies";        // of the subnet's group
inline constexpr char kAddressOutsideSubnet[] = "AddressOutsideSubnet";  // the name leads elsewhere
inline constexpr char kAddressesOverlap[] = "AddressesOverlap";

// Trust.
inline constexpr char kBuildingTrust[] = "BuildingTrust";
inline constexpr char kEndpointMissing[] = "EndpointMissing";
inline constexpr char kInstanceCertificateMissing[] = "InstanceCertificateMissing";
inline constexpr char kInstanceCertificateDiffers[] = "InstanceCertificateDiffers";
inline constexpr char kInstanceCertificateOtherName[] = "InstanceCertificateOtherName";
inline constexpr char kRootNameTaken[] = "RootNameTaken";
inline constexpr char kCertificateNameTaken[] = "CertificateNameTaken";
inline constexpr char kChainNotValidated[] = "ChainNotValidated";  // a warning

// Databases.
inline constexpr char kDatabaseNotFound[] = "DatabaseNotFound";
inline constexpr char kDatabaseNotOnline[] = "DatabaseNotOnline";
inline constexpr char kDatabaseAccess[] = "DatabaseAccess";
inline constexpr char kDatabaseEncrypted[] = "DatabaseEncrypted";  // by what the instance has not
inline constexpr char kEncryptionNotRead[] = "EncryptionNotRead";  // not yet
inline constexpr char kTdeProtectorUnsupported[] = "TdeProtectorUnsupported";
inline constexpr char kTdeCertificateNotExportable[] = "TdeCertificateNotExportable";
inline constexpr char kMigratingCertificate[] = "MigratingCertificate";
inline constexpr char kPrivateKeyNotGiven[] = "PrivateKeyNotGiven";  // by SQL Server to this login
inline constexpr char kDatabaseFiles[] = "DatabaseFiles";
inline constexpr char kDatabaseFilesNotRead[] = "DatabaseFilesNotRead";  // not yet
inline constexpr char kNotFullRecovery[] = "NotFullRecovery";
inline constexpr char kNoFullBackup[] = "NoFullBackup";
inline constexpr char kPreparing[] = "Preparing";
inline constexpr char kBackingUp[] = "BackingUp";
inline constexpr char kInOtherAvailabilityGroup[] = "InOtherAvailabilityGroup";
inline constexpr char kDatabaseExistsOnInstance[] = "DatabaseExistsOnInstance";
inline constexpr char kDatabaseLinkedTwice[] = "DatabaseLinkedTwice";

// Groups and link.
inline constexpr char kCreatingGroups[] = "CreatingGroups";
inline constexpr char kAvailabilityGroupDiffers[] =
    "AvailabilityGroupDiffers";  // exists, and does not fit
inline constexpr char kDistributedGroupDiffers[] = "DistributedGroupDiffers";
inline constexpr char kCreatingLink[] = "CreatingLink";
inline constexpr char kAzureLinkDiffers[] = "AzureLinkDiffers";
inline constexpr char kConnecting[] = "Connecting";
inline constexpr char kConnectionProblem[] =
    "ConnectionProblem";  // not connected after two minutes
inline constexpr char kSeeding[] = "Seeding";
inline constexpr char kSeedingFailed[] = "SeedingFailed";
inline constexpr char kSynchronizing[] = "Synchronizing";  // copied; changes do not flow yet

// Once a link replicates.
inline constexpr char kReplicating[] = "Replicating";
inline constexpr char kDegraded[] = "Degraded";  // an event: it replicated, and does not now
inline constexpr char kDisconnected[] = "Disconnected";
inline constexpr char kUnhealthy[] = "Unhealthy";
inline constexpr char kDataMovementSuspended[] = "DataMovementSuspended";
inline constexpr char kLinkLost[] = "LinkLost";  // was established, and is gone

// Who is primary.
inline constexpr char kPrimaryDrifted[] = "PrimaryDrifted";  // not where it was agreed to be
inline constexpr char kRoleUnclear[] = "RoleUnclear";
inline constexpr char kOnePrimary[] = "OnePrimary";
inline constexpr char kBothPrimary[] = "BothPrimary";

// Steps of a link.
inline constexpr char kWaiting[] = "Waiting";  // for what another condition names
inline constexpr char kStarted[] = "Started";  // an event: takes long, and was begun
inline constexpr char kFailed[] = "Failed";    // for an unknown reason
inline constexpr char kOperationCanceled[] = "OperationCanceled";  // by the managed instance
inline constexpr char kOperationUnknown[] = "OperationUnknown";    // the managed instance forgot it
inline constexpr char kNotSql[] = "NotSql";                        // a defect of the operator

// Deletion of a link.
inline constexpr char kUnlinking[] = "Unlinking";
inline constexpr char kUnlinked[] = "Unlinked";
inline constexpr char kLeftInPlace[] = "LeftInPlace";          // what was left where it is
inline constexpr char kDeletionBlocked[] = "DeletionBlocked";  // see kAbandonAnnotation

}  // namespace reason
}  // namespace milink::api
