#include "core/azure/identity.h"

#include <array>
#include <utility>

namespace milink::azure {
namespace {

constexpr std::array<std::pair<IdentityKind, std::string_view>, 4> kKinds{{
    {IdentityKind::kWorkloadIdentity, "WorkloadIdentity"},
    {IdentityKind::kManagedIdentity, "ManagedIdentity"},
    {IdentityKind::kClientSecret, "ClientSecret"},
    {IdentityKind::kClientCertificate, "ClientCertificate"},
}};

}  // namespace

std::string ToString(IdentityKind kind) {
  for (const auto& [known, name] : kKinds) {
    if (known == kind) {
      return std::string(name);
    }
  }
  return "";
}

std::optional<IdentityKind> ParseIdentityKind(std::string_view text) {
  for (const auto& [kind, name] : kKinds) {
    if (name == text) {
      return kind;
    }
  }
  return std::nullopt;
}

bool IsVouchedForByOperator(const IdentityRef& identity) {
  return identity.kind != IdentityKind::kClientSecret &&
         identity.kind != IdentityKind::kClientCertificate;
}

}  // namespace milink::azure
