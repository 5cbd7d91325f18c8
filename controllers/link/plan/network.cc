#include <algorithm>

#include <fmt/format.h>

#include "controllers/link/plan/concerns.h"
#include "controllers/link/plan/network_verdict.h"
#include "controllers/link/reasons.h"
#include "core/api/codec.h"
#include "core/sql/urls.h"

namespace milink::link {
namespace {

// How long what was found is good for another link of the pair, or for this one.
constexpr Duration kBadNewsAge = std::chrono::minutes(5);
constexpr Duration kOpenNewsAge = std::chrono::hours(1);
constexpr Duration kGoodNewsAge = std::chrono::hours(24);

std::string RequestOf(const api::ManagedInstanceLink& link) {
  constexpr std::size_t kLongest = 256;  // of the CRD
  const auto found = link.meta.annotations.find(api::kTestNetworkAnnotation);
  return found == link.meta.annotations.end() ? std::string() : found->second.substr(0, kLongest);
}

class Tester {
 public:
  explicit Tester(Draft& draft)
      : draft_(draft),
        request_(RequestOf(*draft.seen.link)),
        required_(draft.spec.preparation.network_test == api::NetworkTestMode::kRequire),
        coming_up_(ComingUp(draft)) {}

  void Plan() {
    if (draft_.spec.preparation.network_test == api::NetworkTestMode::kSkip) {
      GiveUp();
      return;
    }
    // Whoever drives a test follows it to its end, whatever has become of its reason.
    if (IsOursRunning()) draft_.WakeAfter(kNetworkTestPoll);
    if (IsDue()) Advance();
    const bool verified =
        draft_.network_test.has_value() && draft_.network_test->reason == reason::kSucceeded;
    draft_.network_blocks = required_ && coming_up_ && !verified;
    Tell();
  }

 private:
  static bool ComingUp(const Draft& draft) {
    return std::any_of(draft.spec.databases.begin(), draft.spec.databases.end(),
                       [&](const DatabaseSpec& names) {
                         const DatabaseRecord* record = draft.StoredRecord(names.name);
                         return record == nullptr || !record->established;
                       });
  }

  const Boxed<NetworkTest>& Stored() const { return draft_.stored.network_test; }
  const NetworkRun* Run() const {
    return draft_.seen.network.has_value() ? &*draft_.seen.network : nullptr;
  }
  bool IsOursRunning() const {
    return Run() != nullptr && Run()->AnyRunning() && Run()->owner == draft_.seen.link->meta.key;
  }
  bool IsAsked() const {
    return !request_.empty() && (!Stored().has_value() || Stored()->request != request_);
  }

  bool IsDue() const {
    if (!Stored().has_value()) return coming_up_ || IsAsked();
    if (Stored()->state == "Running" || IsAsked()) return true;
    // Who may not go on without it looks again by itself.
    return required_ && coming_up_ && Stored()->state != "Passed";
  }

  bool IsReady() const {
    return !draft_.spec.suspend && draft_.replica.Clear() && draft_.instance.Clear() &&
           draft_.seen.replica != nullptr && draft_.seen.sql != nullptr &&
           draft_.seen.instance != nullptr && !draft_.partner_url.empty();
  }

  bool HasLogin() const { return !draft_.spec.managed_instance.sql_credentials_secret.empty(); }

  NetworkScene SceneOf() const {
    NetworkScene scene;
    scene.instance = draft_.spec.managed_instance.name;
    scene.fqdn = draft_.seen.instance->instance.fqdn;
    const auto& endpoint = draft_.seen.replica->spec.endpoint;
    scene.sql_server.host =
        endpoint.address.empty() ? draft_.seen.replica->spec.host : endpoint.address;
    scene.sql_server.port = draft_.seen.sql->endpoints.empty()
                                ? endpoint.port
                                : draft_.seen.sql->endpoints.front().port;
    scene.can_run_jobs = draft_.seen.sql->properties.host_platform != "Linux";
    scene.has_login = HasLogin();
    return scene;
  }

