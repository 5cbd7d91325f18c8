#include <algorithm>
#include <string_view>

#include "core/azure/managed_instance_api.h"
#include "core/base/text.h"

namespace milink::azure {
namespace {

// '*' matches any run of characters; both sides in lower case.
bool Matches(std::string_view pattern, std::string_view action) {
  std::size_t p = 0;
  std::size_t a = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (a < action.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = a;
    } else if (p < pattern.size() && pattern[p] == action[a]) {
      ++p;
      ++a;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      a = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') {
    ++p;
  }
  return p == pattern.size();
}

bool AnyMatches(const std::vector<std::string>& patterns, const std::string& action) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    return Matches(ToLowerAscii(pattern), ToLowerAscii(action));
  });
}

}  // namespace

const std::vector<std::string>& RequiredActions() {
  static const std::vector<std::string> kActions{
      "Microsoft.Sql/managedInstances/read",
      "Microsoft.Sql/managedInstances/databases/read",
      "Microsoft.Sql/managedInstances/distributedAvailabilityGroups/read",
      "Microsoft.Sql/managedInstances/distributedAvailabilityGroups/write",
      "Microsoft.Sql/managedInstances/distributedAvailabilityGroups/delete",
      "Microsoft.Sql/managedInstances/endpointCertificates/read",
      "Microsoft.Sql/managedInstances/serverTrustCertificates/read",
      "Microsoft.Sql/managedInstances/serverTrustCertificates/write",
      "Microsoft.Sql/managedInstances/serverTrustCertificates/delete",
  };
  return kActions;
}

std::vector<std::string> MissingActions(const std::vector<Permission>& permissions,
                                        const std::vector<std::string>& actions) {
  std::vector<std::string> missing;
  for (const auto& action : actions) {
    const bool allowed = std::ranges::any_of(permissions, [&](const Permission& entry) {
      return AnyMatches(entry.actions, action) && !AnyMatches(entry.not_actions, action);
    });
    if (!allowed) {
      missing.push_back(action);
    }
  }
  return missing;
}

}  // namespace milink::azure
