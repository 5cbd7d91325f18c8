#include "core/sql/errors.h"

#include <array>
#include <cctype>
#include <map>
#include <set>

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

constexpr int kError = 16;

// Written out a second time on purpose: a row changed by mistake shows here.
constexpr auto kExpected = std::to_array<ErrorRule>({
    {18456, ErrorClass::kFix, ErrorKind::kUnauthorized, "LoginFailed"},
    {18470, ErrorClass::kFix, ErrorKind::kUnauthorized, "LoginDisabled"},
    {18487, ErrorClass::kFix, ErrorKind::kUnauthorized, "PasswordExpired"},
    {18488, ErrorClass::kFix, ErrorKind::kUnauthorized, "PasswordExpired"},
    {18452, ErrorClass::kFix, ErrorKind::kUnauthorized, "LoginUntrusted"},
    {4060, ErrorClass::kFix, ErrorKind::kUnauthorized, "DatabaseNotOpened"},
    {17142, ErrorClass::kRetry, ErrorKind::kTransient, "ServerStopping"},
    {6005, ErrorClass::kRetry, ErrorKind::kTransient, "ServerStopping"},
    {40613, ErrorClass::kRetry, ErrorKind::kTransient, "InstanceBusy"},
    {40197, ErrorClass::kRetry, ErrorKind::kTransient, "InstanceBusy"},
    {40501, ErrorClass::kRetry, ErrorKind::kTransient, "InstanceBusy"},
    {49918, ErrorClass::kRetry, ErrorKind::kTransient, "InstanceBusy"},
    {49919, ErrorClass::kRetry, ErrorKind::kTransient, "InstanceBusy"},
    {49920, ErrorClass::kRetry, ErrorKind::kTransient, "InstanceBusy"},
    {229, ErrorClass::kFix, ErrorKind::kUnauthorized, "PermissionDenied"},
    {262, ErrorClass::kFix, ErrorKind::kUnauthorized, "PermissionDenied"},
    {297, ErrorClass::kFix, ErrorKind::kUnauthorized, "PermissionDenied"},
    {300, ErrorClass::kFix, ErrorKind::kUnauthorized, "PermissionDenied"},
    {15247, ErrorClass::kFix, ErrorKind::kUnauthorized, "PermissionDenied"},
    {2571, ErrorClass::kFix, ErrorKind::kUnauthorized, "PermissionDenied"},
    {15151, ErrorClass::kObserve, ErrorKind::kConflict, "ObjectAbsent"},
    {102, ErrorClass::kBug, ErrorKind::kInternal, "StatementRejected"},
    {156, ErrorClass::kBug, ErrorKind::kInternal, "StatementRejected"},
    {207, ErrorClass::kBug, ErrorKind::kInternal, "StatementRejected"},
    {208, ErrorClass::kBug, ErrorKind::kInternal, "StatementRejected"},
    {226, ErrorClass::kBug, ErrorKind::kInternal, "StatementInTransaction"},
    {574, ErrorClass::kBug, ErrorKind::kInternal, "StatementInTransaction"},
    {3021, ErrorClass::kBug, ErrorKind::kInternal, "StatementInTransaction"},
    {241, ErrorClass::kBug, ErrorKind::kInternal, "DateRejected"},
    {242, ErrorClass::kBug, ErrorKind::kInternal, "DateRejected"},
    {2812, ErrorClass::kFix, ErrorKind::kUnsupported, "ProcedureMissing"},
    {911, ErrorClass::kFix, ErrorKind::kInvalid, "DatabaseMissing"},
    {1205, ErrorClass::kRetry, ErrorKind::kTransient, "Deadlock"},
    {1222, ErrorClass::kRetry, ErrorKind::kTransient, "LockTimeout"},
    {701, ErrorClass::kRetry, ErrorKind::kTransient, "ServerOutOfResources"},
    {802, ErrorClass::kRetry, ErrorKind::kTransient, "ServerOutOfResources"},
    {8645, ErrorClass::kRetry, ErrorKind::kTransient, "ServerOutOfResources"},
    {17300, ErrorClass::kRetry, ErrorKind::kTransient, "ServerOutOfResources"},
    {15578, ErrorClass::kOk, ErrorKind::kConflict, "MasterKeyExists"},
    {15580, ErrorClass::kOk, ErrorKind::kConflict, "MasterKeyAbsent"},
    {15581, ErrorClass::kFix, ErrorKind::kInvalid, "MasterKeyRequired"},
    {15116, ErrorClass::kFix, ErrorKind::kInvalid, "PasswordTooWeak"},
    {15118, ErrorClass::kFix, ErrorKind::kInvalid, "PasswordTooWeak"},
    {15313, ErrorClass::kFix, ErrorKind::kInvalid, "MasterKeyPasswordWrong"},
    {15466, ErrorClass::kFix, ErrorKind::kInvalid, "DecryptionFailed"},
    {15559, ErrorClass::kInfo, ErrorKind::kTransient, "MasterKeyNotice"},
    {15232, ErrorClass::kConflict, ErrorKind::kConflict, "CertificateExists"},
    {15208, ErrorClass::kBug, ErrorKind::kInternal, "CertificateDataInvalid"},
    {15297, ErrorClass::kBug, ErrorKind::kInternal, "CertificateDataInvalid"},
    {15212, ErrorClass::kBug, ErrorKind::kInternal, "CertificateSubjectTooLong"},
    {15213, ErrorClass::kInfo, ErrorKind::kTransient, "CertificateDateNotice"},
    {15214, ErrorClass::kInfo, ErrorKind::kTransient, "CertificateDateNotice"},
    {15215, ErrorClass::kInfo, ErrorKind::kTransient, "CertificateDateNotice"},
    {15240, ErrorClass::kFix, ErrorKind::kInvalid, "FileNotWritable"},
    {15352, ErrorClass::kFix, ErrorKind::kInvalid, "ObjectInUse"},
    {15187, ErrorClass::kFix, ErrorKind::kInvalid, "ObjectInUse"},
    {37447, ErrorClass::kOk, ErrorKind::kConflict, "IssuerTrusted"},
    {37448, ErrorClass::kOk, ErrorKind::kConflict, "IssuerNotTrusted"},
    {37449, ErrorClass::kInfo, ErrorKind::kTransient, "ChainNotValidated"},
    {37450, ErrorClass::kBug, ErrorKind::kInternal, "NotAnAuthority"},
    {37451, ErrorClass::kBug, ErrorKind::kInternal, "DnsNameTooLong"},
    {7860, ErrorClass::kBug, ErrorKind::kInternal, "EndpointKindFixed"},
    {7862, ErrorClass::kConflict, ErrorKind::kConflict, "EndpointExists"},
    {7863, ErrorClass::kOk, ErrorKind::kConflict, "EndpointUnchanged"},
    {28055, ErrorClass::kFix, ErrorKind::kInvalid, "EndpointCertificateInvalid"},
    {28091, ErrorClass::kBug, ErrorKind::kInternal, "EndpointWithoutAuthentication"},
    {28080, ErrorClass::kFix, ErrorKind::kInvalid, "EndpointNotConfigured"},
    {28022, ErrorClass::kFix, ErrorKind::kInvalid, "EndpointCertificateExpired"},
    {28023, ErrorClass::kFix, ErrorKind::kInvalid, "EndpointCertificateExpired"},
    {9642, ErrorClass::kFix, ErrorKind::kInvalid, "EndpointTransport"},
    {9645, ErrorClass::kFix, ErrorKind::kInvalid, "EndpointTransport"},
    {26023, ErrorClass::kFix, ErrorKind::kInvalid, "EndpointPortTaken"},
    {26024, ErrorClass::kInfo, ErrorKind::kTransient, "EndpointListening"},
    {35208, ErrorClass::kBug, ErrorKind::kInternal, "NotInMaster"},
    {35220, ErrorClass::kFix, ErrorKind::kInvalid, "ClusterUnavailable"},
    {35222, ErrorClass::kFix, ErrorKind::kInvalid, "ClusterUnavailable"},
    {41105, ErrorClass::kFix, ErrorKind::kInvalid, "ClusterResource"},
    {35221, ErrorClass::kFix, ErrorKind::kInvalid, "AlwaysOnDisabled"},
    {47105, ErrorClass::kFix, ErrorKind::kInvalid, "AlwaysOnDisabled"},
    {41199, ErrorClass::kFix, ErrorKind::kUnsupported, "EditionUnsupported"},
    {41151, ErrorClass::kRetry, ErrorKind::kTransient, "GroupManagerStarting"},
    {19405, ErrorClass::kFix, ErrorKind::kInvalid, "ClusterOwner"},
    {19456, ErrorClass::kFix, ErrorKind::kInvalid, "ListenerAddress"},
    {19476, ErrorClass::kFix, ErrorKind::kInvalid, "ListenerAddress"},
    {19406, ErrorClass::kInfo, ErrorKind::kTransient, "ReplicaStateChanged"},
    {35232, ErrorClass::kBug, ErrorKind::kInternal, "EndpointUrlInvalid"},
    {19499, ErrorClass::kFix, ErrorKind::kUnsupported, "ListenerUrlRejected"},
    {35235, ErrorClass::kBug, ErrorKind::kInternal, "GroupDefinitionWrong"},
    {35236, ErrorClass::kBug, ErrorKind::kInternal, "GroupDefinitionWrong"},
    {41197, ErrorClass::kBug, ErrorKind::kInternal, "GroupDefinitionWrong"},
    {41198, ErrorClass::kBug, ErrorKind::kInternal, "GroupDefinitionWrong"},
    {35210, ErrorClass::kBug, ErrorKind::kInternal, "GroupDefinitionWrong"},
    {35214, ErrorClass::kBug, ErrorKind::kInternal, "GroupDefinitionWrong"},
    {35277, ErrorClass::kBug, ErrorKind::kInternal, "GroupDefinitionWrong"},
    {35237, ErrorClass::kBug, ErrorKind::kInternal, "ReplicaNameWrong"},
    {35238, ErrorClass::kFix, ErrorKind::kInvalid, "DatabaseMissing"},
    {41148, ErrorClass::kFix, ErrorKind::kInvalid, "DatabaseMissing"},
    {35249, ErrorClass::kFix, ErrorKind::kInvalid, "SystemDatabase"},
    {35261, ErrorClass::kFix, ErrorKind::kInvalid, "SystemDatabase"},
    {35244, ErrorClass::kConflict, ErrorKind::kConflict, "DatabaseInAnotherGroup"},
    {35259, ErrorClass::kConflict, ErrorKind::kConflict, "DatabaseInAnotherGroup"},
    {35280, ErrorClass::kOk, ErrorKind::kConflict, "DatabaseJoined"},
    {41145, ErrorClass::kOk, ErrorKind::kConflict, "DatabaseJoined"},
    {41042, ErrorClass::kConflict, ErrorKind::kConflict, "GroupExists"},
    {41114, ErrorClass::kConflict, ErrorKind::kConflict, "GroupExists"},
    {41115, ErrorClass::kConflict, ErrorKind::kConflict, "GroupExists"},
    {41106, ErrorClass::kConflict, ErrorKind::kConflict, "ReplicaExists"},
    {41171, ErrorClass::kConflict, ErrorKind::kConflict, "ClusterGroupExists"},
    {41044, ErrorClass::kRetry, ErrorKind::kTransient, "GroupLookupFailed"},
    {41045, ErrorClass::kRetry, ErrorKind::kTransient, "GroupLookupFailed"},
    {41100, ErrorClass::kObserve, ErrorKind::kConflict, "GroupAbsent"},
    {41126, ErrorClass::kRetry, ErrorKind::kTransient, "GroupNotInitialized"},
    {41131, ErrorClass::kRetry, ErrorKind::kTransient, "GroupOnlineTimeout"},
    {41136, ErrorClass::kRetry, ErrorKind::kTransient, "GroupNotOnline"},
    {41146, ErrorClass::kRetry, ErrorKind::kTransient, "GroupOnlineFailed"},
    {41140, ErrorClass::kObserve, ErrorKind::kConflict, "NotPrimary"},
    {35251, ErrorClass::kObserve, ErrorKind::kConflict, "NotPrimary"},
    {35252, ErrorClass::kObserve, ErrorKind::kConflict, "NotPrimary"},
    {41143, ErrorClass::kFix, ErrorKind::kInvalid, "ReplicaFailed"},
    {41144, ErrorClass::kFix, ErrorKind::kInvalid, "ReplicaFailed"},
    {41149, ErrorClass::kUnknown, ErrorKind::kTransient, "OutcomeUnknown"},
    {41152, ErrorClass::kWrapper, ErrorKind::kTransient, "StatementFailed"},
    {41158, ErrorClass::kWrapper, ErrorKind::kTransient, "StatementFailed"},
    {41160, ErrorClass::kWrapper, ErrorKind::kTransient, "StatementFailed"},
    {41183, ErrorClass::kWrapper, ErrorKind::kTransient, "StatementFailed"},
    {41184, ErrorClass::kWrapper, ErrorKind::kTransient, "StatementFailed"},
    {41188, ErrorClass::kWrapper, ErrorKind::kTransient, "StatementFailed"},
    {41189, ErrorClass::kWrapper, ErrorKind::kTransient, "StatementFailed"},
    {3013, ErrorClass::kWrapper, ErrorKind::kTransient, "StatementFailed"},
    {41153, ErrorClass::kRecreate, ErrorKind::kInvalid, "GroupBroken"},
    {41159, ErrorClass::kRecreate, ErrorKind::kInvalid, "GroupBroken"},
    {41165, ErrorClass::kWait, ErrorKind::kTransient, "ReplicaBusy"},
    {41166, ErrorClass::kRetry, ErrorKind::kTransient, "ReplicaWaitFailed"},
    {41163, ErrorClass::kRetry, ErrorKind::kTransient, "ReplicaWaitFailed"},
    {41164, ErrorClass::kRetry, ErrorKind::kTransient, "ReplicaWaitFailed"},
    {41156, ErrorClass::kWait, ErrorKind::kTransient, "GroupBeingDropped"},
    {41177, ErrorClass::kWait, ErrorKind::kTransient, "GroupBeingDropped"},
    {41187, ErrorClass::kWait, ErrorKind::kTransient, "GroupBeingDropped"},
    {41154, ErrorClass::kWait, ErrorKind::kTransient, "GroupBeingCreated"},
    {41178, ErrorClass::kWait, ErrorKind::kTransient, "GroupBeingCreated"},
    {41186, ErrorClass::kWait, ErrorKind::kTransient, "GroupBeingCreated"},
    {41185, ErrorClass::kOk, ErrorKind::kConflict, "OptionUnchanged"},
    {41190, ErrorClass::kObserve, ErrorKind::kConflict, "ReplicaNotReady"},
    {41191, ErrorClass::kFix, ErrorKind::kInvalid, "HigherVersionPrimary"},
    {47100, ErrorClass::kBug, ErrorKind::kInternal, "ClusterTypeMismatch"},
    {47101, ErrorClass::kBug, ErrorKind::kInternal, "ClusterTypeMismatch"},
    {47102, ErrorClass::kBug, ErrorKind::kInternal, "ClusterTypeMismatch"},
    {47103, ErrorClass::kBug, ErrorKind::kInternal, "ClusterTypeMismatch"},
    {47115, ErrorClass::kBug, ErrorKind::kInternal, "ClusterTypeMismatch"},
    {47104, ErrorClass::kFix, ErrorKind::kInvalid, "ExternalCluster"},
    {47106, ErrorClass::kRetry, ErrorKind::kTransient, "JoinTimeout"},
    {47152, ErrorClass::kFix, ErrorKind::kUnsupported, "TooManyDatabases"},
    {35200, ErrorClass::kFix, ErrorKind::kUnsupported, "TooManyDatabases"},
    {19497, ErrorClass::kBug, ErrorKind::kInternal, "DistributedGroupDefinitionWrong"},
    {19498, ErrorClass::kBug, ErrorKind::kInternal, "DistributedGroupDefinitionWrong"},
    {19523, ErrorClass::kBug, ErrorKind::kInternal, "DistributedGroupDefinitionWrong"},
    {35102, ErrorClass::kBug, ErrorKind::kInternal, "DistributedGroupDefinitionWrong"},
    {19501, ErrorClass::kObserve, ErrorKind::kConflict, "LocalGroupAbsent"},
    {19502, ErrorClass::kConflict, ErrorKind::kConflict, "DistributedReplicaExists"},
    {19503, ErrorClass::kConflict, ErrorKind::kConflict, "GroupIsSecondary"},
    {19504, ErrorClass::kFix, ErrorKind::kUnsupported, "FailoverUnsupported"},
    {19506, ErrorClass::kFix, ErrorKind::kInvalid, "CreateDatabaseNotGranted"},
    {19507, ErrorClass::kConflict, ErrorKind::kConflict, "DistributedGroupOnSameGroups"},
    {19508, ErrorClass::kBug, ErrorKind::kInternal, "MemberNameWrong"},
    {19509, ErrorClass::kConflict, ErrorKind::kConflict, "DistributedGroupExists"},
    {19510, ErrorClass::kObserve, ErrorKind::kConflict, "DistributedGroupAbsent"},
    {19511, ErrorClass::kFix, ErrorKind::kInvalid, "LocalGroupNotEmpty"},
    {19512, ErrorClass::kBug, ErrorKind::kInternal, "NotDistributed"},
    {19513, ErrorClass::kFix, ErrorKind::kUnsupported, "BasicGroup"},
    {47129, ErrorClass::kFix, ErrorKind::kUnsupported, "ContainedGroup"},
    {19530, ErrorClass::kFix, ErrorKind::kInvalid, "RequiredSecondariesSet"},
    {41122, ErrorClass::kOk, ErrorKind::kConflict, "AlreadyPrimary"},
    {41113, ErrorClass::kWait, ErrorKind::kTransient, "FailoverPending"},
    {41142, ErrorClass::kFix, ErrorKind::kInvalid, "DatabasesNotSynchronized"},
    {41134, ErrorClass::kFix, ErrorKind::kInvalid, "DatabasesNotSynchronized"},
    {41195, ErrorClass::kObserve, ErrorKind::kConflict, "AlreadySecondary"},
    {41104, ErrorClass::kRetry, ErrorKind::kTransient, "FailoverNotOnline"},
    {47122, ErrorClass::kBug, ErrorKind::kInternal, "FailoverOnLocalGroup"},
    {35250, ErrorClass::kRetry, ErrorKind::kTransient, "PartnerUnreachable"},
    {35256, ErrorClass::kRetry, ErrorKind::kTransient, "PartnerUnreachable"},
    {1418, ErrorClass::kRetry, ErrorKind::kTransient, "PartnerUnreachable"},
    {35279, ErrorClass::kWrapper, ErrorKind::kTransient, "StatementFailed"},
    {35203, ErrorClass::kFix, ErrorKind::kUnsupported, "TransportVersion"},
    {1408, ErrorClass::kRecreate, ErrorKind::kInvalid, "LogChainBroken"},
    {1412, ErrorClass::kRecreate, ErrorKind::kInvalid, "LogChainBroken"},
    {1465, ErrorClass::kFix, ErrorKind::kInvalid, "RecoveryModelNotFull"},
    {1466, ErrorClass::kFix, ErrorKind::kInvalid, "DatabaseReadOnly"},
    {1467, ErrorClass::kFix, ErrorKind::kInvalid, "DatabaseSuspect"},
    {1468, ErrorClass::kFix, ErrorKind::kInvalid, "DatabaseInGroup"},
    {1469, ErrorClass::kFix, ErrorKind::kInvalid, "DatabaseAutoClose"},
    {1475, ErrorClass::kFix, ErrorKind::kInvalid, "FullBackupRequired"},
    {1478, ErrorClass::kFix, ErrorKind::kInvalid, "FullBackupRequired"},
    {1488, ErrorClass::kFix, ErrorKind::kInvalid, "DatabaseSingleUser"},
    {1404, ErrorClass::kRetry, ErrorKind::kTransient, "MirrorBusy"},
    {35103, ErrorClass::kFix, ErrorKind::kUnsupported, "LinkFeatureDisabled"},
    {35104, ErrorClass::kFix, ErrorKind::kUnsupported, "LinkFeatureDisabled"},
    {976, ErrorClass::kObserve, ErrorKind::kConflict, "DatabaseNotAccessible"},
    {978, ErrorClass::kObserve, ErrorKind::kConflict, "DatabaseNotAccessible"},
    {982, ErrorClass::kObserve, ErrorKind::kConflict, "DatabaseNotAccessible"},
    {983, ErrorClass::kObserve, ErrorKind::kConflict, "DatabaseNotAccessible"},
    {9001, ErrorClass::kFix, ErrorKind::kInvalid, "LogNotAvailable"},
    {9002, ErrorClass::kFix, ErrorKind::kInvalid, "LogFull"},
    {3201, ErrorClass::kFix, ErrorKind::kInvalid, "BackupFileNotWritable"},
    {4208, ErrorClass::kFix, ErrorKind::kInvalid, "RecoveryModelNotFull"},
    {4214, ErrorClass::kFix, ErrorKind::kInvalid, "FullBackupRequired"},
    {3041, ErrorClass::kInfo, ErrorKind::kTransient, "BackupNotice"},
    {3014, ErrorClass::kInfo, ErrorKind::kTransient, "BackupDone"},
    {41934, ErrorClass::kFix, ErrorKind::kUnsupported, "StatementUnsupported"},
    {41939, ErrorClass::kFix, ErrorKind::kInvalid, "VersionStoreNotOnPrimary"},
    {47525, ErrorClass::kFix, ErrorKind::kInvalid, "VersionStoreNotOnPrimary"},
    {47526, ErrorClass::kFix, ErrorKind::kInvalid, "VersionStoreNotOnPrimary"},
    {41947, ErrorClass::kFix, ErrorKind::kInvalid, "InMemoryNotSupported"},
    {47507, ErrorClass::kFix, ErrorKind::kInvalid, "InMemoryNotSupported"},
    {47510, ErrorClass::kFix, ErrorKind::kInvalid, "InMemoryNotSupported"},
    {47518, ErrorClass::kFix, ErrorKind::kInvalid, "InMemoryNotSupported"},
    {41948, ErrorClass::kFix, ErrorKind::kInvalid, "SecondLogFile"},
    {47508, ErrorClass::kFix, ErrorKind::kInvalid, "SecondLogFile"},
    {41949, ErrorClass::kFix, ErrorKind::kInvalid, "TooManyFiles"},
    {41950, ErrorClass::kFix, ErrorKind::kInvalid, "FileStreamNotSupported"},
    {47509, ErrorClass::kFix, ErrorKind::kInvalid, "FileStreamNotSupported"},
    {41951, ErrorClass::kFix, ErrorKind::kInvalid, "DefunctFiles"},
    {41952, ErrorClass::kFix, ErrorKind::kInvalid, "DatabaseFeatureNotSupported"},
    {41999, ErrorClass::kFix, ErrorKind::kInvalid, "FullTextCatalogFiles"},
    {41954, ErrorClass::kWait, ErrorKind::kTransient, "RoleChangeRetried"},
    {41961, ErrorClass::kWait, ErrorKind::kTransient, "RoleChangeRetried"},
    {41964, ErrorClass::kWait, ErrorKind::kTransient, "DatabaseBeingCreated"},
    {41965, ErrorClass::kOk, ErrorKind::kConflict, "RoleUnchanged"},
    {41968, ErrorClass::kWait, ErrorKind::kTransient, "FailoverRunning"},
    {47512, ErrorClass::kWait, ErrorKind::kTransient, "FailoverRunning"},
    {47513, ErrorClass::kWait, ErrorKind::kTransient, "FailoverRunning"},
    {41969, ErrorClass::kRetry, ErrorKind::kTransient, "RoleChangeFailed"},
    {41962, ErrorClass::kRetry, ErrorKind::kTransient, "LinkNotConnected"},
    {41971, ErrorClass::kRetry, ErrorKind::kTransient, "LinkNotConnected"},
    {41976, ErrorClass::kRetry, ErrorKind::kTransient, "LinkNotConnected"},
    {41977, ErrorClass::kRetry, ErrorKind::kTransient, "LinkNotConnected"},
    {41986, ErrorClass::kRetry, ErrorKind::kTransient, "LinkNotConnected"},
    {41963, ErrorClass::kFix, ErrorKind::kInvalid, "CertificateUsedElsewhere"},
    {41970, ErrorClass::kFix, ErrorKind::kUnsupported, "PlannedFailoverNotHere"},
    {41972, ErrorClass::kFix, ErrorKind::kInvalid, "LinkTypeMismatch"},
    {41973, ErrorClass::kFix, ErrorKind::kInvalid, "SqlCertificateNotUploaded"},
    {41974, ErrorClass::kFix, ErrorKind::kInvalid, "InstanceCertificateNotImported"},
    {41979, ErrorClass::kFix, ErrorKind::kInvalid, "ServiceManagedKey"},
    {41980, ErrorClass::kFix, ErrorKind::kInvalid, "ServiceManagedKey"},
    {41981, ErrorClass::kFix, ErrorKind::kInvalid, "ServiceManagedKey"},
    {41982, ErrorClass::kFix, ErrorKind::kInvalid, "InFailoverGroup"},
    {41984, ErrorClass::kFix, ErrorKind::kInvalid, "DatabaseFormatMismatch"},
    {41988, ErrorClass::kFix, ErrorKind::kInvalid, "DatabaseFormatMismatch"},
    {41985, ErrorClass::kFix, ErrorKind::kUnsupported, "ForcedFailoverUnsupported"},
    {41987, ErrorClass::kFix, ErrorKind::kInvalid, "InstanceGroupNameTaken"},
    {41993, ErrorClass::kFix, ErrorKind::kInvalid, "InstanceReplicaInaccessible"},
    {41998, ErrorClass::kFix, ErrorKind::kInvalid, "EndpointNotEncrypted"},
    {41923, ErrorClass::kFix, ErrorKind::kInvalid, "TdeCertificateMissing"},
    {47500, ErrorClass::kBug, ErrorKind::kInternal, "LinkDefinitionWrong"},
    {47501, ErrorClass::kBug, ErrorKind::kInternal, "LinkDefinitionWrong"},
    {47523, ErrorClass::kBug, ErrorKind::kInternal, "LinkDefinitionWrong"},
    {47502, ErrorClass::kFix, ErrorKind::kInvalid, "GroupHasSeveralDatabases"},
    {47503, ErrorClass::kFix, ErrorKind::kInvalid, "GroupHasSeveralDatabases"},
    {47504, ErrorClass::kWrapper, ErrorKind::kTransient, "StatementFailed"},
    {47505, ErrorClass::kFix, ErrorKind::kInvalid, "EndpointOrCertificateMissing"},
    {47506, ErrorClass::kFix, ErrorKind::kInvalid, "EndpointOrCertificateMissing"},
    {47511, ErrorClass::kBug, ErrorKind::kInternal, "NotALink"},
    {47514, ErrorClass::kRetry, ErrorKind::kTransient, "FailoverNotCaughtUp"},
    {47515, ErrorClass::kRetry, ErrorKind::kTransient, "FailoverNotCaughtUp"},
    {47516, ErrorClass::kRetry, ErrorKind::kTransient, "FailoverNotCaughtUp"},
    {47517, ErrorClass::kObserve, ErrorKind::kConflict, "NotPrimary"},
    {47519, ErrorClass::kBug, ErrorKind::kInternal, "LocalGroupEmpty"},
    {47520, ErrorClass::kFix, ErrorKind::kInvalid, "DatabaseLinked"},
    {47521, ErrorClass::kRetry, ErrorKind::kTransient, "SeedingNotRequested"},
    {47522, ErrorClass::kFix, ErrorKind::kInvalid, "DatabaseRemovedFromGroup"},
});

