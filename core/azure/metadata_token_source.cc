// Managed identities. Source: Azure/azure-sdk-for-cpp managed_identity_source.cpp.
#include <utility>

#include <nlohmann/json.hpp>

#include "core/azure/token_source.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace milink::azure {
namespace {

// The service is on the machine itself: it answers at once or is not there.
constexpr Duration kConnectTimeout = std::chrono::seconds(3);
constexpr Duration kMetadataTimeout = std::chrono::seconds(30);

bool WorthRepeating(int status) {
  return status == 404 || status == 410 || status == 429 || status >= 500;
}

class MetadataTokenSource final : public TokenSource {
 public:
  MetadataTokenSource(CredentialSettings settings, HttpClient& http, const Clock& clock)
      : settings_(std::move(settings)), http_(http), clock_(clock) {}

  Result<IssuedToken> Ask(const std::string& audience) override {
    std::string host = settings_.metadata_service;
    while (host.ends_with('/')) {
      host.pop_back();
    }
    HttpRequest request;
    request.method = "GET";
    request.url = host + "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" +
                  UrlEncode(audience);
    if (!settings_.client_id.empty()) {
      request.url += "&client_id=" + UrlEncode(settings_.client_id);
    }
    request.headers.emplace("Metadata", "true");
    request.timeout = kMetadataTimeout;
    request.connect_timeout = kConnectTimeout;
    auto response = http_.Send(request);
    if (!response) {
      return Error{ErrorKind::kTransient, "TokenServiceFailed",
                   "the metadata service " + host +
                       " does not answer: the operator does not run "
                       "on a machine of Azure, or a network policy keeps it away (" +
                       response.error().message + ")",
                   response.error().detail};
    }
    auto issued = ParseToken(*response, clock_.Now());
    auto refused = issued ? Error{} : Refusal(*response);
    WipeMemory(response->body);
    return issued ? Result<IssuedToken>(*std::move(issued)) : std::move(refused);
  }

 private:
  Error Refusal(const HttpResponse& response) const {
    const auto body = ParseJson(response.body);
    const std::string said = body.is_object() ? JsonText(body, "error_description") : "";
    const std::string detail = "HTTP " + std::to_string(response.status) + " " +
                               (body.is_object() ? JsonText(body, "error") : "");
    if (response.status < 400 || WorthRepeating(response.status)) {
      Error later{ErrorKind::kTransient, "TokenServiceFailed",
                  "the metadata service has no token now; it is asked again", detail};
      later.retry_after = response.RetryAfter();
      return later;
    }
    return {ErrorKind::kUnauthorized, "CredentialRejected",
            "the metadata service refused " + Describe(settings_) + ": " +
                (said.empty() ? "no reason was given" : Shorten(said, 300)) +
                "; give the machine this identity, or name one that it has",
            detail};
  }

  const CredentialSettings settings_;
  HttpClient& http_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<TokenSource> MakeMetadataTokenSource(CredentialSettings settings, HttpClient& http,
                                                     const Clock& clock) {
  return std::make_unique<MetadataTokenSource>(std::move(settings), http, clock);
}

}  // namespace milink::azure
