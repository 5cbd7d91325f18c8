// Machines and a model of a cluster in virtual time: no wire, no thread, no clock but the world's.
// Hours pass in milliseconds, and the same seed gives the same run.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/kube/api_status.h"
#include "core/kube/list_watch.h"
#include "tests/unit/kube/witness.h"

namespace milink::kube {

// What may befall the traffic of one watch; each in [0, 1), per request or per tick of a stream.
struct Troubles {
  double refuse_request = 0;  // with any of the codes and cuts that there are
  double lag = 0;             // served by a server that is behind
  double cut = 0;
  double garble = 0;
  double silence = 0;  // half-open from here on
  double nonsense = 0;
  double repeat = 0;    // an old event once more
  bool down = false;    // connection refused
  int busy_start = 0;   // every request is refused, to be repeated after so many seconds
  int busy_stream = 0;  // every stream begins with the same as an ERROR
  bool bookmarks = true;
};

class WatchWorld {
 public:
  static constexpr Duration kTick = std::chrono::milliseconds(100);

  WatchWorld(std::uint64_t seed, std::size_t watches, bool streaming_lists)
      : random_(MakeSeededRandom(seed)) {
    cluster.Serve(kWidgets);
    for (std::size_t i = 0; i < watches; ++i) {
      lines_.push_back(std::make_unique<Line>(Options(streaming_lists), *random_));
    }
  }

  void Run(Duration time, const std::function<void()>& each_tick = nullptr) {
    for (const MonotonicTime end = now_ + time; now_ < end;) {
      now_ += kTick;
      if (each_tick) {
        each_tick();
      }
      for (const auto& line : lines_) {
        Step(*line);
      }
    }
  }
  bool Chance(double probability) { return random_->Uniform() < probability; }
  int Pick(int count) { return static_cast<int>(random_->Uniform() * count); }

  MonotonicTime now() const { return now_; }
  const Witness& witness(std::size_t watch) const { return lines_.at(watch)->witness; }
  const ListWatch& machine(std::size_t watch) const { return lines_.at(watch)->machine; }
  // When requests were sent, of all watches.
  const std::vector<MonotonicTime>& requests() const { return requests_; }
  std::size_t lists() const { return lists_; }
  // The most that fell into any span of this length.
  std::size_t Busiest(Duration span) const {
    std::size_t most = 0;
    for (std::size_t first = 0, last = 0; last < requests_.size(); ++last) {
      while (requests_[last] - requests_[first] >= span) {
        ++first;
      }
      most = std::max(most, last - first + 1);
    }
    return most;
  }
  void ForgetRequests() {
    requests_.clear();
    lists_ = 0;
  }

  fakes::ClusterModel cluster;
  Troubles troubles;

 private:
  struct Stream {
    fakes::Revision seen = 0;
    std::deque<WatchEvent> waiting;
    bool initial = false;  // the end bookmark still waits
    bool silent = false;
    MonotonicTime bookmark;
  };
  struct Line {
    Line(const ListWatchOptions& options, Random& random) : machine(options, random) {}
    Witness witness;
    ListWatch machine;
    std::optional<FetchPage> fetch;
    std::optional<OpenWatch> open;
    std::optional<Stream> stream;
    bool started = false;
  };

  static ListWatchOptions Options(bool streaming_lists) {
    ListWatchOptions options;
    options.kind = "Widget";
    options.streaming_lists = streaming_lists;
    options.page_size = 3;
    return options;
  }

  void Step(Line& line) {
    if (!std::exchange(line.started, true)) {
      Do(line, line.machine.Start(now_));
    }
    if (const auto due = line.machine.Deadline(); due && now_ >= *due) {
      Do(line, line.machine.OnTimer(now_));
    }
    if (const auto fetch = std::exchange(line.fetch, std::nullopt)) {
      Answer(line, *fetch);
    } else if (const auto open = std::exchange(line.open, std::nullopt)) {
      Answer(line, *open);
    } else if (line.stream) {
      Flow(line);
    }
  }

