#include <algorithm>

#include <fmt/format.h>

#include "controllers/link/plan/concerns.h"
#include "controllers/link/plan/measures.h"
#include "controllers/link/reasons.h"

namespace milink::link {
namespace {

// Both sides take their time to find each other; before that DISCONNECTED says nothing.
// Source: LINK-LIFECYCLE P12.
constexpr auto kConnectWithin = std::chrono::minutes(2);

// A minute is twice the time after which an instance's links are read anyway; all of it is then
// read after ten.
constexpr Duration kPartsAtMostEvery = std::chrono::minutes(1);
constexpr Duration kPartsAtLeastEvery = std::chrono::minutes(10);

void FollowOften(Draft& draft) {
  draft.WantSql(std::chrono::seconds(10));
  draft.WantInstance(std::chrono::seconds(15));
}

std::string ConnectError(const DatabaseView& view) {
  std::string text;
  if (view.remote != nullptr && view.remote->last_connect_error != 0) {
    text = fmt::format(" (SQL Server: {} {})", view.remote->last_connect_error,
                       view.remote->last_connect_error_text);
  }
  for (const azure::LinkDatabase& database : view.link->databases) {
    if (SameName(database.name, view.names.name.str()) &&
        !database.most_recent_link_error.empty()) {
      text += fmt::format(" (managed instance: {})", database.most_recent_link_error);
    }
  }
  return text;
}

bool IsLate(const Draft& draft, const DatabaseView& view) {
  const auto since = draft.seen.facts.disconnected_since.find(view.names.name);
  return since != draft.seen.facts.disconnected_since.end() &&
         draft.seen.now - since->second >= kConnectWithin;
}

// The instance may have rotated its certificate, which shows only when connections are made anew:
// looked at as soon as one is lost, and more seldom the longer that lasts.
void LookForRotation(Draft& draft, const DatabaseView& view) {
  const auto since = draft.seen.facts.disconnected_since.find(view.names.name);
  if (since == draft.seen.facts.disconnected_since.end()) return;
  draft.WantInstanceParts(
      std::clamp<Duration>(std::chrono::duration_cast<Duration>(draft.seen.now - since->second),
                           kPartsAtMostEvery, kPartsAtLeastEvery));
}

void FollowConnection(Draft& draft, const DatabaseView& view) {
  if (!IsLate(draft, view)) {
    draft.link.Add(Severity::kProgressing, reason::kConnecting,
                   "waiting until the two sides are connected", view.names.name);
    return;
  }
  LookForRotation(draft, view);
  draft.link.Add(
      Severity::kDegraded, reason::kConnectionProblem,
      fmt::format(
          "the two sides do not connect{}; check that TCP {} is open from the managed "
          "instance to SQL Server, and 5022 and 11000-11999 the other way round",
          ConnectError(view),
          draft.seen.sql->endpoints.empty() ? 5022 : draft.seen.sql->endpoints.front().port),
      view.names.name);
}

void FollowSeeding(Draft& draft, const DatabaseView& view) {
  const DatabaseName& name = view.names.name;
  if (view.seeding != nullptr && view.seeding->state == "FAILED") {
    draft.link.Add(
        Severity::kBlocked, reason::kSeedingFailed,
        fmt::format(
            "seeding failed: {} (error {}{}{}); correct the cause, then take the "
            "database out of spec.databases and add it again",
            view.seeding->failure_state.empty() ? "no reason given" : view.seeding->failure_state,
            view.seeding->error_code, view.seeding->failure_message.empty() ? "" : ": ",
            view.seeding->failure_message),
        name);
    return;
  }
  const std::optional<int> percent = SeedingPercent(view);
  if (percent.has_value()) {
    draft.link.Add(Severity::kProgressing, reason::kSeeding, fmt::format("seeding, {}%", *percent),
                   name);
    return;
  }
  draft.link.Add(Severity::kProgressing, reason::kSynchronizing,
                 "connected; waiting until changes flow", name);
}

void ReportSteadyState(Draft& draft, const DatabaseView& view) {
  const DatabaseName& name = view.names.name;
  if (!view.Connected()) {
    LookForRotation(draft, view);
    draft.synchronized.Add(Severity::kDegraded, reason::kDisconnected,
                           fmt::format("the connection to the managed instance is down{}; it comes "
                                       "back by itself once the cause is gone",
                                       ConnectError(view)),
                           name);
    return;
  }
  if (view.remote_state == nullptr) {
    draft.synchronized.Add(Severity::kUnknown, reason::kUnhealthy,
                           "SQL Server shows no state of the copy", name);
    return;
  }
  if (view.remote_state->suspended) {
    draft.synchronized.Add(
        Severity::kDegraded, reason::kDataMovementSuspended,
        fmt::format("data movement is suspended ({}); resume it with ALTER DATABASE .. SET HADR "
                    "RESUME",
                    view.remote_state->suspend_reason),
        name);
    return;
  }
  if (!view.Replicating()) {
    draft.synchronized.Add(
        Severity::kDegraded, reason::kUnhealthy,
        fmt::format("the copy is {} and {}", view.remote_state->synchronization_state,
                    view.remote_state->synchronization_health),
        name);
  }
}

}  // namespace

void FollowProgress(Draft& draft, const DatabaseView& view) {
  const DatabaseName& name = view.names.name;
  if (!draft.link.ClearFor(name) || view.link == nullptr || view.remote == nullptr) {
    const bool unknown = draft.seen.sql == nullptr || !view.sees_link;
    draft.synchronized.Add(unknown ? Severity::kUnknown : Severity::kWaiting, reason::kWaiting,
                           unknown ? "both sides must be readable" : "waiting for the link", name);
    // Of a request that was sent while nobody kept its address only the instance can tell. One that
    // is about to be sent needs no look.
    const bool sent = view.record != nullptr && view.record->operation.has_value() &&
                      draft.Record(name).operation.has_value() && draft.steps.empty();
    if (sent && draft.requeue_after == std::nullopt) {
      draft.WantInstance(std::chrono::seconds(15));
    }
    return;
  }
  if (view.Established()) {
    ReportSteadyState(draft, view);
    return;
  }
  if (view.Connected() && view.Replicating()) {
    draft.Record(name).established = true;
    return;
  }
  draft.synchronized.Add(Severity::kWaiting, reason::kWaiting, "waiting for the link", name);
  // A copy that is under way proves the connection before its state says so.
  const bool copying = SeedingPercent(view).has_value() && !IsLate(draft, view);
  if (view.Connected() || copying) {
    FollowSeeding(draft, view);
  } else {
    FollowConnection(draft, view);
  }
  FollowOften(draft);
}

}  // namespace milink::link
