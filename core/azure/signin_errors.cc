#include "core/azure/signin_errors.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/base/text.h"

namespace milink::azure {
namespace {

struct SigninRow {
  int number;
  ErrorKind kind;
  std::string_view reason;
  std::string_view advice;
};

constexpr std::string_view kPending =
    "give the identity a federated credential whose issuer, subject and audience are those of the "
    "operator's ServiceAccount token; a new one takes some minutes to work";
constexpr std::string_view kTenant =
    "correct the tenant id, and check that the cloud is the one of this tenant";

// Source: learn.microsoft.com, Microsoft Entra authentication and authorization error codes.
constexpr std::array kSigninRows{
    SigninRow{53003, ErrorKind::kUnauthorized, "CredentialRejected",
              "let the tenant's Conditional Access policies admit this identity from here"},
    SigninRow{70021, ErrorKind::kTransient, "CredentialPending", kPending},
    SigninRow{90002, ErrorKind::kUnauthorized, "CredentialRejected", kTenant},
    SigninRow{90033, ErrorKind::kTransient, "TokenServiceFailed", "it is asked again"},
    SigninRow{500011, ErrorKind::kUnauthorized, "CredentialRejected",
              "check that the cloud is the one of this tenant"},
    SigninRow{
        700016, ErrorKind::kUnauthorized, "CredentialRejected",
        "correct the client id or the tenant id; an identity that was made just now takes some "
        "minutes to be known"},
    SigninRow{700024, ErrorKind::kUnauthorized, "ClockSkew",
              "the clock here and the one of Azure differ; set it right"},
    SigninRow{700027, ErrorKind::kUnauthorized, "CredentialRejected",
              "upload the certificate to the application, and check that it has not ended"},
    SigninRow{700211, ErrorKind::kTransient, "CredentialPending", kPending},
    SigninRow{700212, ErrorKind::kTransient, "CredentialPending", kPending},
    SigninRow{700213, ErrorKind::kTransient, "CredentialPending", kPending},
    SigninRow{900023, ErrorKind::kUnauthorized, "CredentialRejected", kTenant},
    SigninRow{7000112, ErrorKind::kUnauthorized, "CredentialRejected",
              "enable the application in its tenant"},
    SigninRow{7000215, ErrorKind::kUnauthorized, "CredentialRejected",
              "give the value of a client secret, not its id"},
    SigninRow{
        7000222, ErrorKind::kUnauthorized, "CredentialExpired",
        "the client secret has ended: make another one and put it in the place of the old one"},
    SigninRow{7000229, ErrorKind::kUnauthorized, "CredentialRejected",
              "make a service principal of the application in this tenant"},
};

constexpr std::string_view kMark = "AADSTS";

int NumberIn(const nlohmann::json& body, std::string_view description) {
  const auto& codes = JsonChild(body, "error_codes");
  if (codes.is_array() && !codes.empty() && codes.front().is_number_integer()) {
    return codes.front().get<int>();
  }
  int number = 0;
  const auto at = description.find(kMark);
  if (at != std::string_view::npos) {
    const std::string_view rest = description.substr(at + kMark.size());
    std::from_chars(rest.data(), rest.data() + rest.size(), number);
  }
  return number;
}

// "AADSTS700016: Application .. was not found. .. Trace ID: .. Correlation ID: .. Timestamp: .."
std::string Lasting(std::string_view description) {
  for (const std::string_view mark : {"Trace ID:", "\r", "\n"}) {
    description = description.substr(0, description.find(mark));
  }
  std::string_view text = Trim(description);
  while (text.ends_with('.')) {
    text.remove_suffix(1);
  }
  return Shorten(text, 300);
}

Error NotAnswered(const HttpResponse& response, const std::string& who, const std::string& detail) {
  if (response.status == 429) {
    return {ErrorKind::kThrottled, "TokenServiceBusy",
            "Azure's sign-in asks to wait before " + who + " signs in again", detail,
            response.RetryAfter().value_or(std::chrono::seconds(30))};
  }
  return {ErrorKind::kTransient, "TokenServiceFailed",
          "Azure's sign-in gave no answer that can be used for " + who + "; it is asked again",
          detail};
}

}  // namespace

Error SignInError(const HttpResponse& response, const std::string& who) {
  const auto body = ParseJson(response.body);
  const std::string code = body.is_object() ? JsonText(body, "error") : "";
  const std::string description = body.is_object() ? JsonText(body, "error_description") : "";
  const std::string detail =
      "HTTP " + std::to_string(response.status) + " " + code + ", correlation id " +
      (body.is_object() && body.contains("correlation_id") ? JsonText(body, "correlation_id")
                                                           : "none");
  const int number = body.is_object() ? NumberIn(body, description) : 0;
  const auto* row = std::ranges::find(kSigninRows, number, &SigninRow::number);
  if (row == kSigninRows.end() &&
      (code.empty() || response.status == 429 || response.status >= 500)) {
    return NotAnswered(response, who, detail);
  }
  const std::string said = description.empty() ? code : Lasting(description);
  if (row == kSigninRows.end()) {
    return {ErrorKind::kUnauthorized, "CredentialRejected",
            "Azure refused " + who + ": " + said +
                "; check tenant, client id and the secret, certificate or federated credential",
            detail};
  }
  return {row->kind, std::string(row->reason),
          "Azure refused " + who + ": " + said + "; " + std::string(row->advice), detail};
}

}  // namespace milink::azure
