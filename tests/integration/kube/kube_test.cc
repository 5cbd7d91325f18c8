#include "tests/integration/kube/kube_test.h"

#include "core/base/text.h"
#include "core/kube/kubeconfig.h"

namespace milink::kube {
namespace {

constexpr const char* kWidgetCrd = R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.test.milink.dev}
spec:
  group: test.milink.dev
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer, maximum: 100}}}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
)";

}  // namespace

std::string ResourceVersionOf(const nlohmann::json& object) {
  return object.at("metadata").at("resourceVersion").get<std::string>();
}

void KubeTest::SetUpTestSuite() {
  auto started = test::KubeEnv::Start();
  ASSERT_TRUE(started.ok()) << ToString(started.error());
  env_ = std::move(started).value();
  const auto applied = env_->Kubectl({"apply", "-f", "-"}, kWidgetCrd);
  ASSERT_TRUE(applied.ok()) << applied.err;
  const auto waited =
      env_->Kubectl({"wait", "--for=condition=Established", "crd/widgets.test.milink.dev"});
  ASSERT_TRUE(waited.ok()) << waited.err;
}

void KubeTest::SetUp() {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  namespace_ = Shorten(ToLowerAscii(info->name()), 60);
  while (namespace_.ends_with('.')) {
    namespace_.pop_back();
  }
  const auto made = env_->Kubectl({"create", "namespace", namespace_});
  ASSERT_TRUE(made.ok()) << made.err;
  dialer_ = Dial(AdminAccess());
  transport_ = std::make_unique<HttpTransport>(dialer_, clock_, Logger());
  client_ = std::make_unique<Client>(*transport_);
}

std::shared_ptr<Dialer> KubeTest::Dial(const ClusterAccess& access) {
  auto dialer = Dialer::Make(access, "milink-operator/test", clock_, Logger());
  EXPECT_TRUE(dialer.ok()) << ToString(dialer.error());
  return *dialer;
}

ClusterAccess KubeTest::AdminAccess() const {
  auto access = LoadKubeconfig(env_->admin_kubeconfig(), "");
  EXPECT_TRUE(access.ok()) << ToString(access.error());
  return *std::move(access);
}

nlohmann::json KubeTest::Widget(const std::string& name, int size) const {
  return {{"metadata", {{"namespace", namespace_}, {"name", name}}}, {"spec", {{"size", size}}}};
}

nlohmann::json KubeTest::CreateWidget(const std::string& name, int size) {
  auto made = client_->Create(kWidgets, namespace_, Widget(name, size));
  EXPECT_TRUE(made.ok()) << ToString(made.error());
  return *std::move(made);
}

}  // namespace milink::kube