  // A job that was cut off may be there still.
  static void AddRemovals(const NetworkRun* run, const std::string& request,
                          std::vector<TestNetwork>& parts) {
    const auto may_stay = [&](NetworkProbe probe) {
      const NetworkOutcome* outcome = run == nullptr ? nullptr : run->Ended(probe);
      return outcome != nullptr && outcome->job_may_stay;
    };
    if (may_stay(NetworkProbe::kToInstance)) {
      parts.push_back({NetworkProbe::kRemoveFromSqlServer, false, request, {}, {}});
    }
    if (may_stay(NetworkProbe::kToSqlServer)) {
      parts.push_back({NetworkProbe::kRemoveFromInstance, false, request, {}, {}});
    }
  }

  // The parts of the test, as far as what they rest on is known. `complete`: nothing is left.
  std::vector<TestNetwork> Parts(const NetworkRun* run, bool& complete) const {
    const NetworkScene scene = SceneOf();
    std::vector<TestNetwork> parts;
    const auto ended = [&](NetworkProbe probe) {
      return run == nullptr ? nullptr : run->Ended(probe);
    };
    if (const auto& subnet = draft_.seen.instance->instance.subnet_id; !subnet.empty()) {
      parts.push_back({NetworkProbe::kRules, false, request_, {}, subnet});
    }
    const NetworkOutcome* node = ended(NetworkProbe::kNode);
    if (scene.has_login) parts.push_back({NetworkProbe::kNode, false, request_, {}, {}});
    if (!scene.has_login || node != nullptr) {
      std::vector<sql::NetworkTarget> targets{{scene.fqdn, 5022}};
      if (node != nullptr && node->node.has_value()) targets.push_back(*node->node);
      parts.push_back({scene.can_run_jobs ? NetworkProbe::kToInstance : NetworkProbe::kDirect,
                       false,
                       request_,
                       std::move(targets),
                       {}});
    }
    // A login that was refused is not tried twice.
    if (node != nullptr && !node->error.has_value()) {
      parts.push_back({NetworkProbe::kToSqlServer, false, request_, {scene.sql_server}, {}});
    }
    AddRemovals(run, request_, parts);
    complete = (!scene.has_login || node != nullptr) &&
               std::all_of(parts.begin(), parts.end(),
                           [&](const TestNetwork& part) { return ended(part.probe) != nullptr; });
    return parts;
  }

  Duration GoodFor(const NetworkTest& record) const {
    const bool awaited = Stored().has_value() && (IsAsked() || Stored()->state == "Running");
    if (awaited) return kBadNewsAge;  // an answer to it has just come
    if (record.state == "Passed") return kGoodNewsAge;
    return record.state == "Failed" || required_ ? kBadNewsAge : kOpenNewsAge;
  }

  // Does this run answer what is asked for?
  bool Answers(const NetworkRun& run) const {
    if (run.given_up) return false;
    if (request_.empty() || run.request == request_) return true;
    return !IsAsked() && !(Stored().has_value() && Stored()->state == "Running");
  }

  bool IsYoung(const NetworkRun& run) const {
    return draft_.seen.now - run.started < kNetworkTestLimit;
  }

  void Advance() {
    if (!IsReady()) return;
    const NetworkRun* run = Run();
    if (run != nullptr && run->given_up && run->AnyRunning() && IsYoung(*run)) {
      AwaitOutcome();
      return;
    }
    if (run != nullptr && Answers(*run)) {
      bool complete = false;
      const std::vector<TestNetwork> parts = Parts(run, complete);
      if (complete && TakeUp(*run)) return;
      if (!complete && IsYoung(*run)) {
        Follow(*run, parts);
        return;
      }
    }
    Begin();
  }

