// One watch: the hands of a ListWatch machine. It carries out what the machine asks for on one
// connection and one timer, and hands objects to the sink.
//
// On the loop's thread only, except Health (thread-safe).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/kube/dialer.h"
#include "core/kube/list_page.h"
#include "core/kube/list_watch.h"
#include "core/kube/object_client.h"
#include "core/kube/object_sink.h"
#include "core/kube/watch_decoder.h"

namespace milink::kube {

// What to watch; empty fields do not restrict.
struct WatchSpec {
  ResourceType type;
  std::string namespace_name;
  std::string label_selector;
  std::string field_selector;
};

// "secrets", or "secrets of namespace shop".
std::string NameOf(const WatchSpec& spec);

struct WatchHealth {
  WatchSpec spec;
  bool listed = false;        // the store was filled at least once
  bool watching = false;      // a stream is open
  int failures = 0;           // in a row
  std::uint64_t skipped = 0;  // events and items that made no sense, since the start
  MonotonicTime last_byte;    // when the stream was last heard
  // When the server last did as asked: a page of a list, an open stream, bytes of it that made
  // sense.
  MonotonicTime last_success;
  // When it last said itself that there is no such kind, or no right to it (404, 403).
  MonotonicTime last_refusal;
  std::string last_error;  // of the latest failure, kept
};

// Does the cache follow the server? kTransient "WatchStale" when the server did not do as asked for
// `window`; other answers do not count: with revoked credentials, or behind a proxy that answers
// for a server which is gone, the process is blind, whatever else looks well. For readiness. A
// stream that the server keeps silent on purpose lasts at most 605 s.
Status CheckFresh(const WatchHealth& health, MonotonicTime now, Duration window);
// The same for liveness, where a server that refuses counts as heard: a kind that was removed, or a
// right that was taken away, does not come back by a restart, and meanwhile the other watches go
// on (OPERATOR-ENGINE W-9). New credentials or another connection may (T-3).
Status CheckHeard(const WatchHealth& health, MonotonicTime now, Duration window);

class WatchTask {
 public:
  // All references must outlive the task.
  WatchTask(IoLoop& loop, Dialer& dialer, WatchSpec spec, ObjectSink& sink, const Clock& clock,
            Random& random, const ListWatchOptions& options, const Logger& logger);

  void Start();
  // No more calls of the sink after this.
  void Stop();
  WatchHealth Health() const;

 private:
  void Do(WatchActions actions);
  void PerformAll(WatchActions actions);
  void Perform(FetchPage& action);
  void Perform(OpenWatch& action);
  void Perform(CloseWatch& action);
  void Perform(StageObject& action);
  void Perform(UnstageObject& action);
  void Perform(DiscardStaged& action);
  void Perform(ReplaceStore& action);
  void Perform(UpsertObject& action);
  void Perform(RemoveObject& action);
  void Perform(NoteProgress& action);
  void Perform(ReplayStore& action);
  void Perform(ReportFailure& action);
  void Perform(ReportSkipped& action);

  // Sends a GET; `on_head` gets an answer of 200 with JSON, `on_error` all else, with its body
  // decoded.
  void Ask(const std::string& target, Duration deadline, std::function<void()> on_head,
           std::function<void(const Error&)> on_error);
  Error NoteRefusal(const HttpHead& head, const std::string& body);
  void ReadAll(std::function<void(Result<std::string>)> done);
  void ReadList();
  void OnListBytes(std::string_view bytes);
  void ReadItems(std::string_view bytes);
  void FailList(const Error& error);
  void ReadWatch();
  void OnWatchBytes(std::string_view bytes);
  void EndWatch();
  void Arm();
  MonotonicTime NoteSuccess();  // returns when the last one was
  void UpdateHealth();

  IoLoop& loop_;
  Dialer& dialer_;
  const WatchSpec spec_;
  ObjectSink& sink_;
  const Clock& clock_;
  const Logger logger_;
  const ListWatchOptions options_;

  ListWatch machine_;
  ListDecoder list_decoder_;
  WatchDecoder watch_decoder_;
  MonotonicTime page_asked_;
  int stream_ = 0;  // counts them: what was read of one is not for the next
  // Of the health, as it was before the stream; nothing once an event came of it.
  std::optional<MonotonicTime> success_before_stream_;
  std::unique_ptr<HttpConnection> connection_;
  LoopTimer timer_;
  std::optional<MonotonicTime> armed_;  // when the timer comes
  std::string body_;
  bool stopped_ = false;

  mutable std::mutex health_mutex_;
  WatchHealth health_;
};

}  // namespace milink::kube
