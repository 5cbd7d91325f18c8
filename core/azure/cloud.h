// The clouds of Azure: where one signs in, where Resource Manager is, and what it is called there.
//
// Plain values, no thread rule. Source: Azure/go-autorest autorest/azure/environments.go.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"

namespace milink::azure {

struct Cloud {
  std::string name;       // as spec.managedInstance.cloud has it
  std::string authority;  // with or without the slash at its end, as all three
  std::string endpoint;   // Resource Manager
  std::string audience;   // what tokens for it are asked for
  // Names of managed instances, for which the root authorities are trusted.
  std::string instance_dns_pattern;

  bool operator==(const Cloud&) const = default;
};

inline constexpr char kPublicCloud[] = "AzurePublic";
inline constexpr char kCustomCloud[] = "Custom";  // as the operator's configuration describes it

// AzurePublic, AzureUSGovernment and AzureChina; nothing for any other name.
std::optional<Cloud> FindCloud(std::string_view name);
// The one of those whose sign-in address this is.
std::optional<Cloud> FindCloudOfAuthority(const std::string& authority);

// The clouds that links of one operator may name.
class CloudTable {
 public:
  CloudTable();  // of an operator in AzurePublic
  explicit CloudTable(Cloud own) : own_(std::move(own)) {}

  // Of links that name none.
  const Cloud& own() const { return own_; }
  // `name` may be empty. kInvalid "CloudUnknown": Custom, where the operator's own is none.
  Result<Cloud> Find(const std::string& name) const;

 private:
  Cloud own_;
};

}  // namespace milink::azure
