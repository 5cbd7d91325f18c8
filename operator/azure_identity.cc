#include "operator/azure_identity.h"

#include <utility>

#include "core/kube/files.h"

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

Result<std::vector<pki::RootAuthority>> TrustedRoots(const std::string& file) {
  auto roots = pki::RootAuthorities();
  if (file.empty()) {
    return roots;
  }
  const auto text = kube::ReadFile(file);
  if (!text) {
    return text.error();
  }
  auto more = pki::ReadRootAuthorities(*text, roots);
  if (!more) {
    Error error = std::move(more).error();
    error.message = file + ": " + error.message;
    return error;
  }
  roots.insert(roots.end(), more->begin(), more->end());
  return roots;
}

}  // namespace milink::app
