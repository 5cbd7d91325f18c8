#include "tests/bench/cluster.h"

#include <atomic>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "core/kube/kubeconfig.h"
#include "tests/sim/main/engine.h"

namespace milink::bench {
namespace {

using nlohmann::json;

constexpr char kSystemNamespace[] = "milink-system";
constexpr char kOperator[] = "milink-operator";
constexpr char kTenant[] = "11111111-1111-1111-1111-111111111111";
constexpr char kClient[] = "22222222-2222-2222-2222-222222222222";
constexpr char kSubscription[] = "00000000-0000-0000-0000-000000000001";
constexpr int kConnections = 8;
constexpr std::size_t kLinkBytes = 4'096;
constexpr int kWriteRate = 10'000;  // bytes a second and database

[[noreturn]] void Fail(const std::string& what) { throw std::runtime_error(what); }

std::string ServerOf(int number) { return "SQL" + std::to_string(number); }
std::string InstanceOf(int number) { return "sqlmi" + std::to_string(number); }
std::string DatabaseOf(int number) { return "db" + std::to_string(number); }

std::unique_ptr<kube::HttpTransport> Connect(const kube::ClusterAccess& access,
                                             const Clock& clock) {
  auto dialer = kube::Dialer::Make(access, "milink-bench", clock, Logger());
  if (!dialer.ok()) {
    Fail(ToString(dialer.error()));
  }
  return std::make_unique<kube::HttpTransport>(*std::move(dialer), clock, Logger());
}

}  // namespace

Cluster::Cluster(Settings settings) : settings_(std::move(settings)) {
  auto started = test::KubeEnv::Start();
  if (!started.ok()) {
    Fail(ToString(started.error()));
  }
  kube_ = *std::move(started);
  sim::SimulatorConfig config;
  config.make_executor = sim::MakeEngineFactory();
  simulator_ = std::make_unique<sim::Simulator>(clock_, config);
  if (const Status status = simulator_->Start(World()); !status.ok()) {
    Fail("simulator: " + ToString(status.error()));
  }
  const std::filesystem::path source = MILINK_SOURCE_DIR;
  for (const char* name : {kSystemNamespace, kNamespace}) {
    Kubectl({"create", "namespace", name});
  }
  Kubectl({"apply", "--server-side", "-k", (source / "config" / "crd").string()});
  Kubectl({"apply", "-k", (source / "config" / "rbac").string()});
  Kubectl({"wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"});
  auto kubeconfig = kube_->ServiceAccountKubeconfig(kSystemNamespace, kOperator);
  if (!kubeconfig.ok()) {
    Fail(ToString(kubeconfig.error()));
  }
  operator_kubeconfig_ = *kubeconfig;
  std::ofstream(kube_->directory() / "arm-ca.pem") << simulator_->arm_authority_pem();
  transport_ = Connect(AdminAccess(), clock_);
  client_ = std::make_unique<kube::Client>(*transport_);
}

Cluster::~Cluster() { simulator_->Stop(); }

void Cluster::Kubectl(const std::vector<std::string>& args, const std::string& input) {
  const auto output = kube_->Kubectl(args, input);
  if (!output.ok()) {
    Fail("kubectl " + args.front() + ": " + output.err);
  }
}

kube::ClusterAccess Cluster::AdminAccess() const {
  auto access = kube::LoadKubeconfig(kube_->admin_kubeconfig(), "");
  if (!access.ok()) {
    Fail(ToString(access.error()));
  }
  return *std::move(access);
}

json Cluster::World() const {
  json servers = json::array();
  json instances = json::array();
  for (int i = 0; i < settings_.replicas; ++i) {
    json databases = json::array();
    for (int link = i; link < settings_.links; link += settings_.replicas) {
      databases.push_back({{"name", DatabaseOf(link)},
                           {"recovery", "FULL"},
                           {"fullBackup", true},
                           {"writeRate", kWriteRate},
                           {"sizeBytes", 1LL << 30}});
    }
    servers.push_back(
        {{"serverName", ServerOf(i)},
         {"productVersion", "16.0.4125.3"},
         {"updateLevel", "CU13"},
         {"platform", "Linux"},
         {"traceFlags", {1800, 9567}},
         {"addresses", {"10.0.0." + std::to_string(i + 1)}},
         {"logins", {{{"name", "milink"}, {"password", "Bench-Password-1"}, {"sysadmin", true}}}},
         {"databases", databases}});
    instances.push_back({{"subscriptionId", kSubscription},
                         {"resourceGroup", "rg-sql"},
                         {"name", InstanceOf(i)},
                         {"dnsZone", "a1b2c3d4e5f6"},
                         {"permissions", {{kClient, {{{"actions", {"*"}}}}}}}});
  }
  return {
      {"principals", {{{"tenantId", kTenant}, {"clientId", kClient}, {"secret", "bench-secret"}}}},
      {"sqlServers", servers},
      {"managedInstances", instances}};
}

std::unique_ptr<OperatorProcess> Cluster::StartOperator(const std::string& log_name,
                                                        Election election) {
  const std::string arm = "https://127.0.0.1:" + std::to_string(simulator_->arm_port());
  return std::make_unique<OperatorProcess>(OperatorProcess::Settings{
      .program = settings_.program,
      .kubeconfig = operator_kubeconfig_,
      .arguments = {"--azure-endpoint", arm, "--azure-ca-file",
                    (kube_->directory() / "arm-ca.pem").string(),
                    "--leader-elect-resource-namespace", kSystemNamespace,
                    election == Election::kOn ? "--leader-elect=true" : "--leader-elect=false"},
      .environment = {{"AZURE_AUTHORITY_HOST", arm},
                      {"AZURE_TENANT_ID", kTenant},
                      {"AZURE_CLIENT_ID", kClient},
                      {"AZURE_CLIENT_SECRET", "bench-secret"}},
      .log = kube_->directory() / log_name});
}

json Cluster::Replica(int number) const {
  return {{"apiVersion", "milink.dev/v1alpha1"},
          {"kind", "SqlServerReplica"},
          {"metadata", {{"name", "sql" + std::to_string(number)}, {"namespace", kNamespace}}},
          {"spec",
           {{"host", "127.0.0.1"},
            {"port", simulator_->tds_port(ServerOf(number))},
            {"credentialsSecretRef", {{"name", "login"}}},
            {"tls", {{"caRef", {{"kind", "ConfigMap"}, {"name", "sql-ca"}, {"key", "ca.crt"}}}}},
            {"endpoint", {{"address", "10.0.0." + std::to_string(number + 1)}}},
            {"masterKey", {{"passwordSecretRef", {{"name", "login"}, {"key", "password"}}}}}}}};
}

json Cluster::Link(int number) const {
  const int replica = number % settings_.replicas;
  return {{"apiVersion", "milink.dev/v1alpha1"},
          {"kind", "ManagedInstanceLink"},
          {"metadata", {{"name", LinkKey(number).name}, {"namespace", kNamespace}}},
          {"spec",
           {{"sqlServerReplicaRef", {{"name", "sql" + std::to_string(replica)}}},
            {"managedInstance",
             {{"subscriptionId", kSubscription},
              {"resourceGroup", "rg-sql"},
              {"name", InstanceOf(replica)}}},
            {"primary", "SqlServer"},
            {"suspend", true},
            {"databases", {{{"name", DatabaseOf(number)}}}}}}};
}

ObjectKey Cluster::LinkKey(int number) const {
  return {kNamespace, "link" + std::to_string(number)};
}

void Cluster::InParallel(int count, const std::function<void(kube::Client&, int)>& make) {
  std::vector<std::jthread> workers;
  std::atomic<int> next{0};
  for (int i = 0; i < kConnections; ++i) {
    workers.emplace_back([&] {
      const auto transport = Connect(AdminAccess(), clock_);
      kube::Client client(*transport);
      for (int number = next++; number < count; number = next++) {
        make(client, number);
      }
    });
  }
}

void Cluster::CreateObjects() {
  const auto object = [](const char* kind, const char* name) {
    return json{{"apiVersion", "v1"},
                {"kind", kind},
                {"metadata", {{"name", name}, {"namespace", kNamespace}}}};
  };
  json secret = object("Secret", "login");
  secret["stringData"] = {{"username", "milink"}, {"password", "Bench-Password-1"}};
  json authority = object("ConfigMap", "sql-ca");
  authority["data"] = {{"ca.crt", simulator_->sql_authority_pem()}};
  Kubectl({"apply", "-f", "-"}, secret.dump());
  Kubectl({"apply", "-f", "-"}, authority.dump());
  std::atomic<int> failures{0};
  InParallel(settings_.replicas, [&](kube::Client& client, int number) {
    failures += client.Create(kReplicaType, kNamespace, Replica(number)).ok() ? 0 : 1;
  });
  InParallel(settings_.links, [&](kube::Client& client, int number) {
    failures += client.Create(kLinkType, kNamespace, Link(number)).ok() ? 0 : 1;
  });
  if (failures > 0) {
    Fail(std::to_string(failures) + " objects could not be created");
  }
}

void Cluster::PadLinks() {
  InParallel(settings_.links, [&](kube::Client& client, int number) {
    const auto link = client.Get(kLinkType, LinkKey(number));
    const std::size_t size = link.ok() ? link->dump().size() : kLinkBytes;
    if (size < kLinkBytes) {
      static_cast<void>(client.MergePatch(
          kLinkType, LinkKey(number),
          {{"metadata", {{"annotations", {{"notes", std::string(kLinkBytes - size, 'x')}}}}}}));
    }
  });
}

double Cluster::LinkSize() {
  kube::ListQuery query;
  query.namespace_name = kNamespace;
  query.limit = 100;
  std::vector<json> links;
  const auto page = client_->List(kLinkType, query, links);
  if (!page.ok() || links.empty()) {
    Fail("the links cannot be listed");
  }
  double bytes = 0;
  for (const json& link : links) {
    bytes += static_cast<double>(link.dump().size());
  }
  return bytes / static_cast<double>(links.size());
}

}  // namespace milink::bench
