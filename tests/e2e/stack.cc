#include "tests/e2e/stack.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

#include "tests/sim/main/engine.h"
#include "tests/sim/world/description.h"

namespace milink::e2e {
namespace {

using nlohmann::json;

constexpr char kOperator[] = "milink-operator";
constexpr char kTenant[] = "11111111-1111-1111-1111-111111111111";
constexpr char kClient[] = "22222222-2222-2222-2222-222222222222";
constexpr std::uint64_t kWriteLoad = 1 << 20;  // bytes of log a second
constexpr char kSubscription[] = "00000000-0000-0000-0000-000000000001";

[[noreturn]] void Fail(const std::string& what) { throw std::runtime_error(what); }

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void WriteFile(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

// Values of these keys differ in every run although nothing differs: times, keys, identities.
bool Volatile(const std::string& key) {
  static const std::set<std::string> kKeys{"now",     "thumbprint", "der",  "publicBlob",
                                           "groupId", "group_id",   "id",   "replicaId",
                                           "lsn",     "errorLog",   "path", "subject"};
  return kKeys.contains(key) || key.ends_with("Id") || key.ends_with("_id") ||
         key.ends_with("Lsn") || key.ends_with("_lsn") || key.ends_with("Time") ||
         key.ends_with("_time") || key.ends_with("Thumbprint") || key.ends_with("Bytes") ||
         key.ends_with("Date") || key.ends_with("_date") || key.starts_with("not");
}

json Masked(const json& value) {
  if (value.is_array()) {
    json out = json::array();
    for (const auto& item : value) {
      out.push_back(Masked(item));
    }
    std::sort(out.begin(), out.end());  // the order of making is no difference
    return out;
  }
  if (!value.is_object()) {
    return value;
  }
  json out = json::object();
  for (const auto& [key, item] : value.items()) {
    out[key] = Volatile(key) ? json("*") : Masked(item);
  }
  return out;
}

}  // namespace

json DefaultWorld() {
  return {{"principals",
           {{{"tenantId", kTenant},
             {"clientId", kClient},
             {"objectId", "33333333-3333-3333-3333-333333333333"},
             {"secret", "canary-azure-secret"}}}},
          {"sqlServers",
           {{{"serverName", "SQL1"},
             {"productVersion", "16.0.4125.3"},
             {"platform", "Linux"},
             {"addresses", {"10.0.0.4"}},
             {"traceFlags", {1800, 9567}},
             {"logins",
              {{{"name", "milink"}, {"password", "canary-sql-password"}, {"sysadmin", true}}}},
             {"databases",
              {{{"name", "sales"},
                {"recovery", "SIMPLE"},
                {"sizeBytes", 1LL << 30},
                {"writeRate", kWriteLoad}},
               {{"name", "orders"},
                {"recovery", "FULL"},
                {"sizeBytes", 1LL << 29},
                {"writeRate", kWriteLoad}}}}}}},
          {"managedInstances",
           {{{"subscriptionId", kSubscription},
             {"resourceGroup", "rg-sql"},
             {"name", "sqlmi1"},
             {"dnsZone", "a1b2c3d4e5f6"},
             {"permissions", {{kClient, {{{"actions", {"*"}}}}}}}}}}};
}

json ForeignWorld() {
  json world = DefaultWorld();
  json& server = world["sqlServers"][0];
  server["masterKey"] = true;
  server["masterKeyEncryptedByServer"] = false;
  server["masterKeyPassword"] = "Password-Of-Old-1";
  server["traceFlags"] = json::array();
  server["endpoint"] = {{"name", "Hadr_endpoint"},
                        {"port", 7022},
                        {"authentication", "NEGOTIATE"},
                        {"encryption", "RC4"},
                        {"ipAddress", "10.0.0.4"}};
  return world;
}

json TestableWorld() {
  json world = DefaultWorld();
  world["sqlServers"][0]["platform"] = "Windows";
  world["sqlServers"][0]["agent"] = true;
  world["managedInstances"][0]["logins"] = {
      {{"name", "milink"}, {"password", "canary-instance-password"}, {"sysadmin", true}}};
  return world;
}

json InstanceLogin(const Stack& stack) {
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"metadata", {{"name", "mi-login"}, {"namespace", Stack::kNamespace}}},
          {"stringData",
           {{"username", "milink"},
            {"password", "canary-instance-password"},
            {"host", "127.0.0.1"},
            {"port", std::to_string(stack.sim().tds_port("sqlmi1"))},
            {"ca.crt", stack.sim().sql_authority_pem()}}}};
}

