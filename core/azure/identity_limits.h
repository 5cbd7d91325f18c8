// Who may use what the operator itself is trusted with in Azure: its own identity, and those which
// anybody in its pod or on its machine could take (workload identity, managed identity). Without
// rules everybody may.
//
// Plain values, no thread rule.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace milink::azure {

// Links of this namespace may use it on resources at or below this id.
struct IdentityRule {
  std::string namespace_name;  // "*": all
  std::string prefix;          // "/subscriptions/.."; empty: all

  bool operator==(const IdentityRule&) const = default;
};

// "team-a=/subscriptions/..", "team-a", "*=/subscriptions/..". Nothing when malformed.
std::optional<IdentityRule> ParseIdentityRule(std::string_view text);

class IdentityLimits {
 public:
  IdentityLimits() = default;
  explicit IdentityLimits(std::vector<IdentityRule> rules) : rules_(std::move(rules)) {}

  // kUnauthorized "IdentityNotAllowed". A prefix ends at a segment: ".../resourceGroups/rg1" is not
  // the beginning of ".../resourceGroups/rg10". Azure compares without regard to case.
  Status Check(const std::string& namespace_name, const std::string& resource_id) const;

 private:
  std::vector<IdentityRule> rules_;
};

}  // namespace milink::azure