TEST(ErrorsTest, EveryNumberHasItsRow) {
  ASSERT_EQ(ErrorRules().size(), kExpected.size());
  for (const ErrorRule& expected : kExpected) {
    const ErrorRule* rule = FindErrorRule(expected.number);
    ASSERT_NE(rule, nullptr) << expected.number;
    EXPECT_EQ(rule->error_class, expected.error_class) << expected.number;
    EXPECT_EQ(rule->kind, expected.kind) << expected.number;
    EXPECT_EQ(rule->reason, expected.reason) << expected.number;
  }
}

TEST(ErrorsTest, ErrorOfFollowsEveryRow) {
  for (const ErrorRule& expected : kExpected) {
    const Error error = ErrorOf({{expected.number, kError, "text"}}, "the test");
    EXPECT_EQ(error.kind, expected.kind) << expected.number;
    EXPECT_EQ(error.reason, expected.reason) << expected.number;
    EXPECT_EQ(ClassOf(error), expected.error_class) << expected.number;
    EXPECT_NE(error.message.find(std::to_string(expected.number)), std::string::npos);
  }
}

TEST(ErrorsTest, NumbersAreUniqueAndReasonsMeanOneThing) {
  std::set<int> numbers;
  std::map<std::string_view, std::pair<ErrorClass, ErrorKind>> meanings;
  for (const ErrorRule& rule : ErrorRules()) {
    EXPECT_TRUE(numbers.insert(rule.number).second) << rule.number;
    const std::pair meaning(rule.error_class, rule.kind);
    EXPECT_EQ(meanings.emplace(rule.reason, meaning).first->second, meaning) << rule.reason;
    EXPECT_TRUE(std::isupper(static_cast<unsigned char>(rule.reason.front()))) << rule.reason;
  }
}

