// Whose rights a request to Azure uses.
//
// Plain values, no thread rule. They name secrets and never hold them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace milink::azure {

enum class IdentityKind { kWorkloadIdentity, kManagedIdentity, kClientSecret, kClientCertificate };

// "WorkloadIdentity", as spec.managedInstance.credentials.type has it; and back.
std::string ToString(IdentityKind kind);
std::optional<IdentityKind> ParseIdentityKind(std::string_view text);

struct IdentityRef {
  std::optional<IdentityKind> kind;  // nothing: the operator's own, and the rest is empty
  std::string client_id;
  std::string tenant_id;       // empty: the operator's
  std::string namespace_name;  // of the Secret
  std::string secret;

  auto operator<=>(const IdentityRef&) const = default;
  bool operator==(const IdentityRef&) const = default;
};

// Does the operator's pod or machine vouch for it? Then whoever writes a link can use it, unless
// IdentityLimits forbid it. Otherwise the link brings a secret of its own.
bool IsVouchedForByOperator(const IdentityRef& identity);

}  // namespace milink::azure
