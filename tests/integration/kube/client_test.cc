#include "core/kube/client.h"

#include <fstream>

#include <gmock/gmock.h>
#include <stdlib.h>

#include "core/kube/api_status.h"
#include "core/kube/kubeconfig.h"
#include "core/kube/list_page.h"
#include "core/kube/watch_decoder.h"
#include "tests/integration/kube/kube_test.h"

namespace milink::kube {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST_F(KubeTest, CreateReadChangeDelete) {
  const json made = CreateWidget("a", 1);
  EXPECT_EQ(client_->Create(kWidgets, namespace_, Widget("a")).error().reason, "AlreadyExists");
  const auto patched = client_->MergePatch(kWidgets, Key("a"), {{"spec", {{"size", 2}}}});
  EXPECT_EQ(patched->at("metadata").at("generation"), 2);
  EXPECT_EQ(client_->Get(kWidgets, Key("a"))->at("spec").at("size"), 2);

  EXPECT_EQ(client_->Delete(kWidgets, Key("a"), "another-uid").error().kind, ErrorKind::kConflict);
  EXPECT_TRUE(client_->Delete(kWidgets, Key("a"), made.at("metadata").at("uid")).ok());
  EXPECT_TRUE(client_->Delete(kWidgets, Key("a"), "").ok()) << "absent is success";
  EXPECT_EQ(client_->Get(kWidgets, Key("a")).error().kind, ErrorKind::kNotFound);
}

TEST_F(KubeTest, AnInvalidObjectIsRefusedWithTheField) {
  const auto refused = client_->Create(kWidgets, namespace_, Widget("a", 1000));
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalid);
  EXPECT_THAT(refused.error().message, HasSubstr("spec.size"));
}

TEST_F(KubeTest, AppliedStatusRemovesWhatIsLeftOutAndKeepsTheJournal) {
  const json made = CreateWidget("a");
  const auto journal = client_->MergeStatus(kWidgets, Key("a"), "journal", ResourceVersionOf(made),
                                            {{"owned", "yes"}});
  ASSERT_TRUE(journal.ok()) << ToString(journal.error());
  ASSERT_TRUE(
      client_->ApplyStatus(kWidgets, {.key = Key("a")}, "milink", {{"x", 1}, {"y", 2}}).ok());
  const auto applied = client_->ApplyStatus(kWidgets, {.key = Key("a")}, "milink", {{"y", 3}});
  ASSERT_TRUE(applied.ok()) << ToString(applied.error());
  EXPECT_EQ(applied->at("status"), (json{{"owned", "yes"}, {"y", 3}}));
}

TEST_F(KubeTest, AppliedStatusThatChangesNothingKeepsTheVersion) {
  CreateWidget("a");
  const auto first = client_->ApplyStatus(kWidgets, {.key = Key("a")}, "milink", {{"x", 1}});
  const auto second = client_->ApplyStatus(kWidgets, {.key = Key("a")}, "milink", {{"x", 1}});
  EXPECT_EQ(ResourceVersionOf(*first), ResourceVersionOf(*second));
}