json TestedLink(const Stack& stack, const std::string& mode) {
  json link = stack.LinkManifest();
  link["spec"]["managedInstance"]["sqlCredentialsSecretRef"] = {{"name", "mi-login"}};
  link["spec"]["preparation"]["networkTest"] = mode;
  return link;
}

Stack::Stack(Settings settings) : settings_(std::move(settings)) {
  auto kube = test::KubeEnv::Start();
  if (!kube) {
    Fail("API server: " + ToString(kube.error()));
  }
  kube_ = std::move(*kube);
  directory_ = kube_->directory() / "e2e";
  std::filesystem::create_directories(directory_);

  sim::SimulatorConfig config;
  config.speed = settings_.speed;
  config.make_executor = sim::MakeEngineFactory();
  simulator_ = std::make_unique<sim::Simulator>(real_clock_, config);
  json world = settings_.world;
  world["switches"]["retryAfterSeconds"] = settings_.retry_after_seconds;
  if (const Status status = simulator_->Start(world); !status) {
    Fail("simulator: " + ToString(status.error()));
  }
  InstallOperator();
}

Stack::~Stack() {
  operator_.reset();
  gate_.reset();
  if (simulator_) {
    simulator_->Stop();
  }
}

void Stack::InstallOperator() {
  const std::filesystem::path source = MILINK_SOURCE_DIR;
  for (const char* name : {kSystemNamespace, kNamespace}) {
    Kubectl({"create", "namespace", name});
  }
  Kubectl({"apply", "--server-side", "-k", (source / "config" / "crd").string()});
  for (std::vector<std::string> arguments : settings_.rights) {
    arguments.back() = (source / arguments.back()).string();
    arguments.insert(arguments.begin(), "apply");
    Kubectl(arguments);
  }
  Kubectl({"wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"});
  auto kubeconfig = kube_->ServiceAccountKubeconfig(kSystemNamespace, kOperator);
  if (!kubeconfig) {
    Fail("kubeconfig of the operator: " + ToString(kubeconfig.error()));
  }
  direct_kubeconfig_ = *kubeconfig;
  operator_kubeconfig_ = *kubeconfig;
  if (settings_.through_gate) {
    auto gate = KubeGate::Start(operator_kubeconfig_, directory_);
    if (!gate) {
      Fail(ToString(gate.error()));
    }
    gate_ = std::move(*gate);
    operator_kubeconfig_ = gate_->kubeconfig();
  }
  WriteFile(directory_ / "arm-ca.pem", simulator_->arm_authority_pem());
}

// Alone unless a test says otherwise: a killed one is followed at once.
void Stack::StartOperator() {
  std::vector<std::string> arguments{"--leader-elect=false"};
  arguments.insert(arguments.end(), settings_.arguments.begin(), settings_.arguments.end());
  operator_ = Launch("operator", operator_kubeconfig_, arguments);
}

