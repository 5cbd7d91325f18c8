#include "core/azure/permissions.h"

#include <algorithm>
#include <array>
#include <string_view>

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

enum class Basis { kOurRequests, kDocumentation };

struct Right {
  std::string_view action;  // below Microsoft.Sql/
  Feature feature;
  Basis basis = Basis::kOurRequests;
};

// Reads of security groups and subnets are rights on those, which an instance does not show.
constexpr std::array kRights{
    Right{"managedInstances/read", Feature::kObserve},
    Right{"managedInstances/databases/read", Feature::kObserve},
    Right{"managedInstances/distributedAvailabilityGroups/read", Feature::kObserve},
    Right{"managedInstances/endpointCertificates/read", Feature::kObserve},
    Right{"managedInstances/serverTrustCertificates/read", Feature::kObserve},
    Right{"managedInstances/hybridLink/read", Feature::kObserve, Basis::kDocumentation},
    Right{"managedInstances/distributedAvailabilityGroups/write", Feature::kLink},
    Right{"managedInstances/serverTrustCertificates/write", Feature::kLink},
    Right{"managedInstances/serverTrustCertificates/delete", Feature::kLink},
    Right{"managedInstances/write", Feature::kLink, Basis::kDocumentation},
    Right{"managedInstances/hybridCertificate/action", Feature::kLink, Basis::kDocumentation},
    Right{"managedInstances/hybridLink/write", Feature::kLink, Basis::kDocumentation},
    Right{"managedInstances/databases/write", Feature::kLink, Basis::kDocumentation},
    Right{"managedInstances/databases/completeRestore/action", Feature::kLink,
          Basis::kDocumentation},
    Right{"managedInstances/databases/readBackups/action", Feature::kLink, Basis::kDocumentation},
    Right{"managedInstances/databases/restoreDetails/read", Feature::kLink, Basis::kDocumentation},
    Right{"managedInstances/operations/read", Feature::kLink, Basis::kDocumentation},
    // Of the URLs that tell how an operation goes; they carry a signature besides.
    Right{"locations/distributedAvailabilityGroupsAzureAsyncOperation/read", Feature::kLink,
          Basis::kDocumentation},
    Right{"managedInstances/distributedAvailabilityGroups/delete", Feature::kUnlink},
    Right{"managedInstances/hybridLink/delete", Feature::kUnlink, Basis::kDocumentation},
    Right{"managedInstances/databases/delete", Feature::kUnlink, Basis::kDocumentation},
    Right{"managedInstances/distributedAvailabilityGroups/failover/action", Feature::kFailover},
    Right{"managedInstances/distributedAvailabilityGroups/setRole/action", Feature::kFailover},
    Right{"managedInstances/databases/delete", Feature::kDropDatabase},
    Right{"managedInstances/tdeCertificates/action", Feature::kTdeCertificates},
};

}  // namespace

std::string_view ActionToRead(InstancePart part) {
  switch (part) {
    case InstancePart::kLinks:
      return "Microsoft.Sql/managedInstances/distributedAvailabilityGroups/read";
    case InstancePart::kTrustCertificates:
      return "Microsoft.Sql/managedInstances/serverTrustCertificates/read";
    case InstancePart::kEndpointCertificate:
      return "Microsoft.Sql/managedInstances/endpointCertificates/read";
    case InstancePart::kDatabaseNames:
      return "Microsoft.Sql/managedInstances/databases/read";
    case InstancePart::kPermissions:
      break;
  }
  return "Microsoft.Authorization/permissions/read";
}

bool Allows(const std::vector<Permission>& permissions, const std::string& action) {
  return std::ranges::any_of(permissions, [&](const Permission& entry) {
    return AnyMatches(entry.actions, action) && !AnyMatches(entry.not_actions, action);
  });
}

MissingRights FindMissingRights(const std::vector<Permission>& permissions,
                                const std::set<Feature>& features) {
  MissingRights missing;
  for (const Right& right : kRights) {
    const std::string action = "Microsoft.Sql/" + std::string(right.action);
    if (!features.contains(right.feature) || Allows(permissions, action)) {
      continue;
    }
    (right.basis == Basis::kOurRequests ? missing.needed : missing.advised).push_back(action);
  }
  return missing;
}

}  // namespace milink::azure
