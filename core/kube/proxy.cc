#include "core/kube/proxy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include <arpa/inet.h>

#include "core/base/text.h"
#include "core/kube/base64.h"

namespace milink::kube {
namespace {

// The bytes of an IPv4 or IPv6 address. An IPv4 address mapped into IPv6 is that address.
struct IpAddress {
  std::array<unsigned char, 16> bytes{};
  std::size_t size = 0;
};

std::optional<IpAddress> ParseIp(const std::string& text) {
  IpAddress ip;
  if (::inet_pton(AF_INET, text.c_str(), ip.bytes.data()) == 1) {
    ip.size = 4;
    return ip;
  }
  if (::inet_pton(AF_INET6, text.c_str(), ip.bytes.data()) != 1) {
    return std::nullopt;
  }
  ip.size = 16;
  const bool mapped = std::all_of(ip.bytes.begin(), ip.bytes.begin() + 10,
                                  [](unsigned char byte) { return byte == 0; }) &&
                      ip.bytes[10] == 0xFF && ip.bytes[11] == 0xFF;
  if (mapped) {
    std::copy(ip.bytes.begin() + 12, ip.bytes.end(), ip.bytes.begin());
    ip.size = 4;
  }
  return ip;
}

bool SameAddress(const IpAddress& a, const IpAddress& b, std::size_t bits) {
  if (a.size != b.size || bits > a.size * 8) {
    return false;
  }
  for (std::size_t bit = 0; bit < bits; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if ((a.bytes.at(bit / 8) & mask) != (b.bytes.at(bit / 8) & mask)) {
      return false;
    }
  }
  return true;
}

std::optional<std::size_t> ParseNumber(std::string_view text) {
  std::size_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = problem == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

struct HostPort {
  std::string host;  // IPv6 without brackets
  std::string port;  // empty: none was given
};

// "host", "host:port", "[::1]:port", "::1".
HostPort SplitPort(const std::string& text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string::npos) {
      return {text, ""};
    }
    const bool has_port = end + 1 < text.size() && text[end + 1] == ':';
    return {text.substr(1, end - 1), has_port ? text.substr(end + 2) : ""};
  }
  const auto colon = text.find(':');
  if (colon == std::string::npos || text.find(':', colon + 1) != std::string::npos) {
    return {text, ""};
  }
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool MatchesNetwork(const std::string& entry, const std::optional<IpAddress>& ip) {
  const auto slash = entry.find('/');
  const auto network = ParseIp(entry.substr(0, slash));
  const auto bits = ParseNumber(std::string_view(entry).substr(slash + 1));
  return ip && network && bits && SameAddress(*network, *ip, *bits);
}

bool MatchesName(std::string name, const std::string& host) {
  if (name.starts_with("*.")) {
    name.erase(0, 1);
  }
  if (name.starts_with('.')) {
    return host.ends_with(name);
  }
  return host == name || host.ends_with("." + name);
}

bool MatchesEntry(const std::string& entry, const std::string& host,
                  const std::optional<IpAddress>& ip, const std::string& port) {
  if (entry.find('/') != std::string::npos) {
    return MatchesNetwork(entry, ip);
  }
  const HostPort wanted = SplitPort(entry);
  if (wanted.host.empty() || (!wanted.port.empty() && wanted.port != port)) {
    return false;
  }
  if (const auto address = ParseIp(wanted.host)) {
    return ip && SameAddress(*address, *ip, address->size * 8);
  }
  return !ip && MatchesName(wanted.host, host);
}

bool IsThisMachine(const std::string& host) {
  const auto ip = ParseIp(host);
  const IpAddress loopback{{127}, 4};
  IpAddress loopback6{{}, 16};
  loopback6.bytes[15] = 1;
  return host == "localhost" ||
         (ip && (SameAddress(*ip, loopback, 8) || SameAddress(*ip, loopback6, 128)));
}

Error BadProxy() {
  return {ErrorKind::kInvalid, "ProxyInvalid",
          "the address of the proxy must be http://[user:password@]host[:port]"};
}

// Undoes the percent-encoding of user and password.
std::optional<std::string> Unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto byte = i + 2 < text.size() ? FromHex(text.substr(i + 1, 2)) : std::nullopt;
    if (!byte) {
      return std::nullopt;
    }
    out += *byte;
    i += 2;
  }
  return out;
}

std::optional<Secret> BasicAuthorization(std::string_view user_info) {
  auto plain = Unescape(user_info);
  if (!plain) {
    return std::nullopt;
  }
  if (plain->find(':') == std::string::npos) {
    *plain += ':';
  }
  Secret authorization("Basic " + EncodeBase64(*plain));
  WipeMemory(*plain);
  return authorization;
}

std::optional<std::string> FirstSet(
    const std::function<std::optional<std::string>(const std::string& name)>& variable,
    const char* upper, const char* lower) {
  auto value = variable(upper);
  return value && !value->empty() ? value : variable(lower);
}

}  // namespace

Result<ProxyAddress> ParseProxyUrl(std::string_view url) {
  std::string_view rest = Trim(url);
  ProxyAddress proxy;
  proxy.url = Secret(std::string(rest));
  if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
    const std::string name = ToLowerAscii(rest.substr(0, scheme));
    if (name == "https" || name == "socks5" || name == "socks5h") {
      return Error{ErrorKind::kUnsupported, "ProxyUnsupported",
                   "proxies of the kind " + name + " are not supported; use an http:// proxy"};
    }
    if (name != "http") {
      return BadProxy();
    }
    rest.remove_prefix(scheme + 3);
  }
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    auto authorization = BasicAuthorization(rest.substr(0, at));
    if (!authorization) {
      return BadProxy();
    }
    proxy.authorization = *std::move(authorization);
    rest.remove_prefix(at + 1);
  }
  HostPort address = SplitPort(std::string(rest));
  const auto port = address.port.empty() ? 80 : ParseNumber(address.port).value_or(0);
  if (address.host.empty() || address.host.find_first_of("[] ") != std::string::npos || port == 0 ||
      port > 65535) {
    return BadProxy();
  }
  proxy.host = std::move(address.host);
  proxy.port = std::to_string(port);
  return proxy;
}

bool IsExempt(const std::string& no_proxy, const std::string& host, const std::string& port) {
  const std::string name = ToLowerAscii(host);
  const auto ip = ParseIp(name);
  const auto entries = Split(no_proxy, ',');
  return std::ranges::any_of(entries, [&](const std::string& text) {
    const std::string entry = ToLowerAscii(Trim(text));
    return entry == "*" || MatchesEntry(entry, name, ip, port);
  });
}

Result<std::optional<ProxyAddress>> ProxyFromEnvironment(
    const std::function<std::optional<std::string>(const std::string& name)>& variable,
    const ServerAddress& server) {
  const auto url = FirstSet(variable, "HTTPS_PROXY", "https_proxy");
  const std::string exempt = FirstSet(variable, "NO_PROXY", "no_proxy").value_or("");
  if (!url || url->empty() || IsThisMachine(server.host) ||
      IsExempt(exempt, server.host, server.port)) {
    return std::optional<ProxyAddress>();
  }
  auto proxy = ParseProxyUrl(*url);
  if (!proxy.ok()) {
    return std::move(proxy).error();
  }
  return std::optional<ProxyAddress>(*std::move(proxy));
}

}  // namespace milink::kube
