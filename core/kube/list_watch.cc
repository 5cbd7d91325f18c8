#include "core/kube/list_watch.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "core/base/object.h"
#include "core/kube/api_status.h"
#include "core/kube/watch_object.h"

namespace milink::kube {
namespace {

constexpr Duration kShortestWatch = std::chrono::seconds(1);
// After so many broken streams a list is tried: it comes in pages.
constexpr int kBrokenStreamsBeforeList = 3;
// How long, +- 10 %, a server that did not stream a list is not asked to. It may have been busy for
// a while, or is replaced by another version.
constexpr Duration kListsFor = std::chrono::hours(1);
constexpr const char* kAnyVersion = "0";

using nlohmann::json;

bool IsRefusedOrBusy(const Error& error) {
  return error.kind == ErrorKind::kThrottled || error.reason == kConnectionRefused;
}

bool IsUnusableVersion(const Error& error) { return IsExpired(error) || IsVersionTooLarge(error); }

Error Skip(const char* reason, const std::string& message, const std::string& detail) {
  return {ErrorKind::kInvalid, reason, message, detail};
}

// Where the action has an object: an initializer list would copy that.
WatchActions Only(WatchAction action) {
  WatchActions actions;
  actions.push_back(std::move(action));
  return actions;
}

WatchActions Then(WatchActions first, WatchActions second) {
  std::ranges::move(second, std::back_inserter(first));
  return first;
}

}  // namespace

Duration PagePatience(Duration age, const ListWatchOptions& options) {
  const Duration left = std::max(options.page_limit - age, Duration::zero());
  return std::min(options.page_patience, left);
}

WatchActions ListWatch::Start(MonotonicTime now) {
  last_byte_ = now;
  last_failure_ = now;
  return BeginSync(now);
}

// --- Syncing -------------------------------------------------------------------------------------

WatchActions ListWatch::BeginSync(MonotonicTime now) {
  sync_version_ = version_unusable_ ? "" : last_version_;
  between_pages_ = false;
  const bool may_stream = !lists_until_ || now >= *lists_until_;
  const bool stream = options_.streaming_lists && may_stream && !must_list_;
  return stream ? BeginStream() : BeginList();
}

WatchActions ListWatch::BeginStream() { return {Open(sync_version_, /*initial_events=*/true)}; }

WatchActions ListWatch::BeginList() {
  state_ = State::kListing;
  initial_ = false;
  if (sync_version_.empty() && !version_unusable_) {
    sync_version_ = kAnyVersion;
  }
  // A limit makes the server leave its cache, unless the version is "0", when it may ignore it.
  const bool limited =
      !unlimited_ && (sync_version_.empty() || sync_version_ == kAnyVersion || server_paginates_);
  return {FetchPage{sync_version_, "", limited ? options_.page_size : 0}};
}

// At once: it is asked for at most once in a row, since it is always believed.
WatchActions ListWatch::SyncWithMostRecent(MonotonicTime now) {
  version_unusable_ = true;
  return Then({DiscardStaged{}}, BeginSync(now));
}

WatchActions ListWatch::OnListItem(json item) {
  if (state_ != State::kListing) {
    return {};
  }
  if (const auto skip = WhySkip(item, options_.kind)) {
    return {ReportSkipped{*skip}};
  }
  return Only(StageObject{std::move(item)});
}

WatchActions ListWatch::OnPage(ListPage page, MonotonicTime now) {
  if (state_ != State::kListing) {
    return {};
  }
  if (!page.continue_token.empty()) {
    between_pages_ = true;
    server_paginates_ = server_paginates_ || sync_version_ == kAnyVersion;
    return {FetchPage{"", std::move(page.continue_token), options_.page_size}};
  }
  return EndSync(page.resource_version, now);
}

WatchActions ListWatch::OnListFailed(const Error& error, MonotonicTime now) {
  if (state_ != State::kListing) {
    return {};
  }
  const bool snapshot_gone = IsExpired(error) && between_pages_ && !unlimited_;
  unlimited_ = unlimited_ || snapshot_gone;  // once more, in one piece
  if (snapshot_gone || (IsUnusableVersion(error) && !sync_version_.empty())) {
    return SyncWithMostRecent(now);
  }
  return Then({DiscardStaged{}}, FailTo(State::kSyncWait, error, now));
}

// What was read as the most recent state is the truth, even when the numbers went back (etcd was
// restored). A cached state must not be older than what we know.
bool ListWatch::Believable(const std::string& version) const {
  if (sync_version_.empty() || last_version_.empty() || version == last_version_) {
    return true;
  }
  const auto older = IsOlderVersion(version, last_version_);
  return older.has_value() && !*older;
}

// All is staged.
WatchActions ListWatch::EndSync(const std::string& version, MonotonicTime now) {
  const bool streamed = std::exchange(initial_, false);
  if (version.empty()) {
    return Then({DiscardStaged{}},
                FailTo(State::kSyncWait,
                       Error{ErrorKind::kTransient, "ListUnversioned",
                             "the server sent a list without resourceVersion", ""},
                       now));
  }
  if (!Believable(version)) {
    WatchActions actions{ReportFailure{
        Error{ErrorKind::kTransient, "ListFromThePast",
              "the server listed a state that is not newer than what it had shown before",
              version + " after " + last_version_},
        Duration::zero()}};
    if (streamed) {
      actions.emplace_back(CloseWatch{});
    }
    return Then(std::move(actions), SyncWithMostRecent(now));
  }
  last_version_ = version;
  version_unusable_ = false;
  must_list_ = false;
  broken_streams_ = 0;
  unlimited_ = false;
  if (!replay_due_) {
    ScheduleReplay(now);
  }
  if (streamed) {
    return {ReplaceStore{version}};  // and the stream goes on
  }
  return {ReplaceStore{version}, Open(version, /*initial_events=*/false)};
}

// --- Opening -------------------------------------------------------------------------------------

WatchAction ListWatch::Open(const std::string& version, bool initial_events) {
  state_ = State::kOpening;
  initial_ = initial_events;
  const double spread = random_.Uniform() * options_.min_timeout_seconds;
  timeout_seconds_ = options_.min_timeout_seconds + static_cast<int>(std::floor(spread));
  return OpenWatch{version, timeout_seconds_, initial_events};
}

WatchActions ListWatch::OnWatchOpened(MonotonicTime now) {
  if (state_ == State::kOpening) {
    state_ = State::kWatching;
    opened_at_ = last_version_;
    last_byte_ = now;
    patience_.OnOpened(now, std::chrono::seconds(timeout_seconds_));
  }
  return {};
}

WatchActions ListWatch::OnWatchRefused(const Error& error, MonotonicTime now) {
  if (state_ != State::kOpening) {
    return {};
  }
  if (initial_) {
    return RefusedStream(error, now);
  }
  return FailTo(IsRefusedOrBusy(error) ? State::kWatchWait : State::kSyncWait, error, now);
}

// At the start or by an ERROR within.
WatchActions ListWatch::RefusedStream(const Error& error, MonotonicTime now) {
  if (IsRefusedOrBusy(error)) {
    return Then({DiscardStaged{}}, FailTo(State::kSyncWait, error, now));
  }
  if (IsUnusableVersion(error)) {
    return sync_version_.empty() ? Then({DiscardStaged{}}, FailTo(State::kSyncWait, error, now))
                                 : SyncWithMostRecent(now);
  }
  if (error.kind == ErrorKind::kInvalid) {
    AvoidStreams(now);
  }
  must_list_ = true;
  return Then({DiscardStaged{}, ReportFailure{error, Duration::zero()}}, BeginSync(now));
}

WatchActions ListWatch::BrokenStream(const Error& error, MonotonicTime now) {
  must_list_ = ++broken_streams_ >= kBrokenStreamsBeforeList;
  return Then({DiscardStaged{}}, FailTo(State::kSyncWait, error, now));
}

// --- The stream ----------------------------------------------------------------------------------

void ListWatch::OnBytes(MonotonicTime now) {
  last_byte_ = now;
  patience_.OnBytes(now);
}

WatchActions ListWatch::OnEvent(WatchEvent event, MonotonicTime now) {
  if (state_ != State::kWatching) {
    return {};
  }
  patience_.OnEvent(now);
  if (event.type == "ERROR") {
    return OnErrorEvent(DecodeStatus(event.object), now);
  }
  if (event.type != "ADDED" && event.type != "MODIFIED" && event.type != "DELETED" &&
      event.type != "BOOKMARK") {
    return {ReportSkipped{
        Skip("UnknownEventType", "skipped a watch event of an unknown type", event.type)}};
  }
  if (const auto skip = WhySkip(event.object, options_.kind)) {
    return {ReportSkipped{*skip}};
  }
  const std::string version = VersionOf(event.object);
  if (initial_) {
    return OnStreamedEvent(std::move(event), version, now);
  }
  if (event.type == "BOOKMARK") {
    return OnBookmark(version, now);
  }
  return OnObjectEvent(std::move(event), version);
}

// The server says how far it is. Behind what was seen it tells nothing of what happens until it has
// come that far: soon where it lags, perhaps never where its store was restored from a backup.
WatchActions ListWatch::OnBookmark(const std::string& version, MonotonicTime now) {
  if (IsOlderVersion(version, last_version_).value_or(false)) {
    version_unusable_ = true;
    return Then({CloseWatch{}},
                FailTo(State::kSyncWait,
                       Error{ErrorKind::kTransient, "WatchFromThePast",
                             "the server that serves the watch is behind what was seen before",
                             version + " after " + last_version_},
                       now));
  }
  last_version_ = version;
  patience_.OnBookmark();
  return {NoteProgress{version}};
}

WatchActions ListWatch::OnObjectEvent(WatchEvent event, std::string version) {
  if (version == last_version_ || IsOlderVersion(version, last_version_).value_or(false)) {
    return {
        ReportSkipped{Skip("EventFromThePast",
                           "skipped a watch event that is not newer than what was seen", version)}};
  }
  last_version_ = std::move(version);
  if (event.type == "DELETED") {
    return Only(RemoveObject{std::move(event.object)});
  }
  return Only(UpsertObject{std::move(event.object)});
}

// The order of these says nothing of their versions: only the end has one that counts.
WatchActions ListWatch::OnStreamedEvent(WatchEvent event, const std::string& version,
                                        MonotonicTime now) {
  if (event.type == "DELETED") {
    return Only(UnstageObject{std::move(event.object)});
  }
  if (event.type != "BOOKMARK") {
    return Only(StageObject{std::move(event.object)});
  }
  patience_.OnBookmark();
  return EndsStreamingList(event.object) ? EndSync(version, now) : WatchActions{};
}

WatchActions ListWatch::OnErrorEvent(const Error& error, MonotonicTime now) {
  if (initial_) {
    return Then({CloseWatch{}}, RefusedStream(error, now));
  }
  // Expired: sync again, at the last version first, which asks for something at least as fresh.
  const bool keep_watching = error.kind == ErrorKind::kThrottled;
  return Then({CloseWatch{}},
              FailTo(keep_watching ? State::kWatchWait : State::kSyncWait, error, now));
}

WatchActions ListWatch::OnWatchGarbled(const Error& error, MonotonicTime now) {
  if (state_ != State::kWatching) {
    return {};
  }
  return Then({CloseWatch{}},
              initial_ ? BrokenStream(error, now) : FailTo(State::kSyncWait, error, now));
}

WatchActions ListWatch::OnWatchEnded(MonotonicTime now) {
  if (state_ != State::kWatching) {
    return {};
  }
  if (initial_) {
    return BrokenStream(Error{ErrorKind::kTransient, "StreamingListCutOff",
                              "the server ended a streaming list before its end", ""},
                        now);
  }
  if (now - patience_.opened() < kShortestWatch && last_version_ == opened_at_) {
    return FailTo(State::kWatchWait,
                  Error{ErrorKind::kTransient, "VeryShortWatch",
                        "the server ended a watch within a second, without anything new", ""},
                  now);
  }
  return {Open(last_version_, /*initial_events=*/false)};
}

// --- Time ----------------------------------------------------------------------------------------

MonotonicTime ListWatch::StreamDeadline() const {
  return initial_ ? patience_.ListDeadline() : patience_.Deadline();
}

std::optional<MonotonicTime> ListWatch::Deadline() const {
  std::optional<MonotonicTime> next = replay_due_;
  const auto also = [&next](MonotonicTime time) { next = next ? std::min(*next, time) : time; };
  if (state_ == State::kSyncWait || state_ == State::kWatchWait) {
    also(due_);
  } else if (state_ == State::kWatching) {
    also(StreamDeadline());
  }
  return next;
}

WatchActions ListWatch::OnTimer(MonotonicTime now) {
  if (replay_due_ && now >= *replay_due_) {
    ScheduleReplay(now);
    return {ReplayStore{}};
  }
  switch (state_) {
    case State::kSyncWait:
      return now < due_ ? WatchActions{} : BeginSync(now);
    case State::kWatchWait:
      return now < due_ ? WatchActions{}
                        : WatchActions{Open(last_version_, /*initial_events=*/false)};
    case State::kWatching:
      if (now < StreamDeadline()) {
        return {};
      }
      return initial_ ? OnSlowStream(now) : OnSilence(now);
    case State::kIdle:
    case State::kListing:
    case State::kOpening:
      return {};
  }
  return {};
}

// Silent, or past its time.
WatchActions ListWatch::OnSilence(MonotonicTime now) {
  if (patience_.OnCut(now)) {
    // A list that must be as new as what was seen is refused where the server is behind it.
    return Then({CloseWatch{}},
                FailTo(State::kSyncWait,
                       Error{ErrorKind::kTransient, "WatchSilent",
                             "the server sends neither events nor bookmarks any more", ""},
                       now));
  }
  return {CloseWatch{}, Open(last_version_, /*initial_events=*/false)};
}

WatchActions ListWatch::OnSlowStream(MonotonicTime now) {
  const Error endless{ErrorKind::kTransient, "StreamingListWithoutEnd",
                      "the server has not ended its streaming list yet", ""};
  if (patience_.IsListTooSlow(now)) {
    AvoidStreams(now);  // it ignores the parameter, as old servers do, or is very slow
    return Then({CloseWatch{}}, RefusedStream(endless, now));
  }
  return {ReportFailure{endless, Duration::zero()}};
}

// From now on, +- 10 %.
MonotonicTime ListWatch::After(Duration delay, MonotonicTime now) {
  const double factor = 0.9 + 0.2 * random_.Uniform();
  return now + std::chrono::duration_cast<Duration>(delay * factor);
}

void ListWatch::ScheduleReplay(MonotonicTime now) {
  replay_due_ = After(options_.replay_every, now);
}

void ListWatch::AvoidStreams(MonotonicTime now) { lists_until_ = After(kListsFor, now); }

WatchActions ListWatch::FailTo(State wait_state, const Error& error, MonotonicTime now) {
  if (now - last_failure_ >= options_.backoff_reset) {
    failures_ = 0;
  }
  last_failure_ = now;
  Duration delay = BackoffDelay(options_.backoff, ++failures_, random_);
  delay = std::max(delay, error.retry_after.value_or(Duration::zero()));
  state_ = wait_state;
  initial_ = false;
  due_ = now + delay;
  return {ReportFailure{error, delay}};
}

}  // namespace milink::kube
