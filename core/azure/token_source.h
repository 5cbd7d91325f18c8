// One request for a token, without memory: what a Credential asks when it has none. Inside
// core/azure only.
//
// Not thread-safe: a Credential asks one at a time.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "core/azure/credential.h"
#include "core/azure/http.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace milink::azure {

struct IssuedToken {
  Secret token;
  std::chrono::seconds lifetime{0};
  std::optional<std::chrono::seconds> refresh_in;  // the authority's own wish
};

class TokenSource {
 public:
  virtual ~TokenSource() = default;
  virtual Result<IssuedToken> Ask(const std::string& audience) = 0;
};

// Workload identity, client secret and client certificate: a form, sent to the authority.
std::unique_ptr<TokenSource> MakeFormTokenSource(CredentialSettings settings, HttpClient& http,
                                                 const Clock& clock, Random& random);
// Managed identity: asked of the machine's own metadata service.
std::unique_ptr<TokenSource> MakeMetadataTokenSource(CredentialSettings settings, HttpClient& http,
                                                     const Clock& clock);

// The token of an answer with status 200. Some authorities write numbers as text, and some only the
// end of the token's life (`expires_on`), which is read by their own clock where they show it.
// Nothing: it holds none.
std::optional<IssuedToken> ParseToken(const HttpResponse& response, TimePoint now);

}  // namespace milink::azure
