// The three edges through which changes leave the process, as the program has them, behind one
// leader's fence. A process that stood still while it changed something goes on when its lease is
// over: what was under way is answered, and nothing follows it, whichever thread wakes first.
#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/azure/managed_instance_router.h"
#include "core/kube/client.h"
#include "core/kube/fenced_sender.h"
#include "core/kube/http_transport.h"
#include "core/runtime/leader_elector.h"
#include "core/sql/odbc_connector.h"
#include "core/sql/sql_instance_hub.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/scripted_server.h"
#include "tests/sim/main/engine.h"

namespace milink {
namespace {

using std::chrono::seconds;

constexpr auto kLease = seconds(10);
constexpr auto kPatience = seconds(60);
constexpr char kTenant[] = "tenant-1";
const ObjectKey kReplica{"ns", "sql1"};
const ObjectKey kSettings{"ns", "settings"};
const kube::ResourceType kConfigMaps{"", "v1", "configmaps", "ConfigMap"};
const azure::ManagedInstanceRef kInstance{
    "subscription-1",
    "rg-sql",
    "sqlmi1",
    "",
    {azure::IdentityKind::kClientSecret, "client-1", kTenant, "ns", "login"}};

nlohmann::json SmallWorld() {
  return {{"principals",
           {{{"tenantId", kTenant}, {"clientId", "client-1"}, {"secret", "canary-secret"}}}},
          {"sqlServers",
           {{{"serverName", "SQL1"},
             {"logins", {{{"name", "milink"}, {"password", "Correct-9"}, {"sysadmin", true}}}},
             {"databases", {{{"name", "sales"}, {"recovery", "SIMPLE"}}}}}}},
          {"managedInstances",
           {{{"subscriptionId", kInstance.subscription_id},
             {"resourceGroup", kInstance.resource_group},
             {"name", kInstance.name},
             {"dnsZone", "a1b2c3d4e5f6"},
             {"permissions", {{"client-1", {{{"actions", {"*"}}}}}}}}}}};
}

sim::SimulatorConfig WithEngine() {
  sim::SimulatorConfig config;
  config.make_executor = sim::MakeEngineFactory();
  return config;
}

// An API server that takes its time with changes.
class SlowApiServer {
 public:
  int Changes() const {
    const auto requests = server_.Requests();
    return static_cast<int>(std::ranges::count_if(
        requests, [](const fakes::ScriptedRequest& request) { return request.method != "GET"; }));
  }
  void AnswerAll() {
    const std::lock_guard lock(mutex_);
    answers_ = true;
    changed_.notify_all();
  }
  kube::ClusterAccess Access() const { return server_.Access(); }

 private:
  void Answer(const fakes::ScriptedRequest& request, fakes::ScriptedAnswer& answer) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [&] { return answers_ || request.method == "GET"; });
    answer.Respond(200, R"({"kind":"ConfigMap","apiVersion":"v1"})");
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool answers_ = false;
  fakes::ScriptedServer server_{
      [this](const auto& request, auto& answer) { Answer(request, answer); }};
};

class FenceTest : public testing::Test {
 protected:
  FenceTest() {
    std::string folder = std::filesystem::temp_directory_path() / "milink-fence-XXXXXX";
    directory_ = mkdtemp(folder.data());
    EXPECT_TRUE(simulator_.Start(SmallWorld()).ok());
    fence_.OpenUntil(lease_clock_.Monotonic() + kLease);

    auto connector = sql::OdbcConnector::Make(*sql::FindOdbcDriver(sql::kDefaultDriver));
    EXPECT_TRUE(connector.ok());
    connector_ = *std::move(connector);
    hub_ = std::make_unique<sql::SqlInstanceHub>(*connector_, clock_,
                                                 sql::SqlInstanceHubOptions{.fence = &fence_});
    sql::SqlTarget target;
    target.host = "127.0.0.1";
    target.port = static_cast<std::uint16_t>(simulator_.tds_port("SQL1"));
    target.user = "milink";
    target.password = Secret("Correct-9");
    target.ca_pem = simulator_.sql_authority_pem();
    hub_->SetTarget(kReplica, target);

    std::ofstream(directory_ / "ca.pem") << simulator_.arm_authority_pem();
    http_ = azure::MakeHttpClient(directory_ / "ca.pem", 2, clock_);
    const std::string url = "https://127.0.0.1:" + std::to_string(simulator_.arm_port());
    azure::RouterSettings settings;
    settings.clouds = azure::CloudTable(azure::Cloud{"Custom", url, url, url, "*.example"});
    settings.own = Error{ErrorKind::kInvalid, "CredentialMissing", "none", ""};
    settings.offered = {.tenant_id = kTenant};
    router_ = std::make_unique<azure::ManagedInstanceRouter>(
        settings,
        azure::ManagedInstanceRouter::Systems{
            *http_,
            [](const ObjectKey&) -> Result<std::map<std::string, Secret>> {
              return std::map<std::string, Secret>{{"clientSecret", Secret("canary-secret")}};
            },
            clock_, *random_, Logger(), fence_});
  }
  ~FenceTest() override {
    api_server_.AnswerAll();
    simulator_.calls().Stop();
    router_.reset();
    http_.reset();  // the server waits for idle connections
    hub_.reset();
    simulator_.Stop();
    std::filesystem::remove_all(directory_);
  }

