#include "core/kube/request_headers.h"

#include <algorithm>
#include <string_view>

#include "core/base/text.h"

namespace milink::kube {
namespace {

bool IsTokenCharacter(char c) {
  const bool alphanumeric =
      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  // All that RFC 9110 5.6.2 allows but "%", which begins an escape.
  return alphanumeric || std::string_view("!#$&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string EscapeKey(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (IsTokenCharacter(c)) {
      out += c;
    } else {
      out += "%" + ToHex(std::string_view(&c, 1));
    }
  }
  return out;
}

bool IsOneLine(const std::pair<std::string, std::string>& header) {
  return header.second.find_first_of("\r\n") == std::string::npos;
}

}  // namespace

Result<HeaderList> FixedHeaders(const std::string& user_agent, const Impersonation& impersonate) {
  const bool has_details =
      !impersonate.uid.empty() || !impersonate.groups.empty() || !impersonate.extra.empty();
  if (impersonate.user.empty() && has_details) {
    return Error{ErrorKind::kInvalid, "ImpersonationInvalid",
                 R"("as-uid", "as-groups" and "as-user-extra" need "as")"};
  }
  HeaderList headers{{"User-Agent", user_agent}};
  if (!impersonate.user.empty()) {
    headers.emplace_back("Impersonate-User", impersonate.user);
  }
  if (!impersonate.uid.empty()) {
    headers.emplace_back("Impersonate-Uid", impersonate.uid);
  }
  for (const std::string& group : impersonate.groups) {
    headers.emplace_back("Impersonate-Group", group);
  }
  for (const auto& [key, values] : impersonate.extra) {
    for (const std::string& value : values) {
      headers.emplace_back("Impersonate-Extra-" + EscapeKey(key), value);
    }
  }
  if (!std::ranges::all_of(headers, IsOneLine)) {
    return Error{ErrorKind::kInvalid, "ImpersonationInvalid",
                 "a name to impersonate must not have line ends"};
  }
  return headers;
}

}  // namespace milink::kube