TEST_F(KubeTest, K17AStatusOfAnObjectThatWasReplacedOrChangedConflicts) {
  const auto before = ParseObjectMeta(CreateWidget("a"));
  ASSERT_TRUE(client_->Delete(kWidgets, Key("a"), before->uid).ok());
  const json made = CreateWidget("a");
  const auto now = ParseObjectMeta(made);
  const auto refused = client_->ApplyStatus(kWidgets, *before, "milink", {{"x", 1}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(refused.error().reason, "Conflict") << ToString(refused.error());
  EXPECT_EQ(*client_->Get(kWidgets, Key("a")), made) << "nothing was written";
  const auto applied = client_->ApplyStatus(kWidgets, *now, "milink", {{"x", 1}});
  ASSERT_TRUE(applied.ok()) << ToString(applied.error());
  EXPECT_EQ(client_->ApplyStatus(kWidgets, *now, "milink", {{"x", 2}}).error().reason, "Conflict");
}

// Why the version is compared: a uid is not.
TEST_F(KubeTest, K17TheServerIgnoresAUidInAnAppliedStatus) {
  CreateWidget("a");
  const json object{{"apiVersion", "test.milink.dev/v1"},
                    {"kind", "Widget"},
                    {"metadata", {{"name", "a"}, {"uid", "11111111-2222-3333-4444-555555555555"}}},
                    {"status", {{"x", 1}}}};
  const auto applied =
      env_->Kubectl({"-n", namespace_, "apply", "--server-side", "--subresource=status", "-f", "-"},
                    object.dump());
  EXPECT_TRUE(applied.ok()) << applied.err;
}

TEST_F(KubeTest, MergeStatusAtAnOldVersionConflicts) {
  const json made = CreateWidget("a");
  ASSERT_TRUE(client_->MergePatch(kWidgets, Key("a"), {{"spec", {{"size", 2}}}}).ok());
  const auto refused = client_->MergeStatus(kWidgets, Key("a"), "journal", ResourceVersionOf(made),
                                            {{"owned", "yes"}});
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(refused.error().reason, "Conflict");
}

TEST_F(KubeTest, FinalizersHoldADeletedObject) {
  const auto meta = ParseObjectMeta(CreateWidget("a"));
  const auto held = client_->SetFinalizers(kWidgets, *meta, {"test.milink.dev/hold"});
  ASSERT_TRUE(held.ok()) << ToString(held.error());
  EXPECT_EQ(client_->SetFinalizers(kWidgets, *meta, {}).error().kind, ErrorKind::kConflict);

  ASSERT_TRUE(client_->Delete(kWidgets, Key("a"), meta->uid).ok());
  const auto deleting = ParseObjectMeta(*client_->Get(kWidgets, Key("a")));
  EXPECT_TRUE(deleting->deletion_time.has_value());
  EXPECT_TRUE(client_->SetFinalizers(kWidgets, *deleting, {}).ok());
  EXPECT_EQ(client_->Get(kWidgets, Key("a")).error().kind, ErrorKind::kNotFound);
}

TEST_F(KubeTest, ListsComeInPages) {
  for (int i = 0; i < 5; ++i) {
    CreateWidget("w" + std::to_string(i));
  }
  ListQuery query;
  query.namespace_name = namespace_;
  query.limit = 2;
  std::vector<nlohmann::json> items;
  const auto page = client_->List(kWidgets, query, items);
  ASSERT_TRUE(page.ok()) << ToString(page.error());
  EXPECT_EQ(items.size(), 2U);
  EXPECT_FALSE(page->continue_token.empty());
  EXPECT_EQ(items[0].at("kind"), "Widget");
  EXPECT_EQ(client_->ListAll(kWidgets, query)->size(), 5U);
}

TEST_F(KubeTest, SecretsAndConfigMapsAreDecoded) {
  ASSERT_TRUE(env_->Kubectl({"-n", namespace_, "create", "secret", "generic", "s",
                             "--from-literal=password=p\xC3\xA4ss"})
                  .ok());
  ASSERT_TRUE(
      env_->Kubectl({"-n", namespace_, "create", "configmap", "c", "--from-literal=k=v"}).ok());
  const auto secret = client_->GetSecret(Key("s"));
  ASSERT_TRUE(secret.ok()) << ToString(secret.error());
  EXPECT_EQ(secret->at("password").Reveal(), "p\xC3\xA4ss");
  EXPECT_EQ(client_->GetConfigMap(Key("c"))->at("k"), "v");
  EXPECT_EQ(client_->GetSecret(Key("none")).error().kind, ErrorKind::kNotFound);
}

// As a pod would: token and CA from files, the server by its address.
TEST_F(KubeTest, AServiceAccountMayDoWhatItsRoleSays) {
  ASSERT_TRUE(env_->Kubectl({"-n", namespace_, "create", "serviceaccount", "reader"}).ok());
  ASSERT_TRUE(env_->Kubectl({"-n", namespace_, "create", "role", "read", "--verb=get",
                             "--resource=configmaps"})
                  .ok());
  ASSERT_TRUE(env_->Kubectl({"-n", namespace_, "create", "rolebinding", "read", "--role=read",
                             "--serviceaccount=" + namespace_ + ":reader"})
                  .ok());
  const auto kubeconfig = env_->ServiceAccountKubeconfig(namespace_, "reader");
  ASSERT_TRUE(kubeconfig.ok());
  const auto account = LoadKubeconfig(*kubeconfig, "");
  ASSERT_TRUE(account.ok()) << ToString(account.error());

  std::string folder = (env_->directory() / "pod-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  std::ofstream(folder + "/token") << account->token.Reveal() << "\n";
  std::ofstream(folder + "/ca.crt") << account->ca_pem;
  const auto address = ParseServerUrl(account->server);
  Environment pod;
  pod.service_account = folder;
  pod.variable = [&](const std::string& name) -> std::optional<std::string> {
    return name == "KUBERNETES_SERVICE_HOST"   ? std::optional(address->host)
           : name == "KUBERNETES_SERVICE_PORT" ? std::optional(address->port)
                                               : std::nullopt;
  };
  const auto access = LoadClusterAccess({}, pod);
  ASSERT_TRUE(access.ok()) << ToString(access.error());
  HttpTransport transport(Dial(*access), clock_, Logger());
  Client client(transport);

  EXPECT_EQ(client.GetConfigMap(Key("none")).error().kind, ErrorKind::kNotFound);
  const auto refused = client.GetSecret(Key("none"));
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnauthorized);
  EXPECT_EQ(refused.error().reason, "Forbidden");
  EXPECT_THAT(refused.error().message, HasSubstr(namespace_ + ":reader"));
}

TEST_F(KubeTest, AWrongTokenIsUnauthorized) {
  ClusterAccess access = AdminAccess();
  access.client_certificate_pem.clear();
  access.client_key_pem = Secret();
  access.token = Secret("wrong");
  HttpTransport transport(Dial(access), clock_, Logger());
  EXPECT_EQ(Client(transport).Get(kWidgets, Key("a")).error().reason, "Unauthorized");
}

TEST_F(KubeTest, AWatchFromAForgottenVersionIsExpired) {
  const auto target = WatchTarget(kWidgets, {}, OpenWatch{"1", 1});
  const auto response = transport_->Send({HttpMethod::kGet, *target});
  ASSERT_TRUE(response.ok()) << ToString(response.error());
  if (response->head.status != 200) {
    EXPECT_EQ(response->head.status, 410);
    return;
  }
  std::vector<Error> errors;
  WatchDecoder decoder;
  ASSERT_TRUE(decoder
                  .Feed(response->body,
                        [&](const WatchEvent& event) {
                          EXPECT_EQ(event.type, "ERROR");
                          errors.push_back(DecodeStatus(event.object));
                        })
                  .ok());
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_TRUE(IsExpired(errors[0])) << ToString(errors[0]);
}

}  // namespace
}  // namespace milink::kube
