#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"
#include "core/base/text.h"

namespace milink::link {
namespace {

// A login that was refused is not tried sooner.
constexpr Duration kRemoveAgain = std::chrono::minutes(10);

// One server on which jobs run.
struct JobPlace {
  NetworkProbe removal = NetworkProbe::kRemoveFromSqlServer;
  std::string name;
  std::string hindrance;  // why it cannot be reached; empty: it can
};

std::vector<JobPlace> JobPlacesOf(const Draft& draft) {
  const Observation& seen = draft.seen;
  std::vector<JobPlace> places;
  // Without a snapshot nobody knows the platform; on Linux there are no jobs.
  if (seen.replica == nullptr || seen.sql == nullptr) {
    places.push_back({NetworkProbe::kRemoveFromSqlServer, "SQL Server", "it cannot be read"});
  } else if (seen.sql->properties.host_platform != "Linux") {
    places.push_back({NetworkProbe::kRemoveFromSqlServer, "SQL Server", ""});
  }
  if (!draft.spec.managed_instance.sql_credentials_secret.empty()) {
    // The name of the job is made of the replica, too.
    const bool known = seen.instance != nullptr && seen.replica != nullptr;
    places.push_back({NetworkProbe::kRemoveFromInstance,
                      "managed instance " + draft.spec.managed_instance.name,
                      known ? "" : "it cannot be read"});
  }
  return places;
}

class Remover {
 public:
  explicit Remover(Draft& draft)
      : draft_(draft),
        run_(draft.seen.network.has_value() ? &*draft.seen.network : nullptr),
        running_(run_ != nullptr && run_->AnyRunning() &&
                 draft.seen.now - run_->started < kNetworkTestLimit) {}

  NetworkRemoval Plan() {
    const Boxed<NetworkTest>& record = draft_.stored.network_test;
    if (!record.has_value() || record->state != "Running") return {};
    // What runs cleans up after itself; the batches of another link's test have our jobs' names.
    if (running_ && (!IsOurs() || draft_.spec.suspend)) return Wait();
    if (draft_.spec.suspend) return {true, Left("the servers", "the link is suspended")};
    const std::vector<JobPlace> places = JobPlacesOf(draft_);
    if (Propose(places) || running_) return Wait();
    return {true, FailureOf(places)};
  }

 private:
  static std::string Left(const std::string& place, const std::string& why) {
    return fmt::format(
        "a test of the network that was interrupted may have left a job milink-network-test-.. in "
        "msdb of {}: {}",
        place, why);
  }

  bool IsOurs() const { return run_->owner == draft_.seen.link->meta.key; }

  NetworkRemoval Wait() {
    draft_.WakeAfter(kNetworkTestPoll);
    return {false, ""};
  }

  const NetworkOutcome* OutcomeAt(const JobPlace& place) const {
    return run_ == nullptr ? nullptr : run_->Find(place.removal);
  }

  bool Failed(const JobPlace& place) const {
    const NetworkOutcome* outcome = OutcomeAt(place);
    return outcome != nullptr && outcome->error.has_value();
  }

  // Stood back from before anything was sent.
  bool WasRefused(const JobPlace& place) const {
    return Failed(place) && OutcomeAt(place)->error->kind == ErrorKind::kConflict;
  }

  // Are the removals that this process has begun the ones that count? Failed ones do for a while.
  bool IsBegun(const std::vector<JobPlace>& places) {
    if (run_ == nullptr || !IsOurs() || !run_->given_up) return false;
    if (running_ || std::ranges::none_of(places, [&](const auto& p) { return Failed(p); })) {
      return true;
    }
    if (std::ranges::any_of(places, [&](const auto& p) { return WasRefused(p); })) return false;
    const auto rest =
        std::chrono::duration_cast<Duration>(run_->EndedAt() + kRemoveAgain - draft_.seen.now);
    if (rest > Duration::zero()) draft_.WakeAfter(rest);
    return rest > Duration::zero();
  }

  // True: there is something to do.
  bool Propose(const std::vector<JobPlace>& places) {
    const bool begun = IsBegun(places);
    bool any = false;
    for (const JobPlace& place : places) {
      if (!place.hindrance.empty() || (begun && OutcomeAt(place) != nullptr)) continue;
      draft_.steps.emplace_back(TestNetwork{place.removal, !begun && !any, "", {}, ""});
      any = true;
    }
    return any;
  }

  std::string FailureOf(const std::vector<JobPlace>& places) const {
    std::vector<std::string> failures;
    for (const JobPlace& place : places) {
      if (!place.hindrance.empty()) {
        failures.push_back(Left(place.name, place.hindrance));
      } else if (Failed(place)) {
        failures.push_back(Left(place.name, OutcomeAt(place)->error->message));
      }
    }
    return Join(failures, "; ");
  }

  Draft& draft_;
  const NetworkRun* const run_;  // null: none
  const bool running_;
};

}  // namespace

NetworkRemoval RemoveNetworkTest(Draft& draft) { return Remover(draft).Plan(); }

bool PlanNetworkRemoval(Draft& draft, Topic& topic) {
  const NetworkRemoval removal = RemoveNetworkTest(draft);
  if (!removal.done) {
    topic.Add(Severity::kProgressing, reason::kUnlinking,
              "removing what a test of the network may have left");
    return false;
  }
  if (!removal.failure.empty()) {
    draft.notes.push_back({true, reason::kLeftInPlace, removal.failure, "TestNetwork"});
  }
  return true;
}

}  // namespace milink::link
