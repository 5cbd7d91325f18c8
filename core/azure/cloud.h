// The clouds of Azure: where one signs in, where Resource Manager is, and what it is called there.
//
// Plain values, no thread rule. Source: Azure/go-autorest autorest/azure/environments.go.
#pragma once

#include <optional>
#include <string>
#include <string_view>

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

}  // namespace milink::azure
