// Reasons of a link's conditions and events beside those of core/api/reasons.h: stable, CamelCase,
// documented for users.
#pragma once

#include "core/api/reasons.h"

namespace milink::link::reason {

using api::reason::kDeletionBlocked;
using api::reason::kLeftInPlace;
using api::reason::kSucceeded;
using api::reason::kSuspended;

inline constexpr char kWaiting[] = "Waiting";

inline constexpr char kReplicaNotFound[] = "ReplicaNotFound";
inline constexpr char kReplicaDeleting[] = "ReplicaDeleting";
inline constexpr char kReplicaNotReady[] = "ReplicaNotReady";
inline constexpr char kReplicaUnreachable[] = "ReplicaUnreachable";

inline constexpr char kInstanceNotFound[] = "ManagedInstanceNotFound";
inline constexpr char kInstanceNotRead[] = "ManagedInstanceNotRead";
inline constexpr char kInstanceUnreachable[] = "ManagedInstanceUnreachable";
inline constexpr char kInstanceNotReady[] = "ManagedInstanceNotReady";
inline constexpr char kInstanceFormatTooOld[] = "InstanceFormatTooOld";
inline constexpr char kAuthorizationFailed[] = "AuthorizationFailed";
inline constexpr char kActionsMissing[] = "ActionsMissing";

inline constexpr char kInstanceCertificateMissing[] = "InstanceCertificateMissing";
inline constexpr char kInstanceCertificateDiffers[] = "InstanceCertificateDiffers";
inline constexpr char kInstanceCertificateOtherName[] = "InstanceCertificateOtherName";
inline constexpr char kRootNameTaken[] = "RootNameTaken";
inline constexpr char kEndpointMissing[] = "EndpointMissing";
inline constexpr char kCertificateNameTaken[] = "CertificateNameTaken";
inline constexpr char kBuildingTrust[] = "BuildingTrust";

inline constexpr char kDatabaseNotFound[] = "DatabaseNotFound";
inline constexpr char kDatabaseNotOnline[] = "DatabaseNotOnline";
inline constexpr char kDatabaseAccess[] = "DatabaseAccess";
inline constexpr char kDatabaseEncrypted[] = "DatabaseEncrypted";
inline constexpr char kDatabaseFiles[] = "DatabaseFiles";
inline constexpr char kNotFullRecovery[] = "NotFullRecovery";
inline constexpr char kNoFullBackup[] = "NoFullBackup";
inline constexpr char kBackingUp[] = "BackingUp";
inline constexpr char kPreparing[] = "Preparing";
inline constexpr char kInOtherGroup[] = "InOtherAvailabilityGroup";
inline constexpr char kExistsOnInstance[] = "DatabaseExistsOnInstance";
inline constexpr char kLinkedTwice[] = "DatabaseLinkedTwice";
inline constexpr char kFilesNotRead[] = "DatabaseFilesNotRead";

inline constexpr char kGroupDiffers[] = "AvailabilityGroupDiffers";
inline constexpr char kDistributedGroupDiffers[] = "DistributedGroupDiffers";
inline constexpr char kCreatingGroups[] = "CreatingGroups";
inline constexpr char kLinkDiffers[] = "AzureLinkDiffers";
inline constexpr char kCreatingLink[] = "CreatingLink";
inline constexpr char kLinkNotVisible[] = "LinkNotVisible";
inline constexpr char kConnecting[] = "Connecting";
inline constexpr char kConnectionProblem[] = "ConnectionProblem";
inline constexpr char kSeeding[] = "Seeding";
inline constexpr char kSeedingFailed[] = "SeedingFailed";
inline constexpr char kSynchronizing[] = "Synchronizing";
inline constexpr char kReplicating[] = "Replicating";
inline constexpr char kDisconnected[] = "Disconnected";
inline constexpr char kUnhealthy[] = "Unhealthy";
inline constexpr char kDataMovementSuspended[] = "DataMovementSuspended";
inline constexpr char kLinkLost[] = "LinkLost";
inline constexpr char kPrimaryDrifted[] = "PrimaryDrifted";
inline constexpr char kRoleUnclear[] = "RoleUnclear";
inline constexpr char kBothPrimary[] = "BothPrimary";
inline constexpr char kOnePrimary[] = "OnePrimary";

inline constexpr char kUnlinking[] = "Unlinking";
inline constexpr char kUnlinked[] = "Unlinked";

}  // namespace milink::link::reason
