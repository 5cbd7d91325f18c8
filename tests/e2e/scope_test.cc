// An operator that serves a part of the cluster: some namespaces, with rights there alone, or one
// shard. What is not its business it leaves alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/stack.h"

namespace milink::e2e {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr auto kPatience = seconds(120);
constexpr char kOther[] = "other";

json Named(json manifest, const std::string& name) {
  manifest["metadata"]["name"] = name;
  return manifest;
}

json InShard(json manifest, const std::string& shard) {
  manifest["metadata"]["labels"]["milink.dev/shard"] = shard;
  return manifest;
}

bool Untouched(const json& object) {
  return !object.contains("status") && !object.at("metadata").contains("finalizers");
}

TEST(ScopeE2eTest, WithNamespacesNamedRolesInThemAreEnough) {
  Stack::Settings settings;
  settings.rights = {{"-f", "config/rbac/service_account.yaml"},
                     {"-f", "config/rbac/leader_election_role.yaml"},
                     {"-f", "config/rbac/leader_election_role_binding.yaml"},
                     {"-n", Stack::kNamespace, "-k", "config/namespaced"}};
  Stack stack(settings);
  stack.Kubectl({"create", "namespace", "second"});
  stack.Kubectl({"create", "namespace", kOther});
  stack.Kubectl(
      {"apply", "-n", "second", "-k", std::string(MILINK_SOURCE_DIR) + "/config/namespaced"});
  stack.ApplySecrets();
  json elsewhere = stack.ReplicaManifest();
  elsewhere["metadata"]["namespace"] = kOther;
  stack.Apply(elsewhere);
  json second = stack.ReplicaManifest();
  second["metadata"]["namespace"] = "second";
  stack.Apply(second);
  stack.Apply(stack.ReplicaManifest());
  stack.Apply(stack.LinkManifest());

  const auto process =
      stack.Launch("operator", stack.direct_kubeconfig(), {"--namespaces", "shop,second"});
  EXPECT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "True", kPatience))
      << stack.OperatorLog();
  const auto read = [&](const char* space) {
    return json::parse(stack.Kubectl({"-n", space, "get", "sqlr", "sql1", "-o", "json"}));
  };
  EXPECT_TRUE(Eventually([&] { return read("second").contains("status"); }, kPatience))
      << stack.OperatorLog();
  EXPECT_TRUE(Untouched(read(kOther)));
  process->Terminate();
  EXPECT_EQ(process->Wait(kPatience), 0) << stack.OperatorLog();
}

TEST(ScopeE2eTest, WithoutTheNamesTheSameRightsAreNotEnoughAndItSaysSo) {
  Stack::Settings settings;
  settings.rights = {{"-f", "config/rbac/service_account.yaml"},
                     {"-n", Stack::kNamespace, "-k", "config/namespaced"}};
  Stack stack(settings);
  const auto process = stack.Launch("operator", stack.direct_kubeconfig(),
                                    {"--leader-elect=false", "--sync-timeout", "2s"});
  EXPECT_EQ(process->Wait(kPatience), 1);
  EXPECT_THAT(stack.OperatorLog(), HasSubstr("may list and watch"));
}

TEST(ScopeE2eTest, AShardServesItsObjectsAndALinkMustBeInTheShardOfItsReplica) {
  Stack stack({});
  // The right to the shard's own Lease, as the documentation says.
  stack.Kubectl(
      {"-n", Stack::kSystemNamespace, "patch", "role", "milink-operator-leader-election",
       "--type=json", "-p",
       R"([{"op":"add","path":"/rules/1/resourceNames/-","value":"milink-operator-blue"}])"});
  stack.ApplySecrets();
  stack.Apply(InShard(stack.ReplicaManifest(), "blue"));
  stack.Apply(InShard(stack.LinkManifest(), "blue"));
  stack.Apply(Named(stack.ReplicaManifest(), "elsewhere"));
  json stray = InShard(Named(stack.LinkManifest(), "stray"), "blue");
  stray["spec"]["sqlServerReplicaRef"]["name"] = "elsewhere";
  stack.Apply(stray);

  const auto process = stack.Launch("operator", stack.direct_kubeconfig(), {"--shard", "blue"});
  EXPECT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "True", kPatience))
      << stack.OperatorLog();
  EXPECT_EQ(stack.Condition("mil", "stray", "ReplicaReady"), "False ReplicaNotInShard");
  EXPECT_TRUE(Untouched(stack.Get("sqlr", "elsewhere")));
  const auto lease = stack.Kubectl({"-n", Stack::kSystemNamespace, "get", "lease", "-o", "name"});
  EXPECT_EQ(lease, "lease.coordination.k8s.io/milink-operator-blue\n");
  process->Terminate();
  EXPECT_EQ(process->Wait(kPatience), 0) << stack.OperatorLog();
}

}  // namespace
}  // namespace milink::e2e