  // False: it is too old to be believed.
  bool TakeUp(const NetworkRun& run) {
    NetworkTest record = JudgeNetwork(run, SceneOf());
    if (draft_.seen.now - run.EndedAt() >= GoodFor(record)) return false;
    // The answer to a question that was put to another link of the pair is one to ours.
    record.request = request_;
    if (required_ && coming_up_ && record.state != "Passed") {
      draft_.WakeAfter(
          std::chrono::duration_cast<Duration>(run.EndedAt() + kBadNewsAge - draft_.seen.now));
    }
    if (!Stored().has_value() || Stored()->state == "Running" || *Stored() != record) {
      const bool news = !Stored().has_value() || Stored()->message != record.message;
      if (news && record.state != "Incomplete") {
        draft_.notes.push_back(
            {record.state == "Failed", record.reason, record.message, "TestNetwork"});
      }
    }
    draft_.network_test = std::move(record);
    return true;
  }

  void Follow(const NetworkRun& run, const std::vector<TestNetwork>& parts) {
    AwaitOutcome();
    if (run.owner != draft_.seen.link->meta.key) return;
    for (const TestNetwork& part : parts) {
      if (run.Find(part.probe) == nullptr) draft_.steps.emplace_back(part);
    }
  }

  // What it leaves after a crash is found because it was written down before.
  void Begin() {
    AwaitOutcome();
    bool complete = false;
    std::vector<TestNetwork> parts = Parts(nullptr, complete);
    parts.front().first = true;
    for (TestNetwork& part : parts) draft_.steps.emplace_back(std::move(part));
  }

  // What was found before is told until there is something newer.
  void AwaitOutcome() {
    draft_.WakeAfter(kNetworkTestPoll);
    if (!draft_.network_test.has_value()) draft_.network_test.emplace();
    draft_.network_test->state = "Running";
    draft_.network_test->request = request_;
  }

  // Nothing of it stays, even if it was interrupted.
  void GiveUp() {
    std::string text = "the network is not tested: spec.preparation.networkTest is Skip";
    const NetworkRemoval removal = RemoveNetworkTest(draft_);
    if (!removal.failure.empty()) {
      text += "; " + removal.failure;
    } else if (removal.done && Stored().has_value() && Stored()->state == "Running") {
      NetworkTest& record = *draft_.network_test;
      record.state = "Incomplete";
      record.reason = reason::kNetworkTestIncomplete;
      record.message = fmt::format(
          "the test was given up before its end; to test again, give the annotation {} another "
          "value",
          api::kTestNetworkAnnotation);
    }
    draft_.network.Add(Severity::kUnknown, reason::kNetworkTestSkipped, std::move(text));
  }

  void Tell() {
    const Boxed<NetworkTest>& record = draft_.network_test;
    const bool running = record.has_value() && record->state == "Running" && record->reason.empty();
    if (!record.has_value() || (running && !IsReady())) {
      TellAwaited();
    } else if (running) {
      draft_.network.Add(draft_.network_blocks ? Severity::kProgressing : Severity::kUnknown,
                         reason::kTestingNetwork,
                         "connections between the two sides are being tried");
    } else if (record->reason != reason::kSucceeded) {
      const bool failed = record->reason != reason::kNetworkTestIncomplete;
      draft_.network.Add(failed || draft_.network_blocks ? Severity::kBlocked : Severity::kUnknown,
                         record->reason, record->message);
    }
  }

  void TellAwaited() {
    if (IsDue()) {
      draft_.network.Add(draft_.network_blocks ? Severity::kWaiting : Severity::kUnknown,
                         reason::kWaiting,
                         draft_.spec.suspend ? "suspended; the network is tested afterwards"
                                             : "both sides must be ready before the network "
                                               "between them is tested");
      return;
    }
    draft_.network.Add(
        Severity::kUnknown, reason::kNetworkNotTested,
        fmt::format("the link came up without a test of the network; to test it, set the "
                    "annotation {} to any value",
                    api::kTestNetworkAnnotation));
  }

  Draft& draft_;
  const std::string request_;
  const bool required_;
  const bool coming_up_;
};

}  // namespace

void PlanNetwork(Draft& draft) { Tester(draft).Plan(); }

}  // namespace milink::link
