#include "core/sql/urls.h"

#include <algorithm>

#include "core/base/text.h"

namespace milink::sql {
namespace {

bool IsAddressCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_' || c == ':';
}

Status CheckAddress(std::string_view address) {
  if (!address.empty() && std::ranges::all_of(address, IsAddressCharacter)) {
    return OkStatus();
  }
  return Error{ErrorKind::kInvalid, "AddressNotAllowed",
               "'" + Shorten(address, 60) +
                   "' is neither a host name nor an IP address; give one without port, brackets "
                   "or scheme",
               ""};
}

}  // namespace

Result<std::string> SqlServerListenerUrl(std::string_view address, std::uint16_t port) {
  if (auto checked = CheckAddress(address); !checked.ok()) {
    return checked.error();
  }
  const bool is_ipv6 = address.find(':') != std::string_view::npos;
  const std::string host(address);
  return "TCP://" + (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<std::string> InstanceListenerUrl(std::string_view fqdn, std::string_view short_name) {
  for (const auto name : {fqdn, short_name}) {
    if (auto checked = CheckAddress(name); !checked.ok()) {
      return checked.error();
    }
  }
  return "tcp://" + std::string(fqdn) + ":" + std::to_string(kInstanceMirroringPort) + ";Server=[" +
         std::string(short_name) + "]";
}

bool IsInstanceUrl(std::string_view url) {
  return ToLowerAscii(url).find("server=") != std::string::npos;
}

bool SameUrl(std::string_view a, std::string_view b) {
  return EqualsIgnoreCaseAscii(Trim(a), Trim(b));
}

}  // namespace milink::sql
