// What an answer of Azure means for the caller: code and class -> kind of error.
//
// Pure, thread-safe. Decides by `code`, never by the text, which may be translated. Unknown codes
// follow the HTTP status. Facts: ARM 8 and the error codes of the 2025-08-01-preview specification.
#pragma once

#include <string>

#include "core/azure/http.h"
#include "core/base/error.h"

namespace milink::azure {

// REQUIRES: response.status >= 400.
Error ToError(const HttpResponse& response);

// Is it Azure's word that the instance, or its resource group, does not exist any more? Every other
// 404 may come from what only hides it: a subscription that belongs to another tenant now, an
// identity that lost sight of it (SubscriptionNotFound), a proxy on the way.
bool SaysInstanceIsGone(const Error& error);

inline constexpr char kManagedInstanceNotFound[] = "ManagedInstanceNotFound";
inline constexpr char kSubscriptionNotFound[] = "SubscriptionNotFound";
inline constexpr char kResourceNotFound[] = "ResourceNotFound";

// The error inside the status of a long operation that failed; the HTTP status was 200.
Error OperationError(const std::string& code, const std::string& message);

// The operation of a DELETE for a link that does not exist ends with this code: it is gone.
inline constexpr char kOperationIdNotFound[] = "OperationIdNotFound";

}  // namespace milink::azure
