// Lists: the query of one page, and its answer taken apart. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/kube/list_watch.h"
#include "core/kube/object_client.h"

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
// Path and query of a watch; bookmarks are asked for.
Result<std::string> WatchTarget(const ResourceType& type, const ListQuery& query,
                                const OpenWatch& watch);

// Items get the kind and apiVersion of the list where they have none. kTransient "ListGarbled"
// when the body is no list.
Result<ListPage> ParseListPage(std::string_view body);

}  // namespace milink::kube
