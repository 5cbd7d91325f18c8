// The real API server accepts what is shipped, field by field, and real Helm can manage it.
#include <gmock/gmock.h>

#include "tests/integration/packaging/packaging_env.h"

namespace milink::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kChart[] = "helm/milink-operator";

CommandOutput Kubectl(const std::vector<std::string>& args, const std::string& input = "") {
  return PackagingEnv().Kubectl(args, input);
}

// Applied for good by a manager of its own; the server warns of nothing and drops no field.
void ApplyStrictly(const std::string& manifests, const std::string& manager) {
  const CommandOutput applied = Kubectl(
      {"apply", "--server-side", "--validate=strict", "--field-manager", manager, "-f", "-"},
      manifests);
  EXPECT_TRUE(applied.ok()) << applied.err;
  EXPECT_THAT(applied.err, IsEmpty());
}

class Server : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const CommandOutput rendered = RenderKustomize("config/default");
    ASSERT_TRUE(rendered.ok()) << rendered.err;
    ApplyStrictly(rendered.out, "kustomize");
    ASSERT_TRUE(Kubectl({"wait", "--for=condition=Established", "crd", "--all"}).ok());
    for (const char* name : {"shop", "stock"}) {
      ASSERT_TRUE(Kubectl({"create", "namespace", name}).ok());
    }
  }
};

// Another manager may set the same values: a difference would be a conflict.
TEST_F(Server, TakesTheChartOverConfigDefaultWithoutAConflict) {
  ApplyStrictly(RenderChart().out, "chart");
}

TEST_F(Server, AcceptsTheChartWithEveryKindOfValues) {
  for (const char* values : {"namespaced.yaml", "single.yaml", "digest.yaml"}) {
    // Under another name, so that nothing merges with what is there.
    const CommandOutput rendered =
        RenderChart({"--set", "fullnameOverride=other", "--values",
                     Source(std::string("tests/integration/packaging/values/") + values)});
    ASSERT_TRUE(rendered.ok()) << rendered.err;
    const CommandOutput applied = Kubectl({"apply", "--server-side", "--force-conflicts",
                                           "--dry-run=server", "--validate=strict", "-f", "-"},
                                          rendered.out);
    EXPECT_TRUE(applied.ok()) << values << applied.err;
    EXPECT_THAT(applied.err, IsEmpty()) << values;
  }
}

TEST_F(Server, NoticesAFieldThatDoesNotExist) {
  std::string wrong = RenderChart().out;
  const std::string field = "enableServiceLinks:";
  wrong.replace(wrong.find(field), field.size(), "enableServiceLink:");
  const CommandOutput applied = Kubectl(
      {"apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-"}, wrong);
  EXPECT_FALSE(applied.ok());
  EXPECT_THAT(applied.err, HasSubstr("enableServiceLink"));
}

// The namespace of config/default enforces the Pod Security Standard "restricted".
TEST_F(Server, AllowsThePodWhereOnlyRestrictedOnesAre) {
  const json deployment = json::parse(
      Kubectl({"get", "deployment", "milink-operator", "-n", "milink-system", "-o", "json"}).out);
  json pod = deployment.at("spec").at("template");
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  pod["metadata"]["name"] = "operator";
  pod["metadata"]["namespace"] = "milink-system";
  const auto create = [](const json& manifest) {
    return Kubectl({"create", "--dry-run=server", "--validate=strict", "-f", "-"}, manifest.dump());
  };
  EXPECT_TRUE(create(pod).ok()) << create(pod).err;
  pod["spec"]["containers"][0]["securityContext"].erase("capabilities");
  EXPECT_THAT(create(pod).err, HasSubstr("violates PodSecurity \"restricted"));
}

TEST_F(Server, HelmInstallsUpgradesAndUninstallsButKeepsTheObjects) {
  const std::vector<std::string> release = {"links", Source(kChart), "--namespace",
                                            "links", "--set",        "nameOverride=second"};
  const auto helm = [&release](std::vector<std::string> args) {
    args.insert(args.end(), release.begin(), release.end());
    return Helm(std::move(args));
  };
  // The CRDs exist already; Helm takes over only what says so.
  for (const char* crd : {"sqlserverreplicas.milink.dev", "managedinstancelinks.milink.dev"}) {
    Kubectl({"annotate", "crd", crd, "meta.helm.sh/release-name=links",
             "meta.helm.sh/release-namespace=links"});
    Kubectl({"label", "--overwrite", "crd", crd, "app.kubernetes.io/managed-by=Helm"});
  }
  const CommandOutput installed = helm({"install", "--create-namespace"});
  ASSERT_TRUE(installed.ok()) << installed.err;
  EXPECT_THAT(installed.out, HasSubstr("kubectl -n links rollout status deployment/links-second"));
  EXPECT_TRUE(Kubectl({"get", "deployment", "links-second", "-n", "links"}).ok());

  const CommandOutput upgraded = helm({"upgrade", "--set", "replicas=3"});
  ASSERT_TRUE(upgraded.ok()) << upgraded.err;
  EXPECT_EQ(Kubectl({"get", "deployment", "links-second", "-n", "links", "-o",
                     "jsonpath={.spec.replicas}"})
                .out,
            "3");

  const CommandOutput gone = Helm({"uninstall", "links", "--namespace", "links"});
  ASSERT_TRUE(gone.ok()) << gone.err;
  EXPECT_FALSE(Kubectl({"get", "clusterrole", "links-second"}).ok());
  EXPECT_TRUE(Kubectl({"get", "crd", "managedinstancelinks.milink.dev"}).ok());
}

}  // namespace
}  // namespace milink::test
