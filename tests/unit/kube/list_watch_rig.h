// The machine of a list and watch, told what happened; its answers are compared as one line of text
// each.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/kube/api_status.h"
#include "core/kube/list_watch.h"

namespace milink::kube {

using Lines = std::vector<std::string>;

// Always the middle: a delay d becomes 1.5 d, the watch timeout 450 s.
class HalfRandom final : public Random {
 public:
  double Uniform() override { return 0.5; }
  std::uint64_t Bits() override { return 0; }
};

struct Describe {
  std::string operator()(const FetchPage& a) const {
    return a.continue_token.empty()
               ? "list at '" + a.resource_version + "' limit " + std::to_string(a.limit)
               : "list on from " + a.continue_token + " limit " + std::to_string(a.limit);
  }
  std::string operator()(const OpenWatch& a) const {
    return a.initial_events ? "stream at '" + a.resource_version + "'"
                            : "watch from " + a.resource_version;
  }
  std::string operator()(const CloseWatch& /*a*/) const { return "close"; }
  std::string operator()(const StageObject& a) const { return "stage " + a.object.value("n", ""); }
  std::string operator()(const UnstageObject& a) const {
    return "unstage " + a.object.value("n", "");
  }
  std::string operator()(const DiscardStaged& /*a*/) const { return "discard"; }
  std::string operator()(const ReplaceStore& a) const { return "replace at " + a.version; }
  std::string operator()(const UpsertObject& a) const {
    return "upsert " + a.object.value("n", "");
  }
  std::string operator()(const RemoveObject& a) const {
    return "remove " + a.object.value("n", "");
  }
  std::string operator()(const NoteProgress& a) const { return "progress " + a.version; }
  std::string operator()(const ReplayStore& /*a*/) const { return "replay"; }
  std::string operator()(const ReportSkipped& a) const { return "skipped " + a.error.reason; }
  std::string operator()(const ReportFailure& a) const {
    return "failed " + a.error.reason + ", wait " + std::to_string(a.delay.count()) + " ms";
  }
};

inline Lines Text(const WatchActions& actions) {
  Lines lines;
  for (const WatchAction& action : actions) {
    lines.push_back(std::visit(Describe{}, action));
  }
  return lines;
}

inline ListPage Page(const std::string& version, const std::string& next = "") {
  return {version, next};
}

inline WatchEvent Event(const std::string& type, const std::string& version,
                        const std::string& name = "a") {
  return {type, {{"n", name}, {"kind", "Widget"}, {"metadata", {{"resourceVersion", version}}}}};
}

inline WatchEvent EndBookmark(const std::string& version) {
  WatchEvent event = Event("BOOKMARK", version);
  event.object["metadata"]["annotations"]["k8s.io/initial-events-end"] = "true";
  return event;
}

inline ListWatchOptions Options(bool streaming_lists) {
  ListWatchOptions options;
  options.kind = "Widget";
  options.streaming_lists = streaming_lists;
  return options;
}

inline WatchEvent ErrorEvent(const std::string& reason) {
  return {"ERROR", {{"kind", "Status"}, {"reason", reason}}};
}

inline Error Refused(int code) { return DecodeRefusal(code, "", std::nullopt); }

inline Error ErrorWith(std::string_view reason) {
  return {ErrorKind::kTransient, std::string(reason), "m"};
}

class ListWatchTest : public testing::Test {
 protected:
  void Wait(Duration by) { now_ += by; }
  // Waits for the machine's own deadline.
  Lines WaitForTimer() {
    now_ = machine_.Deadline().value();
    return Text(machine_.OnTimer(now_));
  }
  // Through the first list, at version 10, into a running watch.
  void StartWatching() {
    machine_.Start(now_);
    machine_.OnPage(Page("10"), now_);
    machine_.OnWatchOpened(now_);
  }

  HalfRandom random_;
  MonotonicTime now_{std::chrono::hours(1)};
  ListWatch machine_{Options(/*streaming_lists=*/false), random_};
};

}  // namespace milink::kube
