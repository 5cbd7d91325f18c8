#include "core/azure/cloud.h"

#include <algorithm>
#include <array>

#include "core/azure/http.h"

namespace milink::azure {
namespace {

struct CloudRow {
  std::string_view name;
  std::string_view authority;
  std::string_view endpoint;
  std::string_view instance_dns_pattern;
};

constexpr std::array kCloudRows{
    CloudRow{kPublicCloud, "https://login.microsoftonline.com/", "https://management.azure.com/",
             "*.database.windows.net"},
    CloudRow{"AzureUSGovernment", "https://login.microsoftonline.us/",
             "https://management.usgovcloudapi.net/", "*.database.usgovcloudapi.net"},
    CloudRow{"AzureChina", "https://login.chinacloudapi.cn/",
             "https://management.chinacloudapi.cn/", "*.database.chinacloudapi.cn"},
};

Cloud ToCloud(const CloudRow& row) {
  return {std::string(row.name), std::string(row.authority), std::string(row.endpoint),
          std::string(row.endpoint), std::string(row.instance_dns_pattern)};
}

}  // namespace

std::optional<Cloud> FindCloud(std::string_view name) {
  const auto* row = std::ranges::find(kCloudRows, name, &CloudRow::name);
  return row == kCloudRows.end() ? std::nullopt : std::optional(ToCloud(*row));
}

std::optional<Cloud> FindCloudOfAuthority(const std::string& authority) {
  const auto wanted = SplitUrl(authority);
  const auto* row = std::ranges::find_if(kCloudRows, [&](const CloudRow& known) {
    return wanted && SplitUrl(std::string(known.authority))->origin == wanted->origin;
  });
  return row == kCloudRows.end() ? std::nullopt : std::optional(ToCloud(*row));
}

CloudTable::CloudTable() : own_(ToCloud(kCloudRows.front())) {}

Result<Cloud> CloudTable::Find(const std::string& name) const {
  if (name.empty() || name == own_.name) {
    return own_;
  }
  auto known = FindCloud(name);
  if (!known) {
    return Error{ErrorKind::kInvalid, "CloudUnknown",
                 "the operator's configuration describes no cloud " + name +
                     "; its administrator can with --azure-endpoint and AZURE_AUTHORITY_HOST",
                 ""};
  }
  return *std::move(known);
}

}  // namespace milink::azure
