#include "core/kube/list_page.h"

#include <initializer_list>
#include <utility>

#include "core/base/text.h"
#include "core/kube/resource_path.h"

namespace milink::kube {
namespace {

using nlohmann::json;

// "?a=b&c=d" of the pairs whose value is not empty.
std::string Query(std::initializer_list<std::pair<const char*, std::string>> pairs) {
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!value.empty()) {
      out += (out.empty() ? "?" : "&") + std::string(name) + "=" + EscapeQuery(value);
    }
  }
  return out;
}

std::string TextAt(const json& node, const char* field) {
  const auto it = node.is_object() ? node.find(field) : node.end();
  return node.is_object() && it != node.end() && it->is_string() ? it->get<std::string>() : "";
}

// "WidgetList" lists items of the kind "Widget".
std::string ItemKind(const std::string& list_kind) {
  return list_kind.ends_with("List") ? list_kind.substr(0, list_kind.size() - 4) : "";
}

}  // namespace

Result<std::string> ListTarget(const ResourceType& type, const ListQuery& query) {
  auto path = ResourcePath(type, query.namespace_name);
  if (!path.ok()) {
    return path;
  }
  return *path + Query({{"labelSelector", query.label_selector},
                        {"fieldSelector", query.field_selector},
                        {"resourceVersion", query.resource_version},
                        {"limit", query.limit > 0 ? std::to_string(query.limit) : ""},
                        {"continue", query.continue_token}});
}

Result<std::string> WatchTarget(const ResourceType& type, const ListQuery& query,
                                const OpenWatch& watch) {
  auto path = ResourcePath(type, query.namespace_name);
  if (!path.ok()) {
    return path;
  }
  return *path + Query({{"watch", "1"},
                        {"allowWatchBookmarks", "true"},
                        {"labelSelector", query.label_selector},
                        {"fieldSelector", query.field_selector},
                        {"resourceVersion", watch.resource_version},
                        {"timeoutSeconds", std::to_string(watch.timeout_seconds)}});
}

Result<ListPage> ParseListPage(std::string_view body) {
  json list = json::parse(body, nullptr, /*allow_exceptions=*/false);
  const Error garbled{ErrorKind::kTransient, "ListGarbled",
                      "the Kubernetes API server answered a list with something else",
                      Shorten(body, 200)};
  if (!list.is_object()) {
    return garbled;
  }
  const auto meta = list.find("metadata");
  const auto items = list.find("items");
  if (meta == list.end() || items == list.end() || !(items->is_array() || items->is_null())) {
    return garbled;
  }
  ListPage page;
  page.resource_version = TextAt(*meta, "resourceVersion");
  page.continue_token = TextAt(*meta, "continue");
  const std::string kind = ItemKind(TextAt(list, "kind"));
  const std::string api_version = TextAt(list, "apiVersion");
  for (json& item : *items) {
    if (item.is_object() && !item.contains("kind")) {
      item["kind"] = kind;
      item["apiVersion"] = api_version;
    }
    page.items.push_back(std::move(item));
  }
  return page;
}

}  // namespace milink::kube