  // One change at each edge; "" when it was made.
  std::string ChangeKubernetes() {
    const auto done = client_.MergePatch(kConfigMaps, kSettings, {{"data", {{"a", "b"}}}});
    return done.ok() ? "" : done.error().reason;
  }
  std::string ChangeSql() {
    const std::string text = "ALTER DATABASE [sales] SET RECOVERY FULL;";
    const auto done = hub_->Run(kReplica, sql::Lane::kAct, {Secret(text), text}, kPatience, {}, {});
    return done.ok() ? "" : done.error().reason;
  }
  std::string ChangeAzure() {
    const auto done = router_->DeleteTrustCertificate(kInstance, "none");
    return done.ok() || done.error().kind == ErrorKind::kNotFound ? "" : done.error().reason;
  }

  int ChangesAtTheStandIns() {
    const auto entries = simulator_.journal().Entries();
    return static_cast<int>(
        std::ranges::count_if(entries, [](const auto& entry) { return entry.call.mutation; }));
  }
  // Every change takes effect, and who sent it does not hear of it.
  void HoldAnswers() {
    for (const auto kind : {sim::CallKind::kStatement, sim::CallKind::kRequest}) {
      sim::Fault hold;
      hold.kind = kind;
      hold.mutation = true;
      hold.what = sim::Fault::kHold;
      hold.when = sim::Fault::kAfter;
      simulator_.calls().AddFault(hold);
    }
  }
  void LetAnswersGo() {
    simulator_.calls().ClearFaults();
    simulator_.calls().ReleaseAll();
    api_server_.AnswerAll();
  }
  bool WaitUntilAllAreUnderWay() {
    const auto end = clock_.Monotonic() + kPatience;
    while (api_server_.Changes() < 1 || simulator_.calls().HeldCalls().size() < 2) {
      if (clock_.Monotonic() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  SystemClock clock_;
  fakes::FakeClock lease_clock_;
  runtime::LeadershipFence fence_{lease_clock_};
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  std::filesystem::path directory_;

  SlowApiServer api_server_;
  kube::HttpTransport transport_{*kube::Dialer::Make(api_server_.Access(), "t", clock_, Logger()),
                                 clock_, Logger()};
  kube::FencedSender sender_{transport_, fence_};
  kube::Client client_{sender_};

  sim::Simulator simulator_{clock_, WithEngine()};
  std::unique_ptr<sql::OdbcConnector> connector_;
  std::unique_ptr<sql::SqlInstanceHub> hub_;
  std::unique_ptr<azure::HttpClient> http_;
  std::unique_ptr<azure::ManagedInstanceRouter> router_;
};

TEST_F(FenceTest, K21WhoStoodStillPastItsLeaseSendsNoFurtherChange) {
  HoldAnswers();
  auto kubernetes = std::async(std::launch::async, [this] { return ChangeKubernetes(); });
  auto sql = std::async(std::launch::async, [this] { return ChangeSql(); });
  auto azure = std::async(std::launch::async, [this] { return ChangeAzure(); });
  ASSERT_TRUE(WaitUntilAllAreUnderWay());
  const int sent = ChangesAtTheStandIns();

  lease_clock_.Step(kLease);
  LetAnswersGo();
  EXPECT_EQ(kubernetes.get(), "") << "what was sent before is answered";
  EXPECT_EQ(sql.get(), "");
  EXPECT_EQ(azure.get(), "");

  EXPECT_EQ(ChangeKubernetes(), "NotLeader");
  EXPECT_EQ(ChangeSql(), "NotLeader");
  EXPECT_EQ(ChangeAzure(), "NotLeader");
  EXPECT_EQ(api_server_.Changes(), 1);
  EXPECT_EQ(ChangesAtTheStandIns(), sent);

  EXPECT_TRUE(client_.Get(kConfigMaps, kSettings).ok()) << "looking is free";
  EXPECT_TRUE(hub_->Refresh(kReplica, sql::RefreshScope::kFast).ok());
  EXPECT_TRUE(router_->ListLinks(kInstance).ok());
}

TEST_F(FenceTest, WhoRenewedMeanwhileGoesOn) {
  LetAnswersGo();
  fence_.OpenUntil(lease_clock_.Monotonic() + 2 * kLease);
  lease_clock_.Step(kLease);
  EXPECT_EQ(ChangeKubernetes(), "");
  EXPECT_EQ(ChangeSql(), "");
  EXPECT_EQ(ChangeAzure(), "");
  EXPECT_EQ(api_server_.Changes(), 1);
  EXPECT_GE(ChangesAtTheStandIns(), 2);
}

}  // namespace
}  // namespace milink
