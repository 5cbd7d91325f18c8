// Lists: the query of one page, and its answer taken apart while it arrives.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/result.h"
#include "core/kube/json_scanner.h"
#include "core/kube/object_client.h"
#include "core/kube/watch_actions.h"

namespace milink::kube {

struct ListQuery {
  std::string namespace_name;  // empty: all
  std::string label_selector;
  std::string field_selector;
  std::string resource_version;  // empty: the most recent state
  std::string continue_token;
  int limit = 0;  // 0: no limit
};

// Path and query of a list.
Result<std::string> ListTarget(const ResourceType& type, const ListQuery& query);
// Path and query of a watch; bookmarks are asked for, and initial events where `watch` says so.
Result<std::string> WatchTarget(const ResourceType& type, const ListQuery& query,
                                const OpenWatch& watch);

// Cuts the bytes of one page into its items, so that no more than one item is in memory however
// long the page is: a server answers from its cache with all objects in one page.
//
// Not thread-safe. After an error the decoder is of no further use.
class ListDecoder {
 public:
  // Of one item, and of all that is not an item. As for an event of a watch.
  static constexpr std::size_t kDefaultLimit = 8U << 20U;

  // Items without kind and apiVersion get those of `type`.
  explicit ListDecoder(ResourceType type, std::size_t limit = kDefaultLimit)
      : type_(std::move(type)), limit_(limit) {}

  // Hands every item that is complete to `emit`, in order. kTransient "ListGarbled" when the bytes
  // are no list, "ListItemTooLarge" beyond the limit.
  Status Feed(std::string_view bytes, const std::function<void(nlohmann::json)>& emit);
  // The body ended. "ListGarbled" when it is no whole list, or one of another kind.
  Result<ListPage> Finish() const;

 private:
  bool IsBetweenItems() const;
  Status Take(char c, const std::function<void(nlohmann::json)>& emit);
  Status TakeOfItem(char c, const std::function<void(nlohmann::json)>& emit);
  void NoteString(char c, bool was_in_string);
  Status CheckItem() const;
  Status EmitItem(const std::function<void(nlohmann::json)>& emit);

  ResourceType type_;
  std::size_t limit_;
  JsonScanner scanner_;
  std::string envelope_;  // the list without its items
  std::string item_;
  std::string last_string_;  // the last one directly in the list: the key of what follows
  bool in_items_ = false;
  bool ended_ = false;
};

}  // namespace milink::kube
