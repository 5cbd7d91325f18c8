// The credential of a link that brings a client secret or certificate in a Kubernetes Secret.
//
// The Secret is read when a token is asked for and the last reading is 25 s old, and after a
// refusal; another content is used at once. While the API server does not answer, the last reading
// holds. Thread-safe. Errors: kInvalid SecretNotFound, SecretKeyMissing; ReferenceUnreadable; those
// of credential.h.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/azure/credential.h"
#include "core/base/object.h"

namespace milink::azure {

// By key of the Secret; kNotFound when there is no such Secret.
using SecretReader = std::function<Result<std::map<std::string, Secret>>(const ObjectKey&)>;

// The keys of such a Secret; those of a certificate are the ones of kubernetes.io/tls.
inline constexpr char kClientSecretKey[] = "clientSecret";
inline constexpr char kCertificateKey[] = "tls.crt";
inline constexpr char kPrivateKeyKey[] = "tls.key";

// `settings`: all but the secret itself. What is referenced outlives the credential.
std::unique_ptr<Credential> MakeSecretCredential(CredentialSettings settings, ObjectKey secret,
                                                 SecretReader read, HttpClient& http,
                                                 const Clock& clock, Random& random);

}  // namespace milink::azure
