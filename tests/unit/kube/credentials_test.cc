#include "core/kube/credentials.h"

#include "tests/fakes/fake_clock.h"
#include "tests/unit/kube/await_identity.h"
#include "tests/unit/kube/temp_folder.h"

namespace milink::kube {
namespace {

class CredentialsTest : public testing::Test {
 protected:
  std::unique_ptr<CredentialSource> Make() {
    auto made = MakeCredentialSource(access_, clock_, Logger());
    EXPECT_TRUE(made.ok());
    return *std::move(made);
  }
  ClusterAccess access_;
  fakes::FakeClock clock_;
  TempFolder folder_;
};

TEST_F(CredentialsTest, NobodyHasNothing) {
  const auto identity = AwaitIdentity(*Make());
  ASSERT_TRUE(identity.ok());
  EXPECT_TRUE((*identity)->token.empty());
  EXPECT_TRUE((*identity)->certificate_pem.empty());
}

TEST_F(CredentialsTest, TheSameIdentityIsSharedWhileNothingChanges) {
  access_.token = Secret("t");
  const auto source = Make();
  const auto first = *AwaitIdentity(*source);
  clock_.Step(std::chrono::hours(1));
  EXPECT_EQ(*AwaitIdentity(*source), first);
}

TEST_F(CredentialsTest, K13CertificateAndKeyAreReadAgain) {
  access_.client_certificate_pem = "c1";
  access_.client_key_pem = Secret("k1");
  access_.client_certificate_file = folder_.Write("c", "c2");
  access_.client_key_file = folder_.Write("k", "k2");
  const auto source = Make();
  EXPECT_EQ((*AwaitIdentity(*source))->certificate_pem, "c1");
  clock_.Step(std::chrono::minutes(1));
  const auto identity = *AwaitIdentity(*source);
  EXPECT_EQ(identity->certificate_pem, "c2");
  EXPECT_EQ(identity->key_pem.Reveal(), "k2");
}

TEST_F(CredentialsTest, K13ARefusedTokenIsReadAgain) {
  access_.token_file = folder_.Write("token", "one");
  const auto source = Make();
  EXPECT_EQ((*AwaitIdentity(*source))->token.Reveal(), "one");
  folder_.Write("token", "two");
  source->Refused(clock_.Monotonic());
  EXPECT_EQ((*AwaitIdentity(*source))->token.Reveal(), "two");
}

TEST_F(CredentialsTest, APluginIsAskedOnlyWithoutAToken) {
  access_.plugin.emplace();
  access_.plugin->command = "/nonexistent/login";
  access_.plugin->api_version = "client.authentication.k8s.io/v1";
  EXPECT_EQ(AwaitIdentity(*Make()).error().reason, "ProgramMissing");
  access_.token = Secret("t");
  EXPECT_EQ((*AwaitIdentity(*Make()))->token.Reveal(), "t");
}

TEST_F(CredentialsTest, K13AProgramThatPrintsATokenIsEnough) {
  access_.plugin.emplace();
  access_.plugin->command = folder_.Write(
      "login",
      "#!/bin/sh\n"
      "case $KUBERNETES_EXEC_INFO in *'\"interactive\":false'*) ;; *) exit 9;; esac\n"
      "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",'\n"
      "echo '\"status\":{\"token\":\"printed\"}}'\n");
  std::filesystem::permissions(access_.plugin->command, std::filesystem::perms::owner_all);
  access_.plugin->api_version = "client.authentication.k8s.io/v1";
  access_.plugin->interaction = PluginInteraction::kNever;
  const auto identity = AwaitIdentity(*Make());
  ASSERT_TRUE(identity.ok()) << ToString(identity.error());
  EXPECT_EQ((*identity)->token.Reveal(), "printed");
}

}  // namespace
}  // namespace milink::kube