TEST(ErrorsTest, TheFirstErrorThatIsNoWrapperDecides) {
  const Error error = ErrorOf({{5701, 10, "context"},
                               {41131, 10, "timed out"},
                               {1475, kError, "backup"},
                               {41152, kError, "w"}},
                              "creating the group");
  EXPECT_EQ(error.reason, "FullBackupRequired");
  EXPECT_EQ(error.kind, ErrorKind::kInvalid);
  EXPECT_EQ(error.detail, "5701: context; 41131: timed out; 1475: backup; 41152: w");
}

TEST(ErrorsTest, AWrapperBeforeTheCauseIsSkipped) {
  EXPECT_EQ(ErrorOf({{3013, kError, "w"}, {3201, kError, "path"}}, "x").reason,
            "BackupFileNotWritable");
}

TEST(ErrorsTest, AWrapperAloneIsTransient) {
  const Error error = ErrorOf({{41152, kError, "rolled back"}}, "x");
  EXPECT_EQ(error.reason, "StatementFailed");
  EXPECT_EQ(error.kind, ErrorKind::kTransient);
}

TEST(ErrorsTest, AnUnknownNumberIsTransientAndShown) {
  const Error error = ErrorOf({{77777, kError, "odd"}}, "the test");
  EXPECT_EQ(error.kind, ErrorKind::kTransient);
  EXPECT_EQ(error.reason, "SqlError");
  EXPECT_NE(error.message.find("77777: odd"), std::string::npos);
  EXPECT_EQ(ClassOf(error), ErrorClass::kRetry);
}

TEST(ErrorsTest, UnknownSeverityCountsAsAnError) {
  EXPECT_EQ(ErrorOf({{15578, 0, "exists"}}, "x").reason, "MasterKeyExists");
}

TEST(ErrorsTest, InformationAloneIsADefectOfTheCaller) {
  EXPECT_EQ(ErrorOf({{5701, 10, "context"}}, "x").kind, ErrorKind::kInternal);
  EXPECT_EQ(ErrorOf({}, "x").kind, ErrorKind::kInternal);
}

}  // namespace
}  // namespace milink::sql
