// Access tokens for Azure, from an identity of one of four kinds.
//
// Thread-safe. A token is kept until five minutes before it ends, or as long as the authority says;
// then one caller asks for another, while the others go on with the old one, or wait when there is
// none. Times are measured, never compared with the authority's clock; a client assertion, which
// carries times, is corrected by the authority's own Date. Errors: ARM 9 and signin_errors.h.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/azure/http.h"
#include "core/azure/identity.h"
#include "core/base/clock.h"
#include "core/base/random.h"
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

inline constexpr char kMetadataService[] = "http://169.254.169.254";

struct CredentialSettings {
  IdentityKind kind = IdentityKind::kClientSecret;
  std::string authority;  // "https://login.microsoftonline.com/", with or without the slash
  std::string tenant_id;
  std::string client_id;  // of a managed identity: empty for the one of the machine itself

  std::string federated_token_file;  // workload identity: read for every request, it is rotated
  std::string metadata_service = kMetadataService;  // managed identity
  Secret client_secret;
  // Certificate and key in PEM, either here or in a file that is read for every request.
  Secret certificate;
  std::string certificate_file;
  Secret certificate_password;  // of an encrypted key
};

// From the environment that workload identity and the Azure SDKs use: AZURE_AUTHORITY_HOST,
// AZURE_TENANT_ID, AZURE_CLIENT_ID and, by `kind`, AZURE_FEDERATED_TOKEN_FILE,
// AZURE_POD_IDENTITY_AUTHORITY_HOST, AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH (and
// _PASSWORD). Without a kind: secret, certificate, federated token, whichever is set first; a
// managed identity must be asked for. kInvalid "CredentialMissing" names what is not set.
using EnvironmentReader = std::function<std::optional<std::string>(const std::string& name)>;
// What is set, whether or not it is enough.
CredentialSettings ReadCredentialVariables(const EnvironmentReader& read);
Result<CredentialSettings> CredentialFromEnvironment(const EnvironmentReader& read,
                                                     std::optional<IdentityKind> kind = {});

// "client 2222.. of tenant 1111.. (ClientSecret)", for messages.
std::string Describe(const CredentialSettings& settings);

// What is referenced outlives the credential.
std::unique_ptr<Credential> MakeCredential(CredentialSettings settings, HttpClient& http,
                                           const Clock& clock, Random& random);

}  // namespace milink::azure