std::unique_ptr<Process> Stack::Launch(const std::string& name,
                                       const std::filesystem::path& kubeconfig,
                                       const std::vector<std::string>& arguments) {
  const std::string arm = "https://127.0.0.1:" + std::to_string(simulator_->arm_port());
  Process::Command command{
      .program = MILINK_OPERATOR,
      .arguments = {"--kubeconfig", kubeconfig.string(), "--health-address", "127.0.0.1:0",
                    "--azure-endpoint", arm, "--azure-ca-file",
                    (directory_ / "arm-ca.pem").string(), "--instance-interval",
                    settings_.instance_interval, "--log-level", "debug",
                    "--leader-elect-resource-namespace", kSystemNamespace},
      .environment = {{"AZURE_AUTHORITY_HOST", arm},
                      {"AZURE_TENANT_ID", kTenant},
                      {"AZURE_CLIENT_ID", kClient},
                      {"AZURE_CLIENT_SECRET", "canary-azure-secret"}},
      .log = directory_ / (name + ".log")};
  for (const auto& [variable, value] : settings_.environment) {
    command.environment[variable] = value;
  }
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  return std::make_unique<Process>(settings_.in_image ? InImage(command) : command);
}

Process::Command Stack::InImage(const Process::Command& command) {
  namespace fs = std::filesystem;
  const fs::path script = fs::path(MILINK_SOURCE_DIR) / "hack" / "image-rootfs.sh";
  const fs::path root = directory_ / "image";
  const auto made = test::RunCommand({script, "make", command.program, root});
  if (!made.ok()) {
    Fail("image: " + made.err);
  }
  // The operator is another user there, and sees no other file than these.
  const fs::path files = directory_ / "mounted";
  fs::create_directories(files);
  Process::Command out{.program = script,
                       .arguments = {"run", root, "--bind", files, "--"},
                       .environment = command.environment,
                       .log = command.log};
  for (const auto& argument : command.arguments) {
    if (!fs::is_regular_file(argument)) {
      out.arguments.push_back(argument);
      continue;
    }
    const fs::path copy = files / fs::path(argument).filename();
    fs::copy_file(argument, copy);
    fs::permissions(copy, fs::perms::others_read, fs::perm_options::add);
    out.arguments.push_back(copy);
  }
  return out;
}

void Stack::KillOperator() {
  if (operator_) {
    operator_->Kill();
  }
}

int Stack::StopOperator() {
  operator_->Terminate();
  return operator_->Wait(std::chrono::seconds(30)).value_or(-1);
}

bool Stack::OperatorRuns() { return operator_ && operator_->Running(); }

std::string Stack::OperatorLog() const { return LogOf("operator"); }

std::string Stack::Page(const std::string& path) {
  // The newest process says its port last.
  const std::string log = OperatorLog();
  const std::string key = R"("port":)";
  const auto said = log.rfind("Serving health and metrics");
  const auto at = log.find(key, said == std::string::npos ? said : log.rfind('\n', said) + 1);
  if (!OperatorRuns() || at == std::string::npos) {
    return {};
  }
  const auto begin = at + key.size();
  const std::string port = log.substr(begin, log.find_first_not_of("0123456789", begin) - begin);
  return test::RunCommand({"curl", "-sSf", "http://127.0.0.1:" + port + path}).out;
}

std::string Stack::LogOf(const std::string& name) const {
  return ReadFile(directory_ / (name + ".log"));
}

std::string Stack::Kubectl(const std::vector<std::string>& args, const std::string& input) {
  const auto output = kube_->Kubectl(args, input);
  if (!output.ok()) {
    std::string line;
    for (const auto& arg : args) {
      line += " " + arg;
    }
    Fail("kubectl" + line + ": " + output.err);
  }
  return output.out;
}

json Stack::Get(const std::string& kind, const std::string& name) {
  const auto output =
      kube_->Kubectl({"-n", kNamespace, "get", kind, name, "-o", "json", "--ignore-not-found"});
  if (!output.ok()) {
    Fail("kubectl get " + kind + " " + name + ": " + output.err);
  }
  return output.out.empty() ? json() : json::parse(output.out);
}

