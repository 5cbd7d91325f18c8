#include "core/base/error.h"

namespace milink {

std::string_view ToString(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kTransient:
      return "Transient";
    case ErrorKind::kThrottled:
      return "Throttled";
    case ErrorKind::kConflict:
      return "Conflict";
    case ErrorKind::kUnauthorized:
      return "Unauthorized";
    case ErrorKind::kNotFound:
      return "NotFound";
    case ErrorKind::kInvalid:
      return "Invalid";
    case ErrorKind::kUnsupported:
      return "Unsupported";
    case ErrorKind::kUnsafe:
      return "Unsafe";
    case ErrorKind::kInternal:
      return "Internal";
  }
  return "Internal";
}

std::string ToString(const Error& error) {
  std::string text = error.reason.empty() ? std::string(ToString(error.kind)) : error.reason;
  text += ": " + error.message;
  if (!error.detail.empty()) {
    text += " (" + error.detail + ")";
  }
  return text;
}

}  // namespace milink
