// List and watch of one kind of object as a pure state machine: it is told what happened, and says
// what to do. It does no I/O, reads no clock and keeps no thread; the watch driver is its hands.
//
//   Start -> FetchPage .. OnPage* -> ReplaceStore, OpenWatch .. OnWatchOpened, OnEvent* ..
//   OnWatchEnded -> OpenWatch (from the last version seen) ..
//
// Rules (those of client-go's reflector):
// - The first list takes any version the server has cached ("0"), a later one must not be older
//   than what was seen, and only a version that the server calls unusable is replaced by "", the
//   most recent state. A list older than what was seen is not believed.
// - A watch that the server is too busy to start (429), or whose connection is refused, is tried
//   again as a watch: a storm of lists is the last thing a struggling server needs.
// - A watch that ended cleanly goes on at once from its last version; one that ended within a
//   second without an event counts as a failure. Failures back off, each watch for itself.
// - A silent connection is cut: HTTP/1.1 has no ping, and load balancers forget idle flows.
//   Bookmarks (about one a minute) keep a healthy watch from being silent.
//
// Not thread-safe. Times are of the monotonic clock.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/backoff.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/kube/watch_decoder.h"

namespace milink::kube {

// --- What the machine asks for -------------------------------------------------------------------

struct FetchPage {
  std::string resource_version;  // empty: the most recent state
  std::string continue_token;    // set: the next page of the list under way
  int limit = 0;                 // 0: no limit, so that the server may answer from its cache
  bool operator==(const FetchPage&) const = default;
};
// Then OnWatchOpened or OnWatchRefused. Bookmarks are always asked for.
struct OpenWatch {
  std::string resource_version;
  int timeout_seconds = 0;  // when the server shall end the watch
  bool operator==(const OpenWatch&) const = default;
};
// The stream is no longer wanted; nothing of it is to be reported any more.
struct CloseWatch {
  bool operator==(const CloseWatch&) const = default;
};
// What the sink shall do, in this order.
struct StageItems {
  std::vector<nlohmann::json> items;
  bool operator==(const StageItems&) const = default;
};
struct DiscardStaged {
  bool operator==(const DiscardStaged&) const = default;
};
struct ReplaceStore {
  std::string version;
  bool operator==(const ReplaceStore&) const = default;
};
struct UpsertObject {
  nlohmann::json object;
  bool operator==(const UpsertObject&) const = default;
};
struct RemoveObject {
  nlohmann::json object;
  bool operator==(const RemoveObject&) const = default;
};
struct NoteProgress {
  std::string version;
  bool operator==(const NoteProgress&) const = default;
};
// For the log and the health report; `delay` until the next attempt.
struct ReportFailure {
  Error error;
  Duration delay;
  bool operator==(const ReportFailure&) const = default;
};

using WatchAction =
    std::variant<FetchPage, OpenWatch, CloseWatch, StageItems, DiscardStaged, ReplaceStore,
                 UpsertObject, RemoveObject, NoteProgress, ReportFailure>;
using WatchActions = std::vector<WatchAction>;

// --- What it is told -----------------------------------------------------------------------------

struct ListPage {
  std::vector<nlohmann::json> items;
  std::string resource_version;  // of the list, not of an item
  std::string continue_token;    // empty: the last page
};

struct ListWatchOptions {
  int page_size = 500;
  Duration silence_limit = std::chrono::seconds(75);
  int min_timeout_seconds = 300;  // the upper bound is twice this
  BackoffPolicy backoff{std::chrono::milliseconds(800), std::chrono::seconds(30), 2.0, 1.0};
  Duration backoff_reset = std::chrono::seconds(120);  // without a failure: all is forgiven
};

class ListWatch {
 public:
  ListWatch(ListWatchOptions options, Random& random) : options_(options), random_(random) {}

  WatchActions Start(MonotonicTime now);
  WatchActions OnPage(ListPage page, MonotonicTime now);
  WatchActions OnListFailed(const Error& error, MonotonicTime now);
  WatchActions OnWatchOpened(MonotonicTime now);
  WatchActions OnWatchRefused(const Error& error, MonotonicTime now);
  // Bytes came, whatever they were.
  void OnBytes(MonotonicTime now) { last_byte_ = now; }
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
  enum class State { kIdle, kListing, kListWait, kOpening, kWatching, kWatchWait };

  WatchActions BeginList();
  WatchAction Open();
  WatchActions FailTo(State wait_state, const Error& error, MonotonicTime now);
  WatchActions OnErrorEvent(const Error& error, MonotonicTime now);
  bool SilenceMatters() const;

  const ListWatchOptions options_;
  Random& random_;

  State state_ = State::kIdle;
  MonotonicTime due_;  // in the waiting states

  // Listing.
  std::string last_version_;       // of all that was seen
  bool version_unusable_ = false;  // the server said so: the next list takes the most recent state
  bool server_paginates_ = false;  // even when asked for "0": its watch cache is off
  bool unlimited_ = false;         // the list broke off between pages: fetch it whole
  std::string list_version_;       // what the list under way asked for
  bool has_staged_ = false;

  // Watching.
  int timeout_seconds_ = 0;
  MonotonicTime opened_;
  MonotonicTime last_byte_;
  bool saw_event_ = false;     // on this stream
  bool saw_bookmark_ = false;  // ever
  int silent_cuts_ = 0;        // while no bookmark was ever seen

  int failures_ = 0;
  MonotonicTime last_failure_;
};

}  // namespace milink::kube
