#include "core/kube/list_watch.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/object.h"
#include "core/kube/api_status.h"

namespace milink::kube {
namespace {

constexpr Duration kShortestWatch = std::chrono::seconds(1);
// Grace for the server to end the watch at the time it was given.
constexpr Duration kTimeoutGrace = std::chrono::seconds(5);
// After so many silent watches a server is taken to send no bookmarks.
constexpr int kSilentCutsBeforeDoubt = 3;
constexpr const char* kAnyVersion = "0";

std::string VersionOf(const nlohmann::json& object) {
  const auto meta = object.is_object() ? object.find("metadata") : object.end();
  if (!object.is_object() || meta == object.end() || !meta->is_object()) {
    return {};
  }
  const auto version = meta->find("resourceVersion");
  return version != meta->end() && version->is_string() ? version->get<std::string>() : "";
}

bool IsRefusedOrBusy(const Error& error) {
  return error.kind == ErrorKind::kThrottled || error.reason == kConnectionRefused;
}

void Append(WatchActions& to, WatchActions from) {
  std::ranges::move(from, std::back_inserter(to));
}

}  // namespace

WatchActions ListWatch::Start(MonotonicTime now) {
  last_byte_ = now;
  last_failure_ = now;
  return BeginList();
}

WatchActions ListWatch::BeginList() {
  state_ = State::kListing;
  if (version_unusable_) {
    list_version_.clear();
  } else {
    list_version_ = last_version_.empty() ? kAnyVersion : last_version_;
  }
  // A limit makes the server leave its cache, unless the version is "0", when it may ignore it.
  const bool limited =
      !unlimited_ && (list_version_.empty() || list_version_ == kAnyVersion || server_paginates_);
  return {FetchPage{list_version_, "", limited ? options_.page_size : 0}};
}

WatchActions ListWatch::OnPage(ListPage page, MonotonicTime now) {
  if (state_ != State::kListing) {
    return {};
  }
  WatchActions actions;
  has_staged_ = true;
  actions.emplace_back(StageItems{std::move(page.items)});
  if (!page.continue_token.empty()) {
    server_paginates_ = server_paginates_ || list_version_ == kAnyVersion;
    actions.emplace_back(FetchPage{"", std::move(page.continue_token), options_.page_size});
    return actions;
  }
  has_staged_ = false;
  // What was listed as the most recent state is the truth, even when the numbers went back (etcd
  // was restored). A cached list must not be older than what we know.
  const bool from_the_past = !list_version_.empty() &&
                             IsOlderVersion(page.resource_version, last_version_).value_or(false);
  if (page.resource_version.empty() || from_the_past) {
    version_unusable_ = version_unusable_ || from_the_past;
    actions.emplace_back(DiscardStaged{});
    Append(
        actions,
        FailTo(State::kListWait,
               Error{ErrorKind::kTransient, from_the_past ? "ListFromThePast" : "ListUnversioned",
                     from_the_past ? "the server listed an older state than it had shown before"
                                   : "the server sent a list without resourceVersion"},
               now));
    return actions;
  }
  last_version_ = page.resource_version;
  version_unusable_ = false;
  unlimited_ = false;
  actions.emplace_back(ReplaceStore{last_version_});
  actions.push_back(Open());
  return actions;
}

WatchActions ListWatch::OnListFailed(const Error& error, MonotonicTime now) {
  if (state_ != State::kListing) {
    return {};
  }
  WatchActions actions;
  const bool between_pages = std::exchange(has_staged_, false);
  if (between_pages) {
    actions.emplace_back(DiscardStaged{});
  }
  if (IsExpired(error) && between_pages && !unlimited_) {
    // The snapshot that the pages came from is gone: once more, in one piece.
    unlimited_ = true;
    version_unusable_ = true;
    Append(actions, BeginList());
    return actions;
  }
  if ((IsExpired(error) || IsVersionTooLarge(error)) && !list_version_.empty()) {
    version_unusable_ = true;
    Append(actions, BeginList());
    return actions;
  }
  Append(actions, FailTo(State::kListWait, error, now));
  return actions;
}

WatchAction ListWatch::Open() {
  state_ = State::kOpening;
  const double spread = random_.Uniform() * options_.min_timeout_seconds;
  timeout_seconds_ = options_.min_timeout_seconds + static_cast<int>(std::floor(spread));
  return OpenWatch{last_version_, timeout_seconds_};
}

WatchActions ListWatch::OnWatchOpened(MonotonicTime now) {
  if (state_ == State::kOpening) {
    state_ = State::kWatching;
    opened_ = now;
    last_byte_ = now;
    saw_event_ = false;
  }
  return {};
}

WatchActions ListWatch::OnWatchRefused(const Error& error, MonotonicTime now) {
  if (state_ != State::kOpening) {
    return {};
  }
  return FailTo(IsRefusedOrBusy(error) ? State::kWatchWait : State::kListWait, error, now);
}

WatchActions ListWatch::OnEvent(WatchEvent event, MonotonicTime now) {
  if (state_ != State::kWatching) {
    return {};
  }
  saw_event_ = true;
  if (event.type == "ERROR") {
    return OnErrorEvent(DecodeStatus(event.object), now);
  }
  std::string version = VersionOf(event.object);
  if (version.empty()) {
    return {
        ReportFailure{Error{ErrorKind::kInvalid, "EventWithoutVersion",
                            "skipped a watch event without metadata.resourceVersion", event.type},
                      Duration::zero()}};
  }
  last_version_ = version;
  if (event.type == "ADDED" || event.type == "MODIFIED") {
    return {UpsertObject{std::move(event.object)}};
  }
  if (event.type == "DELETED") {
    return {RemoveObject{std::move(event.object)}};
  }
  if (event.type == "BOOKMARK") {
    saw_bookmark_ = true;
    return {NoteProgress{std::move(version)}};
  }
  return {ReportFailure{Error{ErrorKind::kInvalid, "UnknownEventType",
                              "skipped a watch event of an unknown type", event.type},
                        Duration::zero()}};
}

WatchActions ListWatch::OnErrorEvent(const Error& error, MonotonicTime now) {
  WatchActions actions{CloseWatch{}};
  // Expired: list again, at the last version first, which asks for something at least as fresh.
  const bool keep_watching = error.kind == ErrorKind::kThrottled;
  Append(actions, FailTo(keep_watching ? State::kWatchWait : State::kListWait, error, now));
  return actions;
}

WatchActions ListWatch::OnWatchGarbled(const Error& error, MonotonicTime now) {
  if (state_ != State::kWatching) {
    return {};
  }
  WatchActions actions{CloseWatch{}};
  Append(actions, FailTo(State::kListWait, error, now));
  return actions;
}

WatchActions ListWatch::OnWatchEnded(MonotonicTime now) {
  if (state_ != State::kWatching) {
    return {};
  }
  if (!saw_event_ && now - opened_ < kShortestWatch) {
    return FailTo(State::kWatchWait,
                  Error{ErrorKind::kTransient, "VeryShortWatch",
                        "the server ended a watch within a second, without an event"},
                  now);
  }
  return {Open()};
}

bool ListWatch::SilenceMatters() const {
  return saw_bookmark_ || silent_cuts_ < kSilentCutsBeforeDoubt;
}

std::optional<MonotonicTime> ListWatch::Deadline() const {
  switch (state_) {
    case State::kListWait:
    case State::kWatchWait:
      return due_;
    case State::kWatching: {
      const MonotonicTime end = opened_ + std::chrono::seconds(timeout_seconds_) + kTimeoutGrace;
      return SilenceMatters() ? std::min(end, last_byte_ + options_.silence_limit) : end;
    }
    case State::kIdle:
    case State::kListing:
    case State::kOpening:
      return std::nullopt;
  }
  return std::nullopt;
}

WatchActions ListWatch::OnTimer(MonotonicTime now) {
  const auto deadline = Deadline();
  if (!deadline || now < *deadline) {
    return {};
  }
  if (state_ == State::kListWait) {
    return BeginList();
  }
  if (state_ == State::kWatchWait) {
    return {Open()};
  }
  if (!saw_bookmark_ && now - last_byte_ >= options_.silence_limit) {
    ++silent_cuts_;
  }
  return {CloseWatch{}, Open()};
}

WatchActions ListWatch::FailTo(State wait_state, const Error& error, MonotonicTime now) {
  if (now - last_failure_ >= options_.backoff_reset) {
    failures_ = 0;
  }
  last_failure_ = now;
  Duration delay = BackoffDelay(options_.backoff, ++failures_, random_);
  delay = std::max(delay, error.retry_after.value_or(Duration::zero()));
  state_ = wait_state;
  due_ = now + delay;
  return {ReportFailure{error, delay}};
}

}  // namespace milink::kube
