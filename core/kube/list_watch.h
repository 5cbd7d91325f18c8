// List and watch of one kind of object as a pure state machine: it is told what happened, and says
// what to do. It does no I/O, reads no clock and keeps no thread; the watch task is its hands.
//
//   Start -> OpenWatch (a streaming list) or FetchPage .. -> ReplaceStore -> events ..
//   OnWatchEnded -> OpenWatch (from the last version seen) ..
//
// Rules (those of client-go's reflector, tools/cache/reflector.go):
// - The first sync takes any version the server has cached, a later one must not be older than what
//   was seen, and only a version that the server calls unusable is replaced by the most recent
//   state. A state older than what was seen, or not comparable with it, is not believed: the most
//   recent one is read instead.
// - A sync is a streaming list where the server has it. 429 and refused connections try the stream
//   again later; any other refusal, a stream that broke three times or has no end falls back to a
//   list for this sync, and a server that calls the parameter invalid, or seems not to know it, is
//   not asked again for an hour.
// - A watch that the server is too busy to start (429), or whose connection is refused, is tried
//   again as a watch: a storm of lists is the last thing a struggling server needs.
// - A watch that ended cleanly goes on at once from its last version; one that ended within a
//   second and got no further counts as a failure. Failures back off, each watch for itself.
// - A silent connection is cut, since load balancers forget idle flows, and so is an event that
//   drips in for as long (stream_patience.h).
// - What makes no sense (unknown types, other kinds, no metadata, the past) is counted and skipped.
//
// Not thread-safe. Times are of the monotonic clock.
#pragma once

#include <optional>
#include <string>

#include "core/base/backoff.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/kube/stream_patience.h"
#include "core/kube/watch_actions.h"

namespace milink::kube {

struct ListWatchOptions {
  std::string kind;             // of the objects; empty: any
  bool streaming_lists = true;  // try them
  int page_size = 500;
  // More than the minute between two bookmarks; a dead watch is noticed within 75 s.
  Duration silence_limit = std::chrono::seconds(72);
  // How long a streaming list may go without an event before a list takes its place.
  Duration stream_patience = std::chrono::seconds(20);
  // Until the head of a watch is there: it comes at once, before the first event.
  Duration start_limit = std::chrono::seconds(30);
  // How long a page of a list may go without a whole item. An API server gives up within 60 s
  // (--request-timeout) unless told otherwise: what it says then is still heard.
  Duration page_patience = std::chrono::seconds(72);
  // And in all. Servers may be told to take longer than the minute, and gateways hold answers back:
  // this is for a list that never ends. A page is what counts for health, within five minutes.
  Duration page_limit = std::chrono::minutes(4);
  int min_timeout_seconds = 300;  // the upper bound is twice this
  BackoffPolicy backoff{std::chrono::milliseconds(800), std::chrono::seconds(30), 2.0, 1.0};
  Duration backoff_reset = std::chrono::seconds(120);  // without a failure: all is forgiven
  Duration replay_every = std::chrono::hours(10);      // +- 10 %: handlers hear of all objects
};

// How long a page of a list that was asked for this long ago may wait for its next item.
Duration PagePatience(Duration age, const ListWatchOptions& options);

class ListWatch {
 public:
  ListWatch(ListWatchOptions options, Random& random)
      : options_(std::move(options)),
        random_(random),
        patience_(options_.silence_limit, options_.stream_patience) {}

  WatchActions Start(MonotonicTime now);
  WatchActions OnListItem(nlohmann::json item);
  WatchActions OnPage(ListPage page, MonotonicTime now);
  WatchActions OnListFailed(const Error& error, MonotonicTime now);
  WatchActions OnWatchOpened(MonotonicTime now);
  WatchActions OnWatchRefused(const Error& error, MonotonicTime now);
  // Bytes came, whatever they were; before the events that they complete.
  void OnBytes(MonotonicTime now);
  WatchActions OnEvent(WatchEvent event, MonotonicTime now);
  // The bytes of the stream made no sense.
  WatchActions OnWatchGarbled(const Error& error, MonotonicTime now);
  // The stream ended, cleanly or not.
  WatchActions OnWatchEnded(MonotonicTime now);
  // When OnTimer is to be called; nothing: no need.
  std::optional<MonotonicTime> Deadline() const;
  WatchActions OnTimer(MonotonicTime now);

  bool watching() const { return state_ == State::kWatching; }
  int failures() const { return failures_; }  // in a row
  MonotonicTime last_byte() const { return last_byte_; }
  const std::string& last_version() const { return last_version_; }

 private:
  enum class State { kIdle, kListing, kSyncWait, kOpening, kWatching, kWatchWait };

  // Syncs: what fills the store, by list or by stream.
  WatchActions BeginSync(MonotonicTime now);
  WatchActions BeginList();
  WatchActions BeginStream();
  WatchActions SyncWithMostRecent(MonotonicTime now);
  WatchActions RefusedStream(const Error& error, MonotonicTime now);
  WatchActions BrokenStream(const Error& error, MonotonicTime now);
  WatchActions EndSync(const std::string& version, MonotonicTime now);
  bool Believable(const std::string& version) const;

  WatchAction Open(const std::string& version, bool initial_events);
  WatchActions OnErrorEvent(const Error& error, MonotonicTime now);
  WatchActions OnBookmark(const std::string& version, MonotonicTime now);
  WatchActions OnObjectEvent(WatchEvent event, std::string version);
  WatchActions OnStreamedEvent(WatchEvent event, const std::string& version, MonotonicTime now);
  WatchActions OnSilence(MonotonicTime now);
  WatchActions OnSlowStream(MonotonicTime now);
  WatchActions FailTo(State wait_state, const Error& error, MonotonicTime now);
  MonotonicTime After(Duration delay, MonotonicTime now);
  void ScheduleReplay(MonotonicTime now);
  void AvoidStreams(MonotonicTime now);
  MonotonicTime StreamDeadline() const;

  const ListWatchOptions options_;
  Random& random_;

  State state_ = State::kIdle;
  MonotonicTime due_;  // in the waiting states
  std::optional<MonotonicTime> replay_due_;

  // Syncing.
  std::string last_version_;       // of all that was seen
  bool version_unusable_ = false;  // the server said so: the next sync takes the most recent state
  std::string sync_version_;       // what the sync under way asked for
  bool must_list_ = false;         // this sync: the stream was refused, or broke again and again
  std::optional<MonotonicTime> lists_until_;  // the server does not seem to know streaming lists
  int broken_streams_ = 0;
  bool server_paginates_ = false;  // even when asked for "0": its watch cache is off
  bool unlimited_ = false;         // the list broke off between pages: fetch it whole
  bool between_pages_ = false;

  // Watching.
  bool initial_ = false;  // the stream under way is a streaming list, its end not seen yet
  int timeout_seconds_ = 0;
  StreamPatience patience_;
  std::string opened_at_;  // the version
  MonotonicTime last_byte_;

  int failures_ = 0;
  MonotonicTime last_failure_;
};

}  // namespace milink::kube
