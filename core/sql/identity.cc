#include "core/sql/identity.h"

namespace milink::sql {
namespace {

bool HasPrivateKeyOf(const InstanceSnapshot& seen, const std::string& thumbprint) {
  const Certificate* certificate =
      thumbprint.empty() ? nullptr : seen.FindCertificateByThumbprint(thumbprint);
  return certificate != nullptr && certificate->private_key == "MK";
}

}  // namespace

bool KeysDiffer(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && a != b;
}

IdentityMatch MatchIdentity(const KnownInstance& known, const InstanceSnapshot& seen) {
  if (known.server_name != seen.properties.server_name) {
    return IdentityMatch::kOtherName;
  }
  const bool other_key =
      KeysDiffer(known.service_master_key_guid, seen.properties.service_master_key_guid);
  return other_key && !HasPrivateKeyOf(seen, known.endpoint_certificate)
             ? IdentityMatch::kOtherServer
             : IdentityMatch::kSame;
}

}  // namespace milink::sql
