#include "tests/integration/engine/engine_test.h"

#include <thread>
#include <utility>

#include "core/base/text.h"
#include "core/kube/kubeconfig.h"
#include "core/kube/resource_path.h"

namespace milink::test {
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
          spec: {type: object, properties: {size: {type: integer}}}
          status: {type: object, properties: {observed: {type: integer}}}
)";

}  // namespace

std::string VersionOf(const nlohmann::json& object) {
  return object.at("metadata").at("resourceVersion").get<std::string>();
}

nlohmann::json WidgetManifest(const std::string& namespace_name, const std::string& name,
                              int size) {
  return {{"metadata", {{"namespace", namespace_name}, {"name", name}}},
          {"spec", {{"size", size}}}};
}

void Pause(Duration duration) { std::this_thread::sleep_for(duration); }

void EngineTest::SetUpTestSuite() {
  auto started = KubeEnv::Start();
  ASSERT_TRUE(started.ok()) << ToString(started.error());
  env_ = std::move(started).value();
  const auto applied = env_->Kubectl({"apply", "-f", "-"}, kWidgetCrd);
  ASSERT_TRUE(applied.ok()) << applied.err;
  const auto waited =
      env_->Kubectl({"wait", "--for=condition=Established", "crd/widgets.test.milink.dev"});
  ASSERT_TRUE(waited.ok()) << waited.err;
}

void EngineTest::SetUp() {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  namespace_ = ToLowerAscii(info->name()).substr(0, 60);
  const auto made = env_->Kubectl({"create", "namespace", namespace_});
  ASSERT_TRUE(made.ok()) << made.err;
  auto dialer = kube::Dialer::Make(AdminAccess(), "milink-operator/test", clock_, Logger());
  ASSERT_TRUE(dialer.ok()) << ToString(dialer.error());
  transport_ = std::make_unique<kube::HttpTransport>(*std::move(dialer), clock_, Logger());
  client_ = std::make_unique<kube::Client>(*transport_);
}

kube::ClusterAccess EngineTest::AdminAccess() {
  auto access = kube::LoadKubeconfig(env_->admin_kubeconfig(), "");
  EXPECT_TRUE(access.ok()) << ToString(access.error());
  return *std::move(access);
}

int EngineTest::ServerPort() {
  const auto address = kube::ParseServerUrl(AdminAccess().server);
  EXPECT_TRUE(address.ok());
  return std::stoi(address->port);
}

kube::ClusterAccess EngineTest::Through(const TcpRelay& relay, kube::ClusterAccess access) {
  access.server = "https://127.0.0.1:" + std::to_string(relay.port());
  return access;
}

std::string EngineTest::CreateWidget(const std::string& name, int size) {
  const auto made =
      client_->Create(kWidgetType, namespace_, WidgetManifest(namespace_, name, size));
  EXPECT_TRUE(made.ok()) << ToString(made.error());
  return VersionOf(*made);
}

std::string EngineTest::ChangeWidget(const std::string& name, int size) {
  const auto changed =
      client_->MergePatch(kWidgetType, {namespace_, name}, {{"spec", {{"size", size}}}});
  EXPECT_TRUE(changed.ok()) << ToString(changed.error());
  return VersionOf(*changed);
}

void EngineTest::DeleteWidget(const std::string& name) {
  const Status deleted = client_->Delete(kWidgetType, {namespace_, name}, "");
  EXPECT_TRUE(deleted.ok()) << ToString(deleted.error());
}

std::vector<nlohmann::json> EngineTest::ServerObjects() {
  kube::ListQuery query;
  query.namespace_name = namespace_;
  auto all = client_->ListAll(kWidgetType, query);
  EXPECT_TRUE(all.ok()) << ToString(all.error());
  return all.ok() ? *std::move(all) : std::vector<nlohmann::json>();
}

Versions EngineTest::OnServer() {
  Versions all;
  for (const auto& object : ServerObjects()) {
    all[object.at("metadata").at("name")] = VersionOf(object);
  }
  return all;
}

testing::AssertionResult EngineTest::Settled(const Keeper& keeper) {
  const auto objects = ServerObjects();
  Versions server;
  int behind = 0;
  for (const auto& object : objects) {
    const auto widget = DecodeWidget(object);
    server[widget->meta.key.name] = widget->meta.resource_version;
    behind += widget->observed == widget->meta.generation ? 0 : 1;
  }
  if (behind > 0) {
    return testing::AssertionFailure()
           << behind << " of " << objects.size() << " objects: newest generation not reconciled";
  }
  if (const auto cached = keeper.Cached(); cached != server) {
    return testing::AssertionFailure()
           << "the cache has " << cached.size() << " objects, the server " << server.size()
           << ", or their versions differ";
  }
  if (keeper.Told() != server) {
    return testing::AssertionFailure() << "what the handlers were told is not the server's state";
  }
  if (const auto wrong = keeper.Contradictions(); !wrong.empty()) {
    return testing::AssertionFailure() << wrong.size() << " contradictions; " << wrong.front();
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult EngineTest::EventuallySettled(const Keeper& keeper, Duration patience) {
  testing::AssertionResult last = testing::AssertionFailure();
  Eventually(
      [&] {
        if (keeper.Idle()) {
          last = Settled(keeper);
        }
        return static_cast<bool>(last);
      },
      patience);
  return last;
}

}  // namespace milink::test
