#include "core/kube/resource_path.h"

#include <algorithm>

#include "core/base/text.h"

namespace milink::kube {
namespace {

constexpr std::string_view kScheme = "https://";

Error BadUrl(std::string_view url) {
  return {ErrorKind::kInvalid, "ServerUrlInvalid",
          "the server's address must be https://host[:port], not " + std::string(url)};
}

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool IsPort(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// A name is escaped, but these would be read as something else even so.
bool IsSafeSegment(std::string_view text) {
  return text != "." && text != ".." && text.find_first_of("/%") == std::string_view::npos;
}

}  // namespace

Result<ServerAddress> ParseServerUrl(std::string_view url) {
  if (!url.starts_with(kScheme)) {
    return BadUrl(url);
  }
  std::string_view rest = url.substr(kScheme.size());
  ServerAddress address;
  if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
    address.path_prefix = rest.substr(slash);
    rest = rest.substr(0, slash);
  }
  while (address.path_prefix.ends_with('/')) {
    address.path_prefix.pop_back();
  }
  std::string_view port = "443";
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) {
      return BadUrl(url);
    }
    address.host = rest.substr(1, end - 1);
    rest = rest.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') {
      return BadUrl(url);
    }
    port = rest.empty() ? port : rest.substr(1);
  } else {
    const auto colon = rest.find(':');
    address.host = rest.substr(0, colon);
    port = colon == std::string_view::npos ? port : rest.substr(colon + 1);
  }
  if (address.host.empty() || !IsPort(port) ||
      url.find_first_of("?#@ ") != std::string_view::npos) {
    return BadUrl(url);
  }
  address.port = port;
  return address;
}

std::string HostHeader(const ServerAddress& address) {
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + address.host + "]" : address.host) + ":" + address.port;
}

Result<std::string> ResourcePath(const ResourceType& type, const std::string& namespace_name,
                                 const std::string& name, const std::string& subresource) {
  for (const std::string& part : {namespace_name, name}) {
    if (!IsSafeSegment(part)) {
      return Error{ErrorKind::kInvalid, "NameInvalid",
                   "\"" + Shorten(part, 100) + "\" cannot be the name of a Kubernetes object"};
    }
  }
  std::string path = type.group.empty() ? "/api/" : "/apis/" + type.group + "/";
  path += type.version;
  if (!namespace_name.empty()) {
    path += "/namespaces/" + EscapeQuery(namespace_name);
  }
  path += "/" + type.plural;
  if (!name.empty()) {
    path += "/" + EscapeQuery(name);
  }
  if (!subresource.empty()) {
    path += "/" + subresource;
  }
  return path;
}

std::string EscapeQuery(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
    } else {
      out += "%" + ToHex(std::string_view(&c, 1));
    }
  }
  return out;
}

}  // namespace milink::kube
