#include "core/azure/errors.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/base/text.h"

namespace milink::azure {
namespace {

struct Row {
  std::string_view code;
  ErrorKind kind;
  std::string_view reason;
};

// Codes whose meaning differs from that of their HTTP class, or whose reason a person should see.
constexpr std::array kRows{
    // Another operation holds the instance or the database: wait, then ask again.
    Row{"ConflictingServerOperation", ErrorKind::kConflict, "InstanceBusy"},
    Row{"ManagedInstanceIsBusy", ErrorKind::kConflict, "InstanceBusy"},
    Row{"FailoverGroupBusy", ErrorKind::kConflict, "InstanceBusy"},
    Row{"ConflictingDatabaseOperation", ErrorKind::kConflict, "InstanceBusy"},
    Row{"ManagementServiceDatabaseBusy", ErrorKind::kConflict, "InstanceBusy"},
    Row{"ConflictingSystemOperationInProgress", ErrorKind::kConflict, "InstanceBusy"},
    Row{"DistributedAvailabilityGroupSetRoleChangeRoleAlreadyInProgress", ErrorKind::kConflict,
        "InstanceBusy"},
    Row{"ManagedInstanceOperationInProgress", ErrorKind::kConflict, "InstanceBusy"},
    Row{"ManagedInstanceUpdateSloInProgress", ErrorKind::kConflict, "InstanceBusy"},
    Row{"OperationCanNotStartDueToMiLink", ErrorKind::kConflict, "InstanceBusy"},
    Row{"ManagedInstanceStarting", ErrorKind::kTransient, "InstanceStopped"},
    Row{"ManagedInstanceStoppingOrStopped", ErrorKind::kTransient, "InstanceStopped"},
    // Temporary by their own words.
    Row{"OperationTimedOut", ErrorKind::kTransient, "OperationTimedOut"},
    Row{"ManagedInstanceLinkConnectivityIsNotEstablished", ErrorKind::kTransient,
        "LinkNotConnected"},
    Row{"CloudLifterChimeraEstablishDbConnectionNotEstablished", ErrorKind::kTransient,
        "LinkNotConnected"},
    Row{"CloudLifterChimeraUcsConnectionNoResponse", ErrorKind::kTransient, "LinkNotConnected"},
    Row{"CloudLifterChimeraAvailabilityGroupConnectionCannotBeEstablished", ErrorKind::kTransient,
        "LinkNotConnected"},
    // Trust is repaired by the operator itself, so it is worth another try.
    Row{"ManagedInstanceLinkCertificateNotFoundOnManagedInstance", ErrorKind::kTransient,
        "CertificateNotTrusted"},
    Row{"ManagedInstanceLinkCertificateNotFoundOnSqlServer", ErrorKind::kTransient,
        "CertificateNotTrusted"},
    // Rights and identity.
    Row{"AuthorizationFailed", ErrorKind::kUnauthorized, "AuthorizationFailed"},
    Row{"LinkedAuthorizationFailed", ErrorKind::kUnauthorized, "AuthorizationFailed"},
    Row{"RequestDisallowedByPolicy", ErrorKind::kUnauthorized, "RequestDisallowedByPolicy"},
    Row{"InvalidAuthenticationToken", ErrorKind::kUnauthorized, "AuthenticationFailed"},
    Row{"ExpiredAuthenticationToken", ErrorKind::kUnauthorized, "AuthenticationFailed"},
    Row{"AuthenticationFailed", ErrorKind::kUnauthorized, "AuthenticationFailed"},
    // What a person must change although the class says conflict.
    Row{"ScopeLocked", ErrorKind::kInvalid, "ScopeLocked"},
    Row{"MissingSubscriptionRegistration", ErrorKind::kInvalid, "MissingSubscriptionRegistration"},
    Row{"SubscriptionDisabled", ErrorKind::kInvalid, "SubscriptionDisabled"},
    Row{"CertificateAlreadyExists", ErrorKind::kConflict, "CertificateAlreadyExists"},
    // Missing things.
    Row{"ResourceGroupNotFound", ErrorKind::kNotFound, "ManagedInstanceNotFound"},
    Row{"SubscriptionNotFound", ErrorKind::kNotFound, "ManagedInstanceNotFound"},
    Row{"SubscriptionDoesNotHaveServer", ErrorKind::kNotFound, "ManagedInstanceNotFound"},
    Row{"ServerNotInSubscriptionResourceGroup", ErrorKind::kNotFound, "ManagedInstanceNotFound"},
    Row{"OperationIdNotFound", ErrorKind::kNotFound, "OperationIdNotFound"},
};

const Row* Find(std::string_view code) {
  const auto* it = std::ranges::find(kRows, code, &Row::code);
  return it == kRows.end() ? nullptr : it;
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
  if (const Row* row = Find(code); row != nullptr) {
    error.kind = row->kind;
    error.reason = row->reason;
  }
  // The same code has two authors: Resource Manager itself means the instance is missing, the
  // provider means only the thing below it.
  if (code == "ResourceNotFound" && response.Header("x-ms-failure-cause") == "gateway") {
    error.reason = "ManagedInstanceNotFound";
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

Error OperationError(const std::string& code, const std::string& message) {
  const Row* row = Find(code);
  Error error{ErrorKind::kInvalid, code.empty() ? "OperationFailed" : code, Shorten(message, 600),
              "operation status " + code};
  if (row != nullptr) {
    error.kind = row->kind;
    error.reason = row->reason;
  }
  return error;
}

}  // namespace milink::azure
