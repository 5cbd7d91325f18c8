// The rights that a link needs on its managed instance, by what it does there.
//
// Pure, thread-safe. Source: the table of rights for a custom role in "Prepare your environment for
// a link" of the Azure SQL documentation, and the requests that this module sends.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/azure/models.h"

namespace milink::azure {

enum class Feature {
  kObserve,          // always
  kLink,             // making links and trust, and renewing certificates
  kUnlink,           // removing links
  kFailover,         // asking the instance for a change of roles
  kDropDatabase,     // removing the database that a link has left on the instance
  kTdeCertificates,  // uploading certificates of encrypted databases
};

struct MissingRights {
  // Requests of ours would be refused.
  std::vector<std::string> needed;
  // The documentation names them for the feature, and no request of ours asks for them: the service
  // may, on its own account.
  std::vector<std::string> advised;

  bool operator==(const MissingRights&) const = default;
};

// What `permissions` do not allow of that which the features take, each action as ARM writes it.
MissingRights FindMissingRights(const std::vector<Permission>& permissions,
                                const std::set<Feature>& features);

// The right that reading this part takes, as ARM writes it.
std::string_view ActionToRead(InstancePart part);

// The one that asking for a long operation takes, at the address that Azure gave for it.
inline constexpr char kActionToPoll[] = "Microsoft.Sql/locations/*/read";

// An action is allowed when some entry's `actions` match it and that same entry's `not_actions` do
// not; '*' matches any run of characters, without regard to case.
bool Allows(const std::vector<Permission>& permissions, const std::string& action);

}  // namespace milink::azure
