// Access tokens for Azure, from the identity that the operator was given.
//
// Thread-safe. A token is kept until five minutes before it ends; one caller asks for a new one
// while the others wait for it. Errors: kUnauthorized "CredentialRejected" with the AADSTS text,
// kInvalid "CredentialMissing", kTransient otherwise. Facts: ARM 9.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/azure/http.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace milink::azure {

class Credential {
 public:
  virtual ~Credential() = default;
  // A bearer token for `audience` ("https://management.azure.com/").
  virtual Result<Secret> Token(const std::string& audience) = 0;
  // Called after a 401: the next Token() asks the authority again, unless somebody already has.
  virtual void Reject(const Secret& token) = 0;
};

struct CredentialSettings {
  std::string authority;  // "https://login.microsoftonline.com/", with or without the slash
  std::string tenant_id;
  std::string client_id;
  Secret client_secret;  // either this
  std::string
      federated_token_file;  // or this: read again for every request, the kubelet rotates it
};

// From the environment that workload identity and the Azure SDKs use: AZURE_AUTHORITY_HOST,
// AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_FEDERATED_TOKEN_FILE.
// kInvalid "CredentialMissing" names what is not set.
using EnvironmentReader = std::function<std::optional<std::string>(const std::string& name)>;
Result<CredentialSettings> CredentialFromEnvironment(const EnvironmentReader& read);

std::unique_ptr<Credential> MakeCredential(CredentialSettings settings, HttpClient& http,
                                           const Clock& clock);

}  // namespace milink::azure