  void Do(Line& line, WatchActions actions) {
    for (WatchAction& action : actions) {
      std::visit([&](auto& what) { Perform(line, what); }, action);
    }
  }
  void Perform(Line& line, FetchPage& action) {
    requests_.push_back(now_);
    ++lists_;
    line.fetch = action;
  }
  void Perform(Line& line, OpenWatch& action) {
    requests_.push_back(now_);
    line.stream.reset();
    line.open = action;
  }
  static void Perform(Line& line, CloseWatch& /*action*/) { line.stream.reset(); }
  static void Perform(Line& line, StageObject& action) {
    line.witness.informer.Stage(std::move(action.object));
  }
  static void Perform(Line& line, UnstageObject& action) {
    line.witness.informer.Unstage(std::move(action.object));
  }
  static void Perform(Line& line, DiscardStaged& /*action*/) {
    line.witness.informer.DiscardStaged();
  }
  static void Perform(Line& line, ReplaceStore& action) {
    line.witness.informer.Replace(action.version);
  }
  static void Perform(Line& line, UpsertObject& action) {
    line.witness.informer.Upsert(std::move(action.object));
  }
  static void Perform(Line& line, RemoveObject& action) {
    line.witness.informer.Remove(std::move(action.object));
  }
  static void Perform(Line& line, NoteProgress& action) {
    line.witness.informer.Progress(action.version);
  }
  static void Perform(Line& /*line*/, ReplayStore& /*action*/) {}
  static void Perform(Line& /*line*/, ReportFailure& /*action*/) {}
  static void Perform(Line& /*line*/, ReportSkipped& /*action*/) {}

  static nlohmann::json Busy(int seconds) {
    return fakes::Refusal(429, "TooManyRequests", "busy", seconds).body;
  }
  std::optional<Error> Refused() {
    if (troubles.down) {
      return Error{ErrorKind::kTransient, std::string(kConnectionRefused), "down", ""};
    }
    if (troubles.busy_start > 0) {
      return DecodeRefusal(429, Busy(troubles.busy_start).dump(), std::nullopt);
    }
    if (!Chance(troubles.refuse_request)) {
      return std::nullopt;
    }
    if (Chance(0.4)) {
      return Error{ErrorKind::kTransient, std::string(Chance(0.5) ? kConnectionLost : kTimeout),
                   "lost", ""};
    }
    static constexpr int kCodes[] = {400, 401, 403, 404, 410, 422, 429, 500, 503, 504};
    return DecodeRefusal(kCodes[Pick(std::size(kCodes))], "", std::nullopt);
  }
  fakes::Revision Visible() {
    return Chance(troubles.lag) ? cluster.head() - Pick(30) : cluster.head();
  }

  void Answer(Line& line, const FetchPage& fetch) {
    if (const auto error = Refused()) {
      Do(line, line.machine.OnListFailed(*error, now_));
      return;
    }
    const auto answer = cluster.List(
        kWidgets, {"", fetch.resource_version, fetch.limit, fetch.continue_token, true}, Visible());
    if (!answer.ok()) {
      Do(line, line.machine.OnListFailed(
                   DecodeRefusal(answer.code, answer.body.dump(), std::nullopt), now_));
      return;
    }
    for (const auto& item : answer.body.at("items")) {
      Do(line, line.machine.OnListItem(item));
    }
    const auto& meta = answer.body.at("metadata");
    Do(line, line.machine.OnPage({meta.at("resourceVersion"), meta.at("continue")}, now_));
  }

