#include "tests/sim/world/enums.h"

#include <array>

namespace milink::sim {
namespace {

template <std::size_t N>
std::string_view Pick(const std::array<std::string_view, N>& texts, int value) {
  const auto index = static_cast<std::size_t>(value);
  return index < N ? texts.at(index) : std::string_view{};
}

}  // namespace

std::string_view Desc(DatabaseState value) {
  return Pick<7>(
      {"ONLINE", "RESTORING", "RECOVERING", "RECOVERY_PENDING", "SUSPECT", "EMERGENCY", "OFFLINE"},
      static_cast<int>(value));
}
std::string_view Desc(RecoveryModel value) {
  return Pick<4>({"", "FULL", "BULK_LOGGED", "SIMPLE"}, static_cast<int>(value));
}
std::string_view Desc(UserAccess value) {
  return Pick<3>({"MULTI_USER", "SINGLE_USER", "RESTRICTED_USER"}, static_cast<int>(value));
}
std::string_view Desc(FileType value) {
  return Pick<5>({"ROWS", "LOG", "FILESTREAM", "", "FULLTEXT"}, static_cast<int>(value));
}
std::string_view Desc(FileState value) {
  return value == FileState::kOnline ? "ONLINE" : "DEFUNCT";
}
std::string_view Desc(EndpointState value) {
  return Pick<3>({"STARTED", "STOPPED", "DISABLED"}, static_cast<int>(value));
}
std::string_view Desc(EndpointRole value) {
  return Pick<4>({"NONE", "PARTNER", "WITNESS", "ALL"}, static_cast<int>(value));
}
std::string_view Desc(ConnectionAuth value) {
  return Pick<11>({"", "NTLM", "KERBEROS", "NEGOTIATE", "CERTIFICATE", "NTLM, CERTIFICATE",
                   "KERBEROS, CERTIFICATE", "NEGOTIATE, CERTIFICATE", "CERTIFICATE, NTLM",
                   "CERTIFICATE, KERBEROS", "CERTIFICATE, NEGOTIATE"},
                  static_cast<int>(value));
}
std::string_view Desc(EncryptionAlgorithm value) {
  return Pick<9>({"NONE", "RC4", "AES", "NONE, RC4", "NONE, AES", "RC4, AES", "AES, RC4",
                  "NONE, RC4, AES", "NONE, AES, RC4"},
                 static_cast<int>(value));
}
std::string_view Desc(ClusterType value) {
  return Pick<3>({"WSFC", "EXTERNAL", "NONE"}, static_cast<int>(value));
}
std::string_view Desc(AvailabilityMode value) {
  return Pick<5>({"ASYNCHRONOUS_COMMIT", "SYNCHRONOUS_COMMIT", "", "", "CONFIGURATION_ONLY"},
                 static_cast<int>(value));
}
std::string_view Desc(FailoverMode value) {
  return Pick<3>({"AUTOMATIC", "MANUAL", "EXTERNAL"}, static_cast<int>(value));
}
std::string_view Desc(SeedingMode value) {
  return Pick<2>({"AUTOMATIC", "MANUAL"}, static_cast<int>(value));
}
std::string_view Desc(PrimaryConnections value) {
  return Pick<4>({"", "", "ALL", "READ_WRITE"}, static_cast<int>(value));
}
std::string_view Desc(SecondaryConnections value) {
  return Pick<3>({"NO", "READ_ONLY", "ALL"}, static_cast<int>(value));
}
std::string_view Desc(ReplicaRole value) {
  return Pick<3>({"RESOLVING", "PRIMARY", "SECONDARY"}, static_cast<int>(value));
}
std::string_view Desc(OperationalState value) {
  return Pick<6>({"PENDING_FAILOVER", "PENDING", "ONLINE", "OFFLINE", "FAILED", "FAILED_NO_QUORUM"},
                 static_cast<int>(value));
}
std::string_view Desc(ConnectedState value) {
  return Pick<2>({"DISCONNECTED", "CONNECTED"}, static_cast<int>(value));
}
std::string_view Desc(SynchronizationHealth value) {
  return Pick<3>({"NOT_HEALTHY", "PARTIALLY_HEALTHY", "HEALTHY"}, static_cast<int>(value));
}
std::string_view Desc(SynchronizationState value) {
  return Pick<5>(
      {"NOT SYNCHRONIZING", "SYNCHRONIZING", "SYNCHRONIZED", "REVERTING", "INITIALIZING"},
      static_cast<int>(value));
}

bool UsesCertificate(ConnectionAuth value) { return value >= ConnectionAuth::kCertificate; }

bool RequiresEncryption(EncryptionAlgorithm value) {
  return value == EncryptionAlgorithm::kRc4 || value == EncryptionAlgorithm::kAes ||
         value == EncryptionAlgorithm::kRc4Aes || value == EncryptionAlgorithm::kAesRc4;
}

}  // namespace milink::sim
