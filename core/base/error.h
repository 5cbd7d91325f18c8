// What went wrong, in a form that tells the caller what to do next.
//
// Plain values, no thread rule. Never put a secret into any field: errors end in logs, events and
// conditions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace milink {

// Each kind is an instruction to the caller, not a description of the cause.
enum class ErrorKind {
  kTransient,     // try again later, with backoff
  kThrottled,     // try again after `retry_after`
  kConflict,      // the world changed under us: observe again, then decide again
  kUnauthorized,  // credentials or rights: a person must change something
  kNotFound,      // the thing named does not exist
  kInvalid,       // the input is wrong: a person must change it; do not repeat
  kUnsupported,   // this server, driver or edition cannot do it; do not repeat
  kUnsafe,        // refused to protect data
  kInternal,      // a defect of this program
};

std::string_view ToString(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string reason;   // CamelCase, stable, usable as the reason of a condition or an event
  std::string message;  // for people: what is wrong, where, and what to do
  std::string detail;   // raw text or number of the system that refused, for the log
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;  // set with kThrottled

  bool operator==(const Error&) const = default;
};

// "Reason: message (detail)", for one line of a log.
std::string ToString(const Error& error);

}  // namespace milink