  void Answer(Line& line, const OpenWatch& open) {
    auto error = Refused();
    const fakes::Revision visible = Visible();
    Stream stream;
    stream.bookmark = now_;
    stream.seen =
        open.resource_version.empty() ? cluster.head() : std::stoll(open.resource_version);
    if (!error && stream.seen > visible && !open.resource_version.empty()) {
      const auto refusal = fakes::VersionTooLarge();
      error = DecodeRefusal(refusal.code, refusal.body.dump(), std::nullopt);
    }
    if (error) {
      Do(line, line.machine.OnWatchRefused(*error, now_));
      return;
    }
    stream.initial = open.initial_events;
    if (open.initial_events) {
      stream.seen = std::max(stream.seen, visible);
      for (const auto& [key, object] : cluster.Objects(kWidgets, stream.seen)) {
        stream.waiting.push_back({"ADDED", object});
      }
      stream.waiting.push_back(Bookmark(stream.seen, true));
    }
    line.stream = std::move(stream);
    Do(line, line.machine.OnWatchOpened(now_));
  }

  static WatchEvent Bookmark(fakes::Revision at, bool ends) {
    nlohmann::json object{{"kind", "Widget"},
                          {"metadata", {{"resourceVersion", std::to_string(at)}}}};
    if (ends) {
      object["metadata"]["annotations"]["k8s.io/initial-events-end"] = "true";
    }
    return {"BOOKMARK", std::move(object)};
  }

  static bool IsEnd(const WatchEvent& event) {
    return event.type == "BOOKMARK" && event.object.at("metadata").contains("annotations");
  }

  // One tick of a stream: new events join those that wait, and up to three get through.
  void Flow(Line& line) {
    Stream& stream = *line.stream;
    if (troubles.down || Chance(troubles.cut)) {
      End(line);
      return;
    }
    stream.silent = stream.silent || Chance(troubles.silence);
    if (stream.silent) {
      return;
    }
    if (Chance(troubles.garble)) {
      Do(line,
         line.machine.OnWatchGarbled(Error{ErrorKind::kTransient, "WatchGarbled", "x", ""}, now_));
      return;
    }
    Fill(stream);
    for (int i = 0; i < 3 && line.stream && !line.stream->waiting.empty(); ++i) {
      const WatchEvent event = line.stream->waiting.front();
      line.stream->waiting.pop_front();
      line.stream->initial = line.stream->initial && !IsEnd(event);
      line.machine.OnBytes(now_);
      Do(line, line.machine.OnEvent(event, now_));
    }
  }

  void End(Line& line) {
    line.stream.reset();
    Do(line, line.machine.OnWatchEnded(now_));
  }

  void Fill(Stream& stream) {
    if (troubles.busy_stream > 0) {
      stream.waiting.push_front({"ERROR", Busy(troubles.busy_stream)});
    }
    const auto events = cluster.EventsAfter(kWidgets, "", stream.seen);
    if (!events) {
      stream.waiting.push_back({"ERROR", fakes::Refusal(410, "Expired", "too old").body});
      return;
    }
    for (const auto& event : *events) {
      stream.waiting.push_back({event.type, event.object});
      if (Chance(troubles.repeat)) {
        stream.waiting.push_back({event.type, event.object});
      }
      // The order within a streaming list cannot be told, so no server may do this there.
      if (!stream.initial && Chance(troubles.repeat)) {
        stream.waiting.push_back({(*events)[0].type, (*events)[0].object});
        stream.waiting.push_back({"MODIFIED", (*events)[0].object});
      }
      if (Chance(troubles.nonsense)) {
        stream.waiting.push_back({Chance(0.5) ? "RENAMED" : "ADDED", {{"kind", "Table"}}});
      }
    }
    stream.seen = std::max(stream.seen, cluster.head());
    if (troubles.bookmarks && now_ - stream.bookmark >= std::chrono::seconds(60)) {
      stream.bookmark = now_;
      stream.waiting.push_back(Bookmark(stream.seen, false));
    }
  }

  const std::unique_ptr<Random> random_;
  MonotonicTime now_{std::chrono::hours(1)};
  std::vector<std::unique_ptr<Line>> lines_;
  std::vector<MonotonicTime> requests_;
  std::size_t lists_ = 0;
};

}  // namespace milink::kube
