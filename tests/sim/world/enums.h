// Enumerations of the simulated server, with the numbers that its catalog views show and the texts
// of their `_desc` columns. Source: CATALOG 1, 2 and 4 (documented views of SQL Server).
#pragma once

#include <string_view>

namespace milink::sim {

enum class DatabaseState {
  kOnline = 0,
  kRestoring = 1,
  kRecovering = 2,
  kRecoveryPending = 3,
  kSuspect = 4,
  kEmergency = 5,
  kOffline = 6,
};
enum class RecoveryModel { kFull = 1, kBulkLogged = 2, kSimple = 3 };
enum class UserAccess { kMultiUser = 0, kSingleUser = 1, kRestrictedUser = 2 };
enum class FileType { kRows = 0, kLog = 1, kFilestream = 2, kFulltext = 4 };
enum class FileState { kOnline = 0, kDefunct = 7 };

enum class EndpointState { kStarted = 0, kStopped = 1, kDisabled = 2 };
enum class EndpointRole { kNone = 0, kPartner = 1, kWitness = 2, kAll = 3 };
enum class ConnectionAuth {
  kNtlm = 1,
  kKerberos = 2,
  kNegotiate = 3,
  kCertificate = 4,
  kNtlmCertificate = 5,
  kKerberosCertificate = 6,
  kNegotiateCertificate = 7,
  kCertificateNtlm = 8,
  kCertificateKerberos = 9,
  kCertificateNegotiate = 10,
};
enum class EncryptionAlgorithm {
  kNone = 0,
  kRc4 = 1,
  kAes = 2,
  kNoneRc4 = 3,
  kNoneAes = 4,
  kRc4Aes = 5,
  kAesRc4 = 6,
  kNoneRc4Aes = 7,
  kNoneAesRc4 = 8,
};

enum class ClusterType { kWsfc = 0, kExternal = 1, kNone = 2 };
enum class AvailabilityMode { kAsynchronous = 0, kSynchronous = 1, kConfigurationOnly = 4 };
enum class FailoverMode { kAutomatic = 0, kManual = 1, kExternal = 2 };
enum class SeedingMode { kAutomatic = 0, kManual = 1 };
enum class PrimaryConnections { kAll = 2, kReadWrite = 3 };
enum class SecondaryConnections { kNo = 0, kReadOnly = 1, kAll = 2 };

enum class ReplicaRole { kResolving = 0, kPrimary = 1, kSecondary = 2 };
enum class OperationalState {
  kPendingFailover = 0,
  kPending = 1,
  kOnline = 2,
  kOffline = 3,
  kFailed = 4,
  kFailedNoQuorum = 5,
};
enum class ConnectedState { kDisconnected = 0, kConnected = 1 };
enum class SynchronizationHealth { kNotHealthy = 0, kPartiallyHealthy = 1, kHealthy = 2 };
enum class SynchronizationState {
  kNotSynchronizing = 0,
  kSynchronizing = 1,
  kSynchronized = 2,
  kReverting = 3,
  kInitializing = 4,
};

std::string_view Desc(DatabaseState value);
std::string_view Desc(RecoveryModel value);
std::string_view Desc(UserAccess value);
std::string_view Desc(FileType value);
std::string_view Desc(FileState value);
std::string_view Desc(EndpointState value);
std::string_view Desc(EndpointRole value);
std::string_view Desc(ConnectionAuth value);
std::string_view Desc(EncryptionAlgorithm value);
std::string_view Desc(ClusterType value);
std::string_view Desc(AvailabilityMode value);
std::string_view Desc(FailoverMode value);
std::string_view Desc(SeedingMode value);
std::string_view Desc(PrimaryConnections value);
std::string_view Desc(SecondaryConnections value);
std::string_view Desc(ReplicaRole value);
std::string_view Desc(OperationalState value);
std::string_view Desc(ConnectedState value);
std::string_view Desc(SynchronizationHealth value);
std::string_view Desc(SynchronizationState value);

bool UsesCertificate(ConnectionAuth value);
bool RequiresEncryption(EncryptionAlgorithm value);  // REQUIRED, not merely SUPPORTED

}  // namespace milink::sim
