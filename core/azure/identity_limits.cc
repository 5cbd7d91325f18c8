#include "core/azure/identity_limits.h"

#include <algorithm>

#include "core/base/text.h"

namespace milink::azure {
namespace {

bool IsName(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

bool Covers(std::string_view prefix, const std::string& resource_id) {
  while (prefix.ends_with('/')) {
    prefix.remove_suffix(1);
  }
  if (resource_id.size() < prefix.size() ||
      !EqualsIgnoreCaseAscii(std::string_view(resource_id).substr(0, prefix.size()), prefix)) {
    return false;
  }
  return resource_id.size() == prefix.size() || resource_id[prefix.size()] == '/';
}

}  // namespace

std::optional<IdentityRule> ParseIdentityRule(std::string_view text) {
  const auto equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const std::string_view prefix =
      equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1);
  const bool whole = equals == std::string_view::npos ||
                     ToLowerAscii(prefix.substr(0, prefix.find('/', 1))) == "/subscriptions";
  if ((name != "*" && !IsName(name)) || !whole) {
    return std::nullopt;
  }
  return IdentityRule{std::string(name), std::string(prefix)};
}

Status IdentityLimits::Check(const std::string& namespace_name,
                             const std::string& resource_id) const {
  const bool allowed =
      rules_.empty() || std::ranges::any_of(rules_, [&](const IdentityRule& rule) {
        return (rule.namespace_name == "*" || rule.namespace_name == namespace_name) &&
               Covers(rule.prefix, resource_id);
      });
  if (allowed) {
    return OkStatus();
  }
  return Error{ErrorKind::kUnauthorized, "IdentityNotAllowed",
               "the operator's configuration (--azure-identity-limits) does not let links of "
               "namespace " +
                   namespace_name + " use its Azure identity on " + resource_id +
                   "; ask its administrator, or give spec.managedInstance.credentials a client "
                   "secret or certificate",
               ""};
}

}  // namespace milink::azure
