#include "core/sql/errors.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace milink::sql {
namespace {

constexpr int kHighestInformation = 10;
constexpr std::size_t kLongestDetail = 2000;

bool IsError(const SqlMessage& message) {
  return message.severity == 0 || message.severity > kHighestInformation;
}

std::string Describe(const SqlMessage& message) {
  return std::to_string(message.number) + ": " + message.text;
}

bool IsWrapper(const SqlMessage& message) {
  const ErrorRule* rule = FindErrorRule(message.number);
  return rule != nullptr && rule->error_class == ErrorClass::kWrapper;
}

// The first error that tells a cause; the first error at all when only wrappers came.
const SqlMessage* Deciding(const std::vector<SqlMessage>& messages) {
  const SqlMessage* first = nullptr;
  for (const auto& message : messages) {
    if (!IsError(message)) {
      continue;
    }
    if (!IsWrapper(message)) {
      return &message;
    }
    if (first == nullptr) {
      first = &message;
    }
  }
  return first;
}

std::string DetailOf(const std::vector<SqlMessage>& messages) {
  std::vector<std::string> parts;
  parts.reserve(messages.size());
  for (const auto& message : messages) {
    parts.push_back(Describe(message));
  }
  return Shorten(Join(parts, "; "), kLongestDetail);
}

}  // namespace

const ErrorRule* FindErrorRule(int number) {
  const auto rules = ErrorRules();
  const auto found = std::ranges::find(rules, number, &ErrorRule::number);
  return found == rules.end() ? nullptr : &*found;
}

Error ErrorOf(const std::vector<SqlMessage>& messages, std::string_view action) {
  const SqlMessage* deciding = Deciding(messages);
  if (deciding == nullptr) {
    return Error{ErrorKind::kInternal, "NoErrorMessage",
                 std::string(action) + " failed and the server gave no error message",
                 DetailOf(messages)};
  }
  const ErrorRule* rule = FindErrorRule(deciding->number);
  const ErrorKind kind = rule == nullptr ? ErrorKind::kTransient : rule->kind;
  const std::string reason(rule == nullptr ? "SqlError" : rule->reason);
  return Error{kind, reason,
               std::string(action) + " was refused by SQL Server: error " +
                   Shorten(Describe(*deciding), 500),
               DetailOf(messages)};
}

ErrorClass ClassOf(const Error& error) {
  const auto rules = ErrorRules();
  const auto found = std::ranges::find(rules, error.reason, &ErrorRule::reason);
  return found == rules.end() ? ErrorClass::kRetry : found->error_class;
}

bool IsLoginRefusal(const Error& error) {
  constexpr std::array<std::string_view, 4> kRefusals = {kLoginFailed, "LoginDisabled",
                                                         "PasswordExpired", "LoginUntrusted"};
  return std::ranges::find(kRefusals, error.reason) != kRefusals.end();
}

}  // namespace milink::sql
