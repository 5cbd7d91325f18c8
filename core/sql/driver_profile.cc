#include "core/sql/driver_profile.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/sql/utf16.h"

namespace milink::sql {
namespace {

// FreeTDS splits longer lines of its configuration; keyword and blanks take the rest.
constexpr std::size_t kLongestHost = 240;

Error Invalid(std::string reason, std::string message) {
  return Error{ErrorKind::kInvalid, std::move(reason), std::move(message), ""};
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_' || c == ':';
}

// A name for the certificate comes from the spec, an address may come from a Secret.
bool IsAddress(std::string_view text) {
  return text.size() <= kLongestHost && std::ranges::all_of(text, IsHostCharacter);
}

bool IsText(std::string_view text) {
  return text.find('\0') == std::string_view::npos && ToUtf16(text).has_value();
}

}  // namespace

Status CheckTarget(const SqlTarget& target) {
  if (target.host.empty() || !IsAddress(target.host)) {
    return Invalid("AddressNotAllowed",
                   "'" + Shorten(target.host, 60) +
                       "' is not a host name or IP address; give it without port and brackets");
  }
  if (!IsAddress(target.server_name)) {
    return Invalid("AddressNotAllowed", "spec.tls.serverName is '" +
                                            Shorten(target.server_name, 60) +
                                            "', which is not a host name or IP address");
  }
  if (target.user.empty() || target.user.find('\\') != std::string::npos || !IsText(target.user)) {
    return UserNotAllowed("not empty, no backslash (Windows logins are not supported)");
  }
  if (!IsText(target.password.Reveal())) {
    return PasswordNotAllowed("it must be UTF-8 text without NUL");
  }
  return OkStatus();
}

Error TlsUnsupported(std::string message) {
  return Error{ErrorKind::kUnsupported, "TlsUnsupported", std::move(message), ""};
}

Error UserNotAllowed(std::string_view but) {
  return Invalid(
      "UserNotAllowed",
      "key 'username' of the credentials Secret must name a SQL Server login: " + std::string(but));
}

Error PasswordNotAllowed(std::string_view but) {
  return Invalid("PasswordNotAllowed",
                 "key 'password' of the credentials Secret holds a password that the ODBC driver "
                 "cannot take: " +
                     std::string(but) + "; change the login's password");
}

Secret JoinSecret(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const auto part : parts) {
    size += part.size();
  }
  std::string whole;
  whole.reserve(size);
  for (const auto part : parts) {
    whole += part;
  }
  return Secret(std::move(whole));
}

}  // namespace milink::sql