std::vector<json> Stack::Events() {
  const json list =
      json::parse(Kubectl({"-n", kNamespace, "get", "events.events.k8s.io", "-o", "json"}));
  return list.at("items").get<std::vector<json>>();
}

json Stack::ReplicaManifest() const {
  const auto& endpoint_port = simulator_->tds_port("SQL1");
  return {
      {"apiVersion", "milink.dev/v1alpha1"},
      {"kind", "SqlServerReplica"},
      {"metadata", {{"name", "sql1"}, {"namespace", kNamespace}}},
      {"spec",
       {{"host", "127.0.0.1"},
        {"port", endpoint_port},
        {"credentialsSecretRef", {{"name", "sql1-login"}}},
        {"tls", {{"caRef", {{"kind", "ConfigMap"}, {"name", "sql-ca"}, {"key", "ca.crt"}}}}},
        {"endpoint", {{"address", "10.0.0.4"}}},
        {"masterKey", {{"passwordSecretRef", {{"name", "sql1-master-key"}, {"key", "password"}}}}},
        {"observeInterval", "5s"}}}};
}

json Stack::LinkManifest() const {
  return {{"apiVersion", "milink.dev/v1alpha1"},
          {"kind", "ManagedInstanceLink"},
          {"metadata", {{"name", "shop"}, {"namespace", kNamespace}}},
          {"spec",
           {{"sqlServerReplicaRef", {{"name", "sql1"}}},
            {"managedInstance",
             {{"subscriptionId", kSubscription}, {"resourceGroup", "rg-sql"}, {"name", "sqlmi1"}}},
            {"primary", "SqlServer"},
            {"databases", {{{"name", "sales"}}, {{"name", "orders"}}}},
            {"preparation",
             {{"setFullRecovery", true},
              {"initialBackup", {{"policy", "IfMissing"}, {"path", "/var/opt/mssql/backup"}}}}},
            {"deletionPolicy", "Unlink"}}}};
}

void Stack::Apply(const json& manifest) { Kubectl({"apply", "-f", "-"}, manifest.dump()); }

void Stack::ApplySecrets() {
  const auto metadata = [](const char* name) {
    return json{{"name", name}, {"namespace", kNamespace}};
  };
  Apply({{"apiVersion", "v1"},
         {"kind", "Secret"},
         {"metadata", metadata("sql1-login")},
         {"stringData", {{"username", "milink"}, {"password", "canary-sql-password"}}}});
  Apply({{"apiVersion", "v1"},
         {"kind", "Secret"},
         {"metadata", metadata("sql1-master-key")},
         {"stringData", {{"password", "Canary-Master-Key-1"}}}});
  Apply({{"apiVersion", "v1"},
         {"kind", "ConfigMap"},
         {"metadata", metadata("sql-ca")},
         {"data", {{"ca.crt", simulator_->sql_authority_pem()}}}});
}

std::string Stack::Condition(const std::string& kind, const std::string& name,
                             const std::string& type) {
  const json object = Get(kind, name);
  if (!object.contains("status") || !object["status"].contains("conditions")) {
    return {};
  }
  for (const auto& condition : object["status"]["conditions"]) {
    if (condition.at("type") == type) {
      return condition.at("status").get<std::string>() + " " +
             condition.at("reason").get<std::string>();
    }
  }
  return {};
}

bool Stack::WaitCondition(const std::string& kind, const std::string& name, const std::string& type,
                          const std::string& status, Duration timeout) {
  return Eventually([&] { return Condition(kind, name, type).starts_with(status); }, timeout,
                    std::chrono::milliseconds(200));
}

bool Stack::WaitGone(const std::string& kind, const std::string& name, Duration timeout) {
  return Eventually([&] { return Get(kind, name).is_null(); }, timeout,
                    std::chrono::milliseconds(200));
}

json Stack::ComparableWorld() {
  const auto world = simulator_->world().Enter();
  return Masked(sim::DumpWorld(*world));
}

}  // namespace milink::e2e
