// The chart and config/default say the same, and what the operator needs to be.
#include <algorithm>
#include <fstream>
#include <regex>

#include <gmock/gmock.h>

#include "tests/integration/packaging/packaging_env.h"

namespace milink::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

constexpr char kDeployment[] = "Deployment milink-system/milink-operator";

std::vector<std::string> Names(const Objects& objects) {
  std::vector<std::string> out;
  for (const auto& [id, object] : objects) {
    out.push_back(id);
  }
  return out;
}

// Labels by which Helm finds its own, and the annotation by which it spares what it owns.
json WithoutHelmsOwn(json object) {
  json& meta = object.at("metadata");
  for (const char* label : {"helm.sh/chart", "app.kubernetes.io/managed-by",
                            "app.kubernetes.io/instance", "app.kubernetes.io/version"}) {
    meta.at("labels").erase(label);
  }
  if (meta.contains("annotations")) {
    meta["annotations"].erase("helm.sh/resource-policy");
    if (meta["annotations"].empty()) {
      meta.erase("annotations");
    }
  }
  return object;
}

const json& Container(const Objects& objects, const std::string& id = kDeployment) {
  return objects.at(id).at("spec").at("template").at("spec").at("containers").at(0);
}

std::string Values(const std::string& name) {
  return Source("tests/integration/packaging/values/" + name);
}

TEST(Renderings, OfTheChartAndOfKustomizeAreTheSameObjects) {
  const Objects chart = Parsed(RenderChart());
  Objects config = Parsed(RenderKustomize("config/default"));
  EXPECT_EQ(config.erase("Namespace /milink-system"), 1U);  // Helm's user makes it
  ASSERT_EQ(Names(chart), Names(config));
  for (const auto& [id, object] : chart) {
    EXPECT_EQ(json::diff(WithoutHelmsOwn(object), config.at(id)), json::array()) << id;
  }
}

TEST(Renderings, HaveTheRightsWithWhichTheEndToEndTestsRun) {
  const Objects chart = Parsed(RenderChart());
  const Objects rbac = Parsed(RenderKustomize("config/rbac"));
  EXPECT_THAT(Names(rbac),
              ElementsAre("ClusterRole /milink-operator", "ClusterRoleBinding /milink-operator",
                          "Role milink-system/milink-operator-leader-election",
                          "RoleBinding milink-system/milink-operator-leader-election",
                          "ServiceAccount milink-system/milink-operator"));
  for (const auto& [id, object] : rbac) {
    ASSERT_TRUE(chart.contains(id)) << id;
    EXPECT_EQ(json::diff(WithoutHelmsOwn(chart.at(id)), object), json::array()) << id;
  }
  for (const auto& [id, object] : chart) {
    EXPECT_TRUE(rbac.contains(id) || id.find("Role") == std::string::npos) << id;
  }
}

TEST(Renderings, CarryTheVersionOfTheProject) {
  const Objects chart = Parsed(RenderChart());
  EXPECT_EQ(Container(chart).at("image"), "milink-operator:" MILINK_VERSION);
  EXPECT_EQ(chart.at(kDeployment).at("metadata").at("labels").at("app.kubernetes.io/version"),
            MILINK_VERSION);
}

TEST(Chart, IsCleanForHelmsLinter) {
  const CommandOutput linted = Helm({"lint", "--strict", Source("helm/milink-operator")});
  EXPECT_TRUE(linted.ok()) << linted.out << linted.err;
}

TEST(Chart, PackedHasItsLinkedFiles) {
  const auto folder = PackagingEnv().directory() / "packed";
  const CommandOutput packed =
      Helm({"package", Source("helm/milink-operator"), "--destination", folder});
  ASSERT_TRUE(packed.ok()) << packed.err;
  EXPECT_EQ(RenderChart({}, folder / "milink-operator-" MILINK_VERSION ".tgz").out,
            RenderChart().out);
}

TEST(Chart, OfNamedNamespacesAsksForNothingElsewhere) {
  const Objects chart = Parsed(RenderChart({"--values", Values("namespaced.yaml")}));
  EXPECT_THAT(Names(chart),
              ElementsAre(kDeployment,  //
                          "Role milink-system/milink-operator-leader-election",
                          "Role shop/milink-operator", "Role stock/milink-operator",
                          "RoleBinding milink-system/milink-operator-leader-election",
                          "RoleBinding shop/milink-operator", "RoleBinding stock/milink-operator",
                          "Service milink-system/milink-operator-metrics",
                          "ServiceAccount milink-system/milink-operator"));
  const Objects rbac = Parsed(RenderKustomize("config/rbac"));
  EXPECT_EQ(chart.at("Role stock/milink-operator").at("rules"),
            rbac.at("ClusterRole /milink-operator").at("rules"));
  EXPECT_EQ(chart.at("Role milink-system/milink-operator-leader-election")
                .at("rules")
                .at(1)
                .at("resourceNames"),
            json({"milink-operator-north"}));
  EXPECT_THAT(Container(chart).at("args").dump(),
              AllOf(HasSubstr("--namespaces=shop,stock"), HasSubstr("--shard=north")));
}

