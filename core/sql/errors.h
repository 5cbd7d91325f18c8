// What a SQL Server error number means to the caller. One table; pure, thread-safe.
//
// Texts are localised, so only numbers decide. A failed batch reports the inner cause first and
// wrappers last: the first error that is no wrapper decides, all are kept in `detail`.
// Facts: ERRORS 1-7.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/sql/session.h"

namespace milink::sql {

enum class ErrorClass {
  kOk,        // the desired state is there already: success after observing again
  kInfo,      // not a failure
  kRetry,     // transient
  kWait,      // another operation is in progress
  kObserve,   // what we believed is not so: observe, then decide
  kUnknown,   // the statement may have succeeded: observe before any retry
  kFix,       // a person must change something
  kBug,       // the statement was built wrongly
  kRecreate,  // the object is broken: drop it and create it again
  kConflict,  // an object is in the way that may not be ours
  kWrapper,   // says only that something inside failed
};

struct ErrorRule {
  int number;
  ErrorClass error_class;
  ErrorKind kind;
  std::string_view reason;  // CamelCase; one class per reason
};

std::span<const ErrorRule> ErrorRules();
// Null when the number is not in the table.
const ErrorRule* FindErrorRule(int number);

// The error of a batch, from its messages in the order of arrival. `action` says in words what was
// tried. A number that is not in the table is kTransient "SqlError", with number and text shown.
// REQUIRES: a message above severity 10 (or of unknown severity) among them, else kInternal.
Error ErrorOf(const std::vector<SqlMessage>& messages, std::string_view action);

// The class of an error made by ErrorOf, by its reason; kRetry for reasons of other origin.
ErrorClass ClassOf(const Error& error);

// Did the server refuse the login itself? Repeating it may lock the login.
bool IsLoginRefusal(const Error& error);

inline constexpr std::string_view kOutcomeUnknown = "OutcomeUnknown";
inline constexpr std::string_view kLoginFailed = "LoginFailed";

}  // namespace milink::sql
