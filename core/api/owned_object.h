// The journal of what this operator made in a system outside Kubernetes (DESIGN 3.4).
#pragma once

#include <string>

namespace milink::api {

// kPending is written before the create is sent, kCreated once this process saw it succeed and read
// the identity, or sees the very identity that was written down before. Any other object that is
// still kPending after a restart may be somebody else's: it is used, and never dropped
// automatically.
enum class OwnedState { kPending, kCreated };

struct OwnedObject {
  std::string side;  // "SqlServer", "ManagedInstance"
  std::string kind;  // "MasterKey", "Certificate", "Endpoint", "AvailabilityGroup",
                     // "DistributedAvailabilityGroup", "TrustCertificate", "Link"
  std::string name;
  // group_id, thumbprint, endpoint_id; of what is pending what it will be, or empty.
  std::string identity;
  OwnedState state = OwnedState::kPending;

  bool operator==(const OwnedObject&) const = default;
};

}  // namespace milink::api
