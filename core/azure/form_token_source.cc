#include <fstream>
#include <iterator>
#include <utility>

#include "core/azure/client_assertion.h"
#include "core/azure/signin_errors.h"
#include "core/azure/token_source.h"
#include "core/base/text.h"

namespace milink::azure {
namespace {

constexpr char kAssertionType[] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr Duration kFormTimeout = std::chrono::seconds(30);

std::string WithoutSlash(std::string url) {
  while (url.ends_with('/')) {
    url.pop_back();
  }
  return url;
}

std::string TokenUrl(const CredentialSettings& settings) {
  return WithoutSlash(settings.authority) + "/" + UrlEncode(settings.tenant_id) +
         "/oauth2/v2.0/token";
}

Result<Secret> ReadFile(const std::string& path, const std::string& what,
                        const std::string& advice) {
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  Secret content{std::string(Trim(text))};
  WipeMemory(text);
  if (!file || content.empty()) {
    return Error{ErrorKind::kTransient, "CredentialMissing",
                 what + " " + path + " cannot be read or is empty; " + advice, ""};
  }
  return content;
}

class FormTokenSource final : public TokenSource {
 public:
  FormTokenSource(CredentialSettings settings, HttpClient& http, const Clock& clock, Random& random)
      : settings_(std::move(settings)), http_(http), clock_(clock), random_(random) {}

  Result<IssuedToken> Ask(const std::string& audience) override {
    auto response = Send(audience);
    if (response && LearnClock(*response)) {
      response = Send(audience);
    }
    if (!response) {
      return std::move(response).error();
    }
    auto issued = ParseToken(*response, clock_.Now());
    auto refused = issued ? Error{} : SignInError(*response, Describe(settings_));
    WipeMemory(response->body);
    return issued ? Result<IssuedToken>(*std::move(issued)) : std::move(refused);
  }

 private:
  // An assertion names its times by our clock. When the authority finds them wrong it shows its own
  // clock beside; true: the two differ, and the assertion should be made again.
  bool LearnClock(const HttpResponse& response) {
    const auto there = response.Date();
    if (settings_.kind != IdentityKind::kClientCertificate || response.status == 200 || !there ||
        SignInError(response, "").reason != "ClockSkew") {
      return false;
    }
    const auto before = skew_;
    skew_ = std::chrono::duration_cast<std::chrono::seconds>(*there - clock_.Now());
    return skew_ != before;
  }

  Result<Secret> Assertion() {
    if (settings_.kind == IdentityKind::kWorkloadIdentity) {
      return ReadFile(settings_.federated_token_file, "the federated token file",
                      "check that the pod has the label azure.workload.identity/use=true");
    }
    Secret pem = settings_.certificate;
    if (!settings_.certificate_file.empty()) {
      auto read =
          ReadFile(settings_.certificate_file, "the client certificate file", "check its mount");
      if (!read) {
        return read;
      }
      pem = *std::move(read);
    }
    return SignAssertion(pem, settings_.certificate_password,
                         {.audience = TokenUrl(settings_),
                          .client_id = settings_.client_id,
                          .id = NewUuid(random_),
                          .now = clock_.Now() + skew_});
  }

  Result<Secret> Form(const std::string& audience) {
    // "https://management.azure.com//.default" would be another resource to some authorities.
    const std::string form =
        "grant_type=client_credentials&client_id=" + UrlEncode(settings_.client_id) +
        "&scope=" + UrlEncode(WithoutSlash(audience) + "/.default");
    if (settings_.kind == IdentityKind::kClientSecret) {
      return Secret(form + "&client_secret=" + UrlEncode(settings_.client_secret.Reveal()));
    }
    const auto assertion = Assertion();
    if (!assertion) {
      return assertion.error();
    }
    return Secret(form + "&client_assertion_type=" + UrlEncode(kAssertionType) +
                  "&client_assertion=" + UrlEncode(assertion->Reveal()));
  }

  Result<HttpResponse> Send(const std::string& audience) {
    const auto form = Form(audience);
    if (!form) {
      return form.error();
    }
    HttpRequest request;
    request.method = "POST";
    request.url = TokenUrl(settings_);
    request.body = form->Reveal();
    request.content_type = "application/x-www-form-urlencoded";
    request.headers.emplace("Accept", "application/json");
    request.timeout = kFormTimeout;
    auto response = http_.Send(request);
    WipeMemory(request.body);
    return response;
  }

  const CredentialSettings settings_;
  HttpClient& http_;
  const Clock& clock_;
  Random& random_;
  std::chrono::seconds skew_{0};  // the authority's clock minus ours
};

}  // namespace

std::unique_ptr<TokenSource> MakeFormTokenSource(CredentialSettings settings, HttpClient& http,
                                                 const Clock& clock, Random& random) {
  return std::make_unique<FormTokenSource>(std::move(settings), http, clock, random);
}

}  // namespace milink::azure
