#include "operator/azure_identity.h"

#include <utility>

namespace milink::app {

azure::Cloud OwnCloud(const AzureOptions& options, const azure::EnvironmentReader& read) {
  if (const auto known = azure::FindCloud(options.cloud)) {
    return *known;
  }
  const auto authority = read("AZURE_AUTHORITY_HOST");
  const auto known = authority ? azure::FindCloudOfAuthority(*authority) : std::nullopt;
  azure::Cloud cloud = known.value_or(azure::CloudTable().own());
  const bool described = !options.endpoint.empty() || !options.audience.empty() ||
                         !options.instance_dns_pattern.empty() || (authority && !known);
  if (!described) {
    return cloud;
  }
  cloud.name = azure::kCustomCloud;
  cloud.authority = authority.value_or(cloud.authority);
  cloud.endpoint = options.endpoint.empty() ? cloud.endpoint : options.endpoint;
  cloud.audience = options.audience.empty() ? cloud.audience : options.audience;
  if (!options.instance_dns_pattern.empty()) {
    cloud.instance_dns_pattern = options.instance_dns_pattern;
  }
  return cloud;
}

Result<azure::CredentialSettings> OwnIdentity(const AzureOptions& options,
                                              const azure::EnvironmentReader& read) {
  return azure::CredentialFromEnvironment(read, azure::ParseIdentityKind(options.identity));
}

azure::RouterSettings AzureSettings(const AzureOptions& options,
                                    const azure::EnvironmentReader& read,
                                    const std::string& user_agent, const Logger& log) {
  azure::RouterSettings settings{.clouds = azure::CloudTable(OwnCloud(options, read)),
                                 .own = OwnIdentity(options, read),
                                 .offered = azure::ReadCredentialVariables(read),
                                 .user_agent = user_agent};
  if (!settings.own) {
    log.Warning("The operator has no Azure identity", {{"error", settings.own.error().message}});
  }
  return settings;
}

}  // namespace milink::app
