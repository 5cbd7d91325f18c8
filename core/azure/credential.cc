#include "core/azure/credential.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/base/text.h"

namespace milink::azure {
namespace {

constexpr auto kRefreshBefore = std::chrono::minutes(5);
constexpr char kAssertionType[] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

std::string TokenUrl(const CredentialSettings& settings) {
  std::string authority = settings.authority;
  while (authority.ends_with('/')) {
    authority.pop_back();
  }
  return authority + "/" + UrlEncode(settings.tenant_id) + "/oauth2/v2.0/token";
}

// "https://management.azure.com/" -> "https://management.azure.com//.default" would be another
// resource to some authorities: exactly one slash.
std::string Scope(std::string audience) {
  while (audience.ends_with('/')) {
    audience.pop_back();
  }
  return audience + "/.default";
}

Result<std::string> Assertion(const CredentialSettings& settings) {
  std::ifstream file(settings.federated_token_file);
  std::string token{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  token = std::string(Trim(token));
  if (!file || token.empty()) {
    return Error{ErrorKind::kTransient, "CredentialMissing",
                 "the federated token file " + settings.federated_token_file +
                     " cannot be read or is empty; check that the pod has the label "
                     "azure.workload.identity/use=true",
                 ""};
  }
  return token;
}

Result<std::string> Form(const CredentialSettings& settings, const std::string& audience) {
  const std::string form =
      "grant_type=client_credentials&client_id=" + UrlEncode(settings.client_id) +
      "&scope=" + UrlEncode(Scope(audience));
  if (!settings.client_secret.empty()) {
    return form + "&client_secret=" + UrlEncode(settings.client_secret.Reveal());
  }
  auto assertion = Assertion(settings);
  if (!assertion) {
    return std::move(assertion).error();
  }
  return form + "&client_assertion_type=" + UrlEncode(kAssertionType) +
         "&client_assertion=" + UrlEncode(*assertion);
}

struct IssuedToken {
  Secret token;
  std::chrono::seconds lifetime{0};
};

// Numbers come as text from some authorities.
std::chrono::seconds SecondsAt(const nlohmann::json& body, const char* field) {
  const auto& value = JsonChild(body, field);
  if (value.is_number()) {
    return std::chrono::seconds(value.get<std::int64_t>());
  }
  const std::string text = JsonText(body, field);
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return std::chrono::seconds(number);
}

Error Refusal(const HttpResponse& response, const nlohmann::json& body) {
  const std::string description = JsonText(body, "error_description");
  const std::string code = JsonText(body, "error");
  const ErrorKind kind = response.status == 400 || response.status == 401 || response.status == 403
                             ? ErrorKind::kUnauthorized
                             : ErrorKind::kTransient;
  return {kind, "CredentialRejected",
          "Azure refused the operator's identity: " +
              Shorten(description.empty() ? code : description, 400) +
              "; check tenant, client id and secret or federated credential",
          "HTTP " + std::to_string(response.status) + " " + code};
}

Result<IssuedToken> ParseToken(const HttpResponse& response) {
  const auto body = ParseJson(response.body);
  if (!body.is_object()) {
    return Error{ErrorKind::kTransient, "CredentialRejected",
                 "the token endpoint did not answer with JSON",
                 "HTTP " + std::to_string(response.status)};
  }
  std::string token = JsonText(body, "access_token");
  if (response.status != 200 || token.empty()) {
    return Refusal(response, body);
  }
  return IssuedToken{Secret(std::move(token)), SecondsAt(body, "expires_in")};
}

class ClientCredential final : public Credential {
 public:
  ClientCredential(CredentialSettings settings, HttpClient& http, const Clock& clock)
      : settings_(std::move(settings)), http_(http), clock_(clock) {}

  Result<Secret> Token(const std::string& audience) override {
    const std::lock_guard lock(mutex_);
    const auto it = tokens_.find(audience);
    if (it != tokens_.end() && clock_.Monotonic() < it->second.refresh_at) {
      return it->second.token;
    }
    auto issued = Ask(audience);
    if (!issued) {
      return std::move(issued).error();
    }
    const auto useful =
        std::max<std::chrono::seconds>(issued->lifetime - kRefreshBefore, issued->lifetime / 2);
    tokens_[audience] = {issued->token, clock_.Monotonic() + useful};
    return issued->token;
  }

  void Reject(const Secret& token) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(tokens_, [&](const auto& entry) { return entry.second.token.SameAs(token); });
  }

 private:
  struct Cached {
    Secret token;
    MonotonicTime refresh_at;
  };

  Result<IssuedToken> Ask(const std::string& audience) {
    auto form = Form(settings_, audience);
    if (!form) {
      return std::move(form).error();
    }
    HttpRequest request;
    request.method = "POST";
    request.url = TokenUrl(settings_);
    request.body = *form;
    request.content_type = "application/x-www-form-urlencoded";
    request.headers.emplace("Accept", "application/json");
    auto response = http_.Send(request);
    WipeMemory(*form);
    WipeMemory(request.body);
    if (!response) {
      return std::move(response).error();
    }
    auto issued = ParseToken(*response);
    WipeMemory(response->body);
    return issued;
  }

  CredentialSettings settings_;
  HttpClient& http_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Cached> tokens_;
};

}  // namespace

Result<CredentialSettings> CredentialFromEnvironment(const EnvironmentReader& read) {
  CredentialSettings settings;
  settings.authority = read("AZURE_AUTHORITY_HOST").value_or("https://login.microsoftonline.com/");
  settings.tenant_id = read("AZURE_TENANT_ID").value_or("");
  settings.client_id = read("AZURE_CLIENT_ID").value_or("");
  settings.client_secret = Secret(read("AZURE_CLIENT_SECRET").value_or(""));
  settings.federated_token_file = read("AZURE_FEDERATED_TOKEN_FILE").value_or("");
  std::vector<std::string> missing;
  if (settings.tenant_id.empty()) {
    missing.emplace_back("AZURE_TENANT_ID");
  }
  if (settings.client_id.empty()) {
    missing.emplace_back("AZURE_CLIENT_ID");
  }
  if (settings.client_secret.empty() && settings.federated_token_file.empty()) {
    missing.emplace_back("AZURE_FEDERATED_TOKEN_FILE or AZURE_CLIENT_SECRET");
  }
  if (!missing.empty()) {
    return Error{ErrorKind::kInvalid, "CredentialMissing",
                 "the operator has no Azure identity: " + Join(missing, ", ") +
                     " is not set; use workload identity or set them in the operator's environment",
                 ""};
  }
  return settings;
}

std::unique_ptr<Credential> MakeCredential(CredentialSettings settings, HttpClient& http,
                                           const Clock& clock) {
  return std::make_unique<ClientCredential>(std::move(settings), http, clock);
}

}  // namespace milink::azure
