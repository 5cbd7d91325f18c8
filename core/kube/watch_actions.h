// The language between the list+watch machine and its hands: what it asks for, what it is told.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "core/base/error.h"

namespace milink::kube {

// --- Requests -----------------------------------------------------------------------------------

// Answered by OnListItem for each item, then OnPage; or by OnListFailed.
struct FetchPage {
  std::string resource_version;  // empty: the most recent state
  std::string continue_token;    // set: the next page of the list under way
  int limit = 0;                 // 0: no limit, so that the server may answer from its cache
  bool operator==(const FetchPage&) const = default;
};
// Answered by OnWatchOpened, then the stream; or by OnWatchRefused. Bookmarks are always asked for.
struct OpenWatch {
  std::string resource_version;
  int timeout_seconds = 0;      // when the server shall end the watch
  bool initial_events = false;  // a streaming list first (KEP 3157), then the watch
  bool operator==(const OpenWatch&) const = default;
};
// The stream is no longer wanted; nothing of it is to be reported any more.
struct CloseWatch {
  bool operator==(const CloseWatch&) const = default;
};

// --- For the sink, in this order
// ------------------------------------------------------------------

struct StageObject {
  nlohmann::json object;
  bool operator==(const StageObject&) const = default;
};
struct UnstageObject {
  nlohmann::json object;
  bool operator==(const UnstageObject&) const = default;
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
struct ReplayStore {
  bool operator==(const ReplayStore&) const = default;
};

// --- For the log and the health report
// ------------------------------------------------------------

// `delay` until the next attempt; zero: it is under way, or a warning only.
struct ReportFailure {
  Error error;
  Duration delay;
  bool operator==(const ReportFailure&) const = default;
};
// Something in the stream or list made no sense and was passed over.
struct ReportSkipped {
  Error error;
  bool operator==(const ReportSkipped&) const = default;
};

using WatchAction = std::variant<FetchPage, OpenWatch, CloseWatch, StageObject, UnstageObject,
                                 DiscardStaged, ReplaceStore, UpsertObject, RemoveObject,
                                 NoteProgress, ReplayStore, ReportFailure, ReportSkipped>;
using WatchActions = std::vector<WatchAction>;

// --- What the machine is told
// -----------------------------------------------------------------------

struct ListPage {
  std::string resource_version;  // of the list, not of an item
  std::string continue_token;    // empty: the last page
};

struct WatchEvent {
  std::string type;       // ADDED, MODIFIED, DELETED, BOOKMARK, ERROR, or what comes later
  nlohmann::json object;  // the object; a Status with ERROR
};

}  // namespace milink::kube
