#include "core/azure/errors.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/base/text.h"

namespace milink::azure {
namespace {

struct ErrorRow {
  std::string_view code;
  ErrorKind kind;
  std::string_view reason;
};

// Codes whose meaning differs from that of their HTTP class, or whose reason a person should see.
constexpr std::array kErrorRows{
    // Another operation holds the instance or the database: wait, then ask again.
    ErrorRow{"ConflictingServerOperation", ErrorKind::kConflict, "InstanceBusy"},
    ErrorRow{"ManagedInstanceIsBusy", ErrorKind::kConflict, "InstanceBusy"},
    ErrorRow{"FailoverGroupBusy", ErrorKind::kConflict, "InstanceBusy"},
    ErrorRow{"ConflictingDatabaseOperation", ErrorKind::kConflict, "InstanceBusy"},
    ErrorRow{"ManagementServiceDatabaseBusy", ErrorKind::kConflict, "InstanceBusy"},
    ErrorRow{"ConflictingSystemOperationInProgress", ErrorKind::kConflict, "InstanceBusy"},
    ErrorRow{"DistributedAvailabilityGroupSetRoleChangeRoleAlreadyInProgress", ErrorKind::kConflict,
             "InstanceBusy"},
    ErrorRow{"ManagedInstanceOperationInProgress", ErrorKind::kConflict, "InstanceBusy"},
    ErrorRow{"ManagedInstanceUpdateSloInProgress", ErrorKind::kConflict, "InstanceBusy"},
    ErrorRow{"OperationCanNotStartDueToMiLink", ErrorKind::kConflict, "InstanceBusy"},
    ErrorRow{"ManagedInstanceStarting", ErrorKind::kTransient, "InstanceStopped"},
    ErrorRow{"ManagedInstanceStoppingOrStopped", ErrorKind::kTransient, "InstanceStopped"},
    // Temporary by their own words.
    ErrorRow{"OperationTimedOut", ErrorKind::kTransient, "OperationTimedOut"},
    ErrorRow{"ManagedInstanceLinkConnectivityIsNotEstablished", ErrorKind::kTransient,
             "LinkNotConnected"},
    ErrorRow{"CloudLifterChimeraEstablishDbConnectionNotEstablished", ErrorKind::kTransient,
             "LinkNotConnected"},
    ErrorRow{"CloudLifterChimeraUcsConnectionNoResponse", ErrorKind::kTransient,
             "LinkNotConnected"},
    ErrorRow{"CloudLifterChimeraAvailabilityGroupConnectionCannotBeEstablished",
             ErrorKind::kTransient, "LinkNotConnected"},
    // Trust is repaired by the operator itself, so it is worth another try.
    ErrorRow{"ManagedInstanceLinkCertificateNotFoundOnManagedInstance", ErrorKind::kTransient,
             "CertificateNotTrusted"},
    ErrorRow{"ManagedInstanceLinkCertificateNotFoundOnSqlServer", ErrorKind::kTransient,
             "CertificateNotTrusted"},
    // Rights and identity.
    ErrorRow{"AuthorizationFailed", ErrorKind::kUnauthorized, "AuthorizationFailed"},
    ErrorRow{"LinkedAuthorizationFailed", ErrorKind::kUnauthorized, "AuthorizationFailed"},
    ErrorRow{"RequestDisallowedByPolicy", ErrorKind::kUnauthorized, "RequestDisallowedByPolicy"},
    ErrorRow{"InvalidAuthenticationToken", ErrorKind::kUnauthorized, "AuthenticationFailed"},
    ErrorRow{"ExpiredAuthenticationToken", ErrorKind::kUnauthorized, "AuthenticationFailed"},
    ErrorRow{"AuthenticationFailed", ErrorKind::kUnauthorized, "AuthenticationFailed"},
    // What a person must change although the class says conflict.
    ErrorRow{"ScopeLocked", ErrorKind::kInvalid, "ScopeLocked"},
    ErrorRow{"MissingSubscriptionRegistration", ErrorKind::kInvalid,
             "MissingSubscriptionRegistration"},
    ErrorRow{"SubscriptionDisabled", ErrorKind::kInvalid, "SubscriptionDisabled"},
    ErrorRow{"CertificateAlreadyExists", ErrorKind::kConflict, "CertificateAlreadyExists"},
    // Encrypted databases: whose key the instance does not have, or has from the service.
    ErrorRow{"ManagedInstanceLinkTdeCertificateMissing", ErrorKind::kInvalid,
             "TdeCertificateMissing"},
    ErrorRow{"CannotFindServerCertificateWithThumbprint", ErrorKind::kInvalid,
             "TdeCertificateMissing"},
    ErrorRow{"DistributedAvailabilityGroupDbEncryptedWithSmk", ErrorKind::kInvalid,
             "ServiceManagedKey"},
    ErrorRow{"DistributedAvailabilityGroupDbCannotBeEncryptedWhenPrimaryInMiLink",
             ErrorKind::kInvalid, "ServiceManagedKey"},
    ErrorRow{"DistributedAvailabilityGroupProtectorCannotBeUpdtedToSmk", ErrorKind::kInvalid,
             "ServiceManagedKey"},
    // Missing things.
    ErrorRow{"ResourceGroupNotFound", ErrorKind::kNotFound, "ManagedInstanceNotFound"},
    ErrorRow{"SubscriptionNotFound", ErrorKind::kNotFound, "SubscriptionNotFound"},
    ErrorRow{"OperationIdNotFound", ErrorKind::kNotFound, "OperationIdNotFound"},
};

const ErrorRow* Find(std::string_view code) {
  const auto* it = std::ranges::find(kErrorRows, code, &ErrorRow::code);
  return it == kErrorRows.end() ? nullptr : it;
}

ErrorKind KindOfStatus(int status) {
  switch (status) {
    case 401:
    case 403:
      return ErrorKind::kUnauthorized;
    case 404:
      return ErrorKind::kNotFound;
    case 408:
      return ErrorKind::kTransient;
    case 409:
      return ErrorKind::kConflict;
    case 429:
      return ErrorKind::kThrottled;
    default:
      return status >= 500 ? ErrorKind::kTransient : ErrorKind::kInvalid;
  }
}

// Request ids are what Azure's support asks for; they hold no secret.
std::string Detail(const HttpResponse& response, const std::string& code) {
  return "HTTP " + std::to_string(response.status) + " " + code + ", request id " +
         response.Header("x-ms-request-id").value_or("none") + ", correlation id " +
         response.Header("x-ms-correlation-request-id").value_or("none");
}

}  // namespace

Error ToError(const HttpResponse& response) {
  const auto body = ParseJson(response.body);
  const std::string code = JsonText(JsonChild(body, "error"), "code");
  const std::string message = JsonText(JsonChild(body, "error"), "message");
  Error error;
  error.kind = KindOfStatus(response.status);
  error.reason = code.empty() ? "HttpStatus" + std::to_string(response.status) : code;
  if (const ErrorRow* row = Find(code); row != nullptr) {
    error.kind = row->kind;
    error.reason = row->reason;
  }
  // The same code has two authors: Resource Manager itself means the instance is missing, the
  // provider means only the thing below it.
  if (code == kResourceNotFound && response.Header("x-ms-failure-cause") == "gateway") {
    error.reason = kManagedInstanceNotFound;
  }
  if (response.status == 429) {
    error.kind = ErrorKind::kThrottled;
  }
  error.message = message.empty() ? "Azure answered HTTP " + std::to_string(response.status)
                                  : Shorten(message, 600);
  error.detail = Detail(response, code);
  error.retry_after = response.RetryAfter();
  return error;
}

bool SaysInstanceIsGone(const Error& error) {
  return error.kind == ErrorKind::kNotFound && error.reason == kManagedInstanceNotFound;
}

Error OperationError(const std::string& code, const std::string& message) {
  const ErrorRow* row = Find(code);
  Error error{ErrorKind::kInvalid, code.empty() ? "OperationFailed" : code, Shorten(message, 600),
              "operation status " + code};
  if (row != nullptr) {
    error.kind = row->kind;
    error.reason = row->reason;
  }
  return error;
}

}  // namespace milink::azure
