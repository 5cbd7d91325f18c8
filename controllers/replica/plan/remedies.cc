#include "controllers/replica/plan/remedies.h"

#include <variant>

#include "controllers/replica/plan/checks.h"
#include "controllers/replica/reasons.h"
#include "core/api/error_reasons.h"

namespace milink::replica {
namespace {

// A key that is encrypted by the service master key, as the catalog says, and still cannot be read.
constexpr char kOpenMasterKey[] =
    "; the server cannot open the database master key of master, although it has one: its service "
    "master key may have been restored or made anew. Run OPEN MASTER KEY in master with the key's "
    "password, then ALTER MASTER KEY ADD ENCRYPTION BY SERVICE MASTER KEY";

std::string AboutPassword(const std::string& reason, const api::SqlServerReplica& replica) {
  const auto& password = replica.spec.master_key_password;
  const std::string secret = password ? "Secret " + password->name : "its Secret";
  if (reason == reason::kMasterKeyPasswordWrong) {
    return "; the key was made with another password than that in " + secret + ", correct it there";
  }
  if (reason == reason::kPasswordTooWeak) {
    return "; put a longer password of more kinds of characters into " + secret;
  }
  return "";
}

std::string AboutCertificate(const Step& step) {
  CertificateName name;
  if (const auto* create = std::get_if<CreateEndpoint>(&step)) name = create->certificate;
  if (const auto* alter = std::get_if<AlterEndpoint>(&step)) name = alter->change.certificate;
  if (const auto* taken = std::get_if<SwitchCertificate>(&step)) name = taken->change.certificate;
  return "; certificate " + name.str() +
         " is valid by the operator's clock: compare the clock (UTC) of the server, and see that "
         "the database master key of master opens there";
}

std::string AboutPort(const Step& step) {
  const auto* create = std::get_if<CreateEndpoint>(&step);
  return create == nullptr
             ? std::string(
                   "; free its port on the host, or give it another one with ALTER ENDPOINT")
             : "; free port " + std::to_string(create->port) +
                   " on the host, or choose another one: in spec.endpoint.port, or, if the "
                   "endpoint is there now, with ALTER ENDPOINT";
}

}  // namespace

std::string RemedyOf(const FailedStep& failed, const api::SqlServerReplica& replica) {
  const std::string& reason = failed.error.reason;
  if (NeedsPassword(failed.step)) {
    if (std::string remedy = AboutPassword(reason, replica); !remedy.empty()) {
      return remedy;
    }
  }
  if (reason == reason::kMasterKeyRequired || reason == reason::kDecryptionFailed) {
    return kOpenMasterKey;
  }
  if (reason == reason::kPermissionDenied) {
    return "; " + HowToGrant(replica);
  }
  if (reason == reason::kEndpointCertificateInvalid) {
    return AboutCertificate(failed.step);
  }
  if (reason == reason::kEndpointPortTaken) {
    return AboutPort(failed.step);
  }
  if (reason == reason::kObjectInUse) {
    return "; something else on the instance uses it, see to that first";
  }
  return "";
}

}  // namespace milink::replica
