#include "core/azure/http.h"

#include <charconv>
#include <ctime>

#include "core/base/text.h"

namespace milink::azure {

std::optional<std::string> HttpResponse::Header(const std::string& name) const {
  const auto it = headers.find(name);
  return it == headers.end() ? std::nullopt : std::optional(it->second);
}

std::optional<std::chrono::seconds> HttpResponse::RetryAfter() const {
  const std::string text = Header("retry-after").value_or("");
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return error == std::errc{} && seconds >= 0 ? std::optional(std::chrono::seconds(seconds))
                                              : std::nullopt;
}

std::optional<TimePoint> HttpResponse::Date() const {
  const std::string text = Header("date").value_or("");
  std::tm parts{};
  const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  const bool whole = end != nullptr && *end == '\0';
  return whole ? std::optional(std::chrono::system_clock::from_time_t(timegm(&parts)))
               : std::nullopt;
}

std::optional<UrlParts> SplitUrl(const std::string& url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string::npos) {
    return std::nullopt;
  }
  const std::string scheme = ToLowerAscii(url.substr(0, scheme_end));
  if (scheme != "https" && scheme != "http") {
    return std::nullopt;
  }
  const auto host_start = scheme_end + 3;
  const auto target_start = url.find_first_of("/?#", host_start);
  std::string authority = ToLowerAscii(url.substr(
      host_start, target_start == std::string::npos ? target_start : target_start - host_start));
  // Credentials in a URL would send the token somewhere else than the eye expects.
  if (authority.empty() || authority.find('@') != std::string::npos) {
    return std::nullopt;
  }
  const auto bracket = authority.rfind(']');
  const auto colon = authority.rfind(':');
  const bool has_port =
      colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
  const std::string host = has_port ? authority.substr(0, colon) : authority;
  if (!has_port) {
    authority += scheme == "https" ? ":443" : ":80";
  }
  UrlParts parts;
  parts.origin = scheme + "://" + authority;
  parts.host = host;
  parts.target = target_start == std::string::npos ? "/" : url.substr(target_start);
  if (parts.target.front() != '/') {
    parts.target.insert(parts.target.begin(), '/');
  }
  return parts;
}

std::string UrlEncode(std::string_view text) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += "%" + ToHex(std::string_view(&c, 1));
    }
  }
  return out;
}

}  // namespace milink::azure
