#include <vector>

#include "core/azure/credential.h"
#include "core/base/text.h"

namespace milink::azure {
namespace {

// Which kind the environment describes. Workload identity stands last because its webhook sets its
// variables whether or not somebody wants another identity; without any it is what is missing.
IdentityKind KindOf(const CredentialSettings& settings) {
  if (!settings.client_secret.empty()) {
    return IdentityKind::kClientSecret;
  }
  return settings.certificate_file.empty() ? IdentityKind::kWorkloadIdentity
                                           : IdentityKind::kClientCertificate;
}

std::vector<std::string> Missing(const CredentialSettings& settings, bool kind_is_given) {
  std::vector<std::string> missing;
  const auto check = [&](bool is_empty, const char* variable) {
    if (is_empty) {
      missing.emplace_back(variable);
    }
  };
  if (settings.kind == IdentityKind::kManagedIdentity) {
    return missing;
  }
  check(settings.tenant_id.empty(), "AZURE_TENANT_ID");
  check(settings.client_id.empty(), "AZURE_CLIENT_ID");
  if (settings.kind == IdentityKind::kClientSecret) {
    check(settings.client_secret.empty(), "AZURE_CLIENT_SECRET");
  } else if (settings.kind == IdentityKind::kClientCertificate) {
    check(settings.certificate_file.empty(), "AZURE_CLIENT_CERTIFICATE_PATH");
  } else {
    check(settings.federated_token_file.empty(),
          kind_is_given ? "AZURE_FEDERATED_TOKEN_FILE"
                        : "AZURE_FEDERATED_TOKEN_FILE or AZURE_CLIENT_SECRET or "
                          "AZURE_CLIENT_CERTIFICATE_PATH");
  }
  return missing;
}

}  // namespace

CredentialSettings ReadCredentialVariables(const EnvironmentReader& read) {
  CredentialSettings settings;
  settings.authority = read("AZURE_AUTHORITY_HOST").value_or("https://login.microsoftonline.com/");
  settings.tenant_id = read("AZURE_TENANT_ID").value_or("");
  settings.client_id = read("AZURE_CLIENT_ID").value_or("");
  settings.client_secret = Secret(read("AZURE_CLIENT_SECRET").value_or(""));
  settings.certificate_file = read("AZURE_CLIENT_CERTIFICATE_PATH").value_or("");
  settings.certificate_password = Secret(read("AZURE_CLIENT_CERTIFICATE_PASSWORD").value_or(""));
  settings.federated_token_file = read("AZURE_FEDERATED_TOKEN_FILE").value_or("");
  settings.metadata_service = read("AZURE_POD_IDENTITY_AUTHORITY_HOST").value_or(kMetadataService);
  settings.kind = KindOf(settings);
  return settings;
}

Result<CredentialSettings> CredentialFromEnvironment(const EnvironmentReader& read,
                                                     std::optional<IdentityKind> kind) {
  CredentialSettings settings = ReadCredentialVariables(read);
  settings.kind = kind.value_or(settings.kind);
  const auto missing = Missing(settings, kind.has_value());
  if (!missing.empty()) {
    return Error{ErrorKind::kInvalid, "CredentialMissing",
                 "the operator has no Azure identity: " + Join(missing, ", ") +
                     " is not set; use workload identity or set them in the operator's environment",
                 ""};
  }
  return settings;
}

std::string Describe(const CredentialSettings& settings) {
  if (settings.kind == IdentityKind::kManagedIdentity) {
    return settings.client_id.empty() ? "the machine's own managed identity"
                                      : "managed identity " + settings.client_id;
  }
  return "client " + settings.client_id + " of tenant " + settings.tenant_id + " (" +
         ToString(settings.kind) + ")";
}

}  // namespace milink::azure