TEST(Chart, TellsTheOperatorWhoItIsInAzureAndWhichDriverItHas) {
  const Objects chart = Parsed(RenderChart({"--values", Values("azure.yaml")}));
  EXPECT_THAT(
      Container(chart).at("args").get<std::vector<std::string>>(),
      IsSupersetOf({std::string("--azure-identity=WorkloadIdentity"),
                    std::string("--azure-identity-limits=team-a=/subscriptions/"
                                "00000000-0000-0000-0000-000000000001/resourceGroups/rg,*"),
                    std::string("--azure-cloud=Custom"),
                    std::string("--azure-endpoint=https://management.cloud.example"),
                    std::string("--azure-audience=https://management.cloud.example/"),
                    std::string("--instance-dns-pattern=*.sql.cloud.example"),
                    std::string("--azure-ca-file=/etc/milink/azure/ca.crt"),
                    std::string("--odbc-driver=/usr/lib/x86_64-linux-gnu/odbc/libtdsodbc.so")}));
  const json& pod = chart.at(kDeployment).at("spec").at("template").at("spec");
  EXPECT_EQ(pod.at("volumes"),
            json::parse(R"([{"name": "azure", "configMap": {"name": "azure-authorities"}}])"));
  EXPECT_EQ(Container(chart).at("volumeMounts").at(0).at("mountPath"), "/etc/milink/azure");
}

TEST(Chart, WithADigestIgnoresTheTag) {
  const Objects chart =
      Parsed(RenderChart({"--values", Values("digest.yaml"), "--set", "image.tag=newest"}));
  EXPECT_THAT(Container(chart, "Deployment milink-system/links").at("image"),
              HasSubstr("/milink-operator@sha256:0123456789abcdef"));
}

TEST(Chart, KeepsCrdsUnlessToldOtherwise) {
  const std::string policy = "helm.sh/resource-policy: keep";
  EXPECT_THAT(RenderChart().out, HasSubstr(policy));
  EXPECT_THAT(RenderChart({"--set", "crds.keep=false"}).out, Not(HasSubstr(policy)));
  EXPECT_THAT(RenderChart({"--set", "crds.enabled=false"}).out,
              Not(HasSubstr("CustomResourceDefinition")));
}

TEST(Chart, RefusesWhatItDoesNotKnow) {
  struct Refusal {
    const char* value;
    const char* says;
  };
  constexpr Refusal kRefusals[] = {
      {"replica=2", "'replica' not allowed"},
      {"image.tagg=1", "'tagg' not allowed"},
      {"crds.keeps=true", "'keeps' not allowed"},
      {"metrics.service.enable=true", "'enable' not allowed"},
      {"logLevel=loud", "logLevel"},
      {"image.digest=latest", "digest"},
      {"watchNamespaces={Shop}", "watchNamespaces"},
      {"replicas=two", "replicas"},
      {"azure.identity=Password", "identity"},
      {"azure.identityLimits={Team_A}", "identityLimits"},
      {"azure.cloud=AzureMoon", "cloud"},
      {"azure.endpoint=http://arm", "endpoint"},
      {"odbcDriver=libtdsodbc.so", "odbcDriver"},
      {"leaderElection.enabled=false", "two operators must not act at the same time"},
      {"serviceAccount.create=false", "serviceAccount.name is needed"},
  };
  for (const auto& [value, says] : kRefusals) {
    const CommandOutput refused = RenderChart({"--set", value});
    EXPECT_FALSE(refused.ok()) << value;
    EXPECT_THAT(refused.err, HasSubstr(says)) << value;
  }
}

// Everything under a name that values.yaml has, the schema knows, and nothing else.
TEST(Chart, DescribesEveryValueInItsSchema) {
  const CommandOutput shown = Helm({"show", "values", Source("helm/milink-operator")});
  std::vector<std::string> values;
  const std::regex key("(^|\n)([A-Za-z]+):");
  for (std::sregex_iterator at(shown.out.begin(), shown.out.end(), key), end; at != end; ++at) {
    values.push_back((*at)[2]);
  }
  std::ifstream file(Source("helm/milink-operator/values.schema.json"));
  std::vector<std::string> described;
  const json schema = json::parse(file);
  for (const auto& [name, of] : schema.at("properties").items()) {
    if (name != "global") {
      described.push_back(name);
    }
  }
  EXPECT_THAT(described, ::testing::UnorderedElementsAreArray(values));
}

// The operator stops at the missing kubeconfig: its flags were fine.
TEST(Renderings, StartTheOperatorWithFlagsThatItKnows) {
  for (const auto& more :
       std::vector<std::vector<std::string>>{{},
                                             {"--values", Values("namespaced.yaml")},
                                             {"--values", Values("single.yaml")},
                                             {"--values", Values("azure.yaml")}}) {
    const auto args = Container(Parsed(RenderChart(more))).at("args");
    auto command = args.get<std::vector<std::string>>();
    command.insert(command.begin(), MILINK_OPERATOR);
    command.insert(command.end(), {"--kubeconfig", "/does/not/exist"});
    const CommandOutput run = RunCommand(command);
    EXPECT_EQ(run.exit_code, 1) << args << run.err;
    EXPECT_THAT(run.err, HasSubstr("/does/not/exist"));
  }
}

TEST(Dockerfile, ParsesAndHasNoWarning) {
  const CommandOutput checked = RunCommand({DevTool("dockerfile-check"), Source("Dockerfile")});
  EXPECT_TRUE(checked.ok()) << checked.err;
  const auto wrong = PackagingEnv().directory() / "Wrong.Dockerfile";
  std::ofstream(wrong) << "FROM debian as build\n";
  EXPECT_EQ(RunCommand({DevTool("dockerfile-check"), wrong}).exit_code, 1);
}

}  // namespace
}  // namespace milink::test
