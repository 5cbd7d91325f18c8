#include "core/sql/connection_string.h"

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

// In {..} FreeTDS takes everything up to a brace that a semicolon or the end follows.
bool FitsInBraces(std::string_view text) {
  return text.find("};") == std::string_view::npos && text.find('\0') == std::string_view::npos &&
         ToUtf16(text).has_value();
}

// What this driver cannot do is refused, not done differently.
Status CheckTls(const SqlTarget& target) {
  const auto unsupported = [](std::string message) {
    return Error{ErrorKind::kUnsupported, "TlsUnsupported", std::move(message), ""};
  };
  if (target.tls == TlsMode::kStrict) {
    return unsupported(
        "spec.tls.mode is Strict (TDS 8), which the ODBC driver FreeTDS of this operator cannot "
        "do; set it to Mandatory, which encrypts every connection and verifies the server, too");
  }
  if (!target.server_name.empty() && !EqualsIgnoreCaseAscii(target.server_name, target.host)) {
    return unsupported(
        "spec.tls.serverName is " + Shorten(target.server_name, 60) +
        ", but the ODBC driver FreeTDS of this operator compares the certificate with spec.host, " +
        Shorten(target.host, 60) +
        "; make that name the spec.host (a DNS entry or the pod's hostAliases can lead it to the "
        "server), or use a certificate that carries spec.host");
  }
  return OkStatus();
}

std::string_view EncryptionOf(TlsRecipe recipe, const SqlTarget& target) {
  const bool optional = recipe == TlsRecipe::kIfOffered || target.tls == TlsMode::kOptional;
  return optional ? "request" : "require";
}

}  // namespace

TlsRecipe RecipeOf(const SqlTarget& target) {
  if (target.trust_server_certificate) {
    return target.tls == TlsMode::kMandatory ? TlsRecipe::kUnverified : TlsRecipe::kIfOffered;
  }
  const bool verifies = target.tls == TlsMode::kMandatory || target.ca_pem.has_value();
  return verifies ? TlsRecipe::kVerified : TlsRecipe::kIfOffered;
}

Status CheckTarget(const SqlTarget& target) {
  if (target.host.empty() || target.host.size() > kLongestHost ||
      !std::ranges::all_of(target.host, IsHostCharacter)) {
    return Invalid("AddressNotAllowed",
                   "'" + Shorten(target.host, 60) +
                       "' is not a host name or IP address; give it without port and brackets");
  }
  if (target.user.empty() || target.user.find('\\') != std::string::npos ||
      !FitsInBraces(target.user)) {
    return Invalid("UserNotAllowed",
                   "key 'username' of the credentials Secret must name a SQL Server login: not "
                   "empty, no backslash (Windows logins are not supported), no '};'");
  }
  if (!FitsInBraces(target.password.Reveal())) {
    return Invalid("PasswordNotAllowed",
                   "key 'password' of the credentials Secret holds a password that the ODBC driver "
                   "cannot take: it must be UTF-8 text without NUL and without the characters '};' "
                   "next to each other; change the login's password");
  }
  return CheckTls(target);
}

Secret FreeTdsConnectionString(const std::string& driver, const SqlTarget& target,
                               const std::string& section) {
  std::string text = "DRIVER={" + driver + "};";
  if (section.empty()) {
    text += "Server=" + target.host + "," + std::to_string(target.port) +
            ";Encryption=" + std::string(EncryptionOf(RecipeOf(target), target)) + ";";
  } else {
    text += "Servername=" + section + ";";
  }
  text += "TDS_Version=7.4;Database=master;APP=milink-operator;UID={" + target.user + "};PWD={";
  std::string whole;
  whole.reserve(text.size() + target.password.Reveal().size() + 2);
  whole.append(text).append(target.password.Reveal()).append("};");
  return Secret(std::move(whole));
}

std::string FreeTdsSection(const SqlTarget& target, const std::string& section,
                           const std::string& ca_file) {
  std::string text = "[" + section + "]\n";
  text += "\thost = " + target.host + "\n";
  text += "\tport = " + std::to_string(target.port) + "\n";
  text += "\ttds version = 7.4\n";
  text += "\tencryption = " + std::string(EncryptionOf(RecipeOf(target), target)) + "\n";
  if (!ca_file.empty()) {
    text += "\tca file = " + ca_file + "\n";
    text += "\tcheck certificate hostname = yes\n";
  }
  return text;
}

}  // namespace milink::sql
