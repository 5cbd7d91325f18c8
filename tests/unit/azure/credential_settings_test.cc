#include <map>

#include <gtest/gtest.h>

#include "core/azure/credential.h"

namespace milink::azure {
namespace {

EnvironmentReader Of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) {
    const auto it = variables.find(name);
    return it == variables.end() ? std::nullopt : std::optional(it->second);
  };
}

const std::map<std::string, std::string> kNames{{"AZURE_TENANT_ID", "t"}, {"AZURE_CLIENT_ID", "c"}};

std::map<std::string, std::string> With(std::map<std::string, std::string> more) {
  more.insert(kNames.begin(), kNames.end());
  return more;
}

TEST(CredentialFromEnvironmentTest, TheVariablesTellTheKind) {
  struct Case {
    const char* name;
    std::map<std::string, std::string> variables;
    std::optional<IdentityKind> asked;
    IdentityKind kind;
  };
  const Case cases[] = {
      {"a secret", With({{"AZURE_CLIENT_SECRET", "s"}}), {}, IdentityKind::kClientSecret},
      {"a certificate",
       With({{"AZURE_CLIENT_CERTIFICATE_PATH", "/c.pem"}}),
       {},
       IdentityKind::kClientCertificate},
      {"a federated token",
       With({{"AZURE_FEDERATED_TOKEN_FILE", "/t"}}),
       {},
       IdentityKind::kWorkloadIdentity},
      {"a secret beside what the webhook sets",
       With({{"AZURE_FEDERATED_TOKEN_FILE", "/t"}, {"AZURE_CLIENT_SECRET", "s"}}),
       {},
       IdentityKind::kClientSecret},
      {"what is asked for wins",
       With({{"AZURE_FEDERATED_TOKEN_FILE", "/t"}, {"AZURE_CLIENT_SECRET", "s"}}),
       IdentityKind::kWorkloadIdentity, IdentityKind::kWorkloadIdentity},
      {"a managed identity needs nothing",
       {},
       IdentityKind::kManagedIdentity,
       IdentityKind::kManagedIdentity},
  };
  for (const auto& c : cases) {
    const auto settings = CredentialFromEnvironment(Of(c.variables), c.asked);
    ASSERT_TRUE(settings.ok()) << c.name;
    EXPECT_EQ(settings->kind, c.kind) << c.name;
  }
}

TEST(CredentialFromEnvironmentTest, WhatIsMissingIsNamed) {
  struct Case {
    std::map<std::string, std::string> variables;
    std::optional<IdentityKind> asked;
    const char* named;
  };
  const Case cases[] = {
      {{{"AZURE_CLIENT_ID", "c"}}, {}, "AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE or"},
      {{{"AZURE_TENANT_ID", "t"}}, {}, "AZURE_CLIENT_ID"},
      {With({}), IdentityKind::kClientSecret, ": AZURE_CLIENT_SECRET is"},
      {With({}), IdentityKind::kClientCertificate, ": AZURE_CLIENT_CERTIFICATE_PATH is"},
      {With({}), IdentityKind::kWorkloadIdentity, ": AZURE_FEDERATED_TOKEN_FILE is"},
  };
  for (const auto& c : cases) {
    const auto settings = CredentialFromEnvironment(Of(c.variables), c.asked);
    ASSERT_FALSE(settings.ok()) << c.named;
    EXPECT_EQ(settings.error().reason, "CredentialMissing");
    EXPECT_NE(settings.error().message.find(c.named), std::string::npos)
        << settings.error().message;
  }
}

TEST(DescribeTest, NamesTheIdentityAndNoSecret) {
  CredentialSettings settings{.tenant_id = "t", .client_id = "c", .client_secret = Secret("hush")};
  EXPECT_EQ(Describe(settings), "client c of tenant t (ClientSecret)");
  settings.kind = IdentityKind::kManagedIdentity;
  EXPECT_EQ(Describe(settings), "managed identity c");
  settings.client_id = "";
  EXPECT_EQ(Describe(settings), "the machine's own managed identity");
}

}  // namespace
}  // namespace milink::azure
