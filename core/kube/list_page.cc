#include "core/kube/list_page.h"

#include <initializer_list>
#include <utility>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/kube/object_text.h"
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

Error Garbled(std::string_view excerpt) {
  return {ErrorKind::kTransient, "ListGarbled",
          "the Kubernetes API server answered a list with something else", Shorten(excerpt, 200)};
}

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::string ApiVersionOf(const ResourceType& type) {
  return type.group.empty() ? type.version : type.group + "/" + type.version;
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
                        {"sendInitialEvents", watch.initial_events ? "true" : ""},
                        {"resourceVersionMatch", watch.initial_events ? "NotOlderThan" : ""},
                        {"resourceVersion", watch.resource_version},
                        {"timeoutSeconds", std::to_string(watch.timeout_seconds)}});
}

Status ListDecoder::Feed(std::string_view bytes, const std::function<void(json)>& emit) {
  while (!bytes.empty()) {
    if (in_items_ && !IsBetweenItems()) {
      const std::size_t idle = scanner_.CountIdle(bytes);
      item_.append(bytes.substr(0, idle));
      bytes.remove_prefix(idle);
      if (Status small = CheckItem(); !small.ok()) {
        return small;
      }
    }
    if (!bytes.empty()) {
      if (Status taken = Take(bytes.front(), emit); !taken.ok()) {
        return taken;
      }
      bytes.remove_prefix(1);
    }
  }
  return OkStatus();
}

bool ListDecoder::IsBetweenItems() const { return scanner_.depth() == 2 && !scanner_.in_string(); }

Status ListDecoder::Take(char c, const std::function<void(json)>& emit) {
  if (in_items_) {
    return TakeOfItem(c, emit);
  }
  const bool outside = scanner_.depth() == 0;
  if (outside && IsSpace(c)) {
    return OkStatus();
  }
  if (outside && (ended_ || c != '{')) {
    return Garbled(envelope_ + c);
  }
  const bool was_in_string = scanner_.in_string();
  scanner_.Advance(c);
  envelope_.push_back(c);
  NoteString(c, was_in_string);
  if (envelope_.size() > limit_ || scanner_.too_deep()) {
    return Garbled(envelope_);
  }
  ended_ = scanner_.depth() == 0;
  in_items_ = c == '[' && !was_in_string && scanner_.depth() == 2 && last_string_ == "items";
  return OkStatus();
}

void ListDecoder::NoteString(char c, bool was_in_string) {
  if (scanner_.depth() != 1) {
    return;
  }
  if (!was_in_string && scanner_.in_string()) {
    last_string_.clear();
  } else if (scanner_.in_string() && last_string_.size() < 16) {
    last_string_.push_back(c);
  }
}

// Directly between the items there are only commas, and the bracket that ends them.
Status ListDecoder::TakeOfItem(char c, const std::function<void(json)>& emit) {
  const bool between = IsBetweenItems();
  if (between && (c == ',' || c == ']')) {
    if (Status emitted = EmitItem(emit); !emitted.ok()) {
      return emitted;
    }
    if (c == ']') {
      scanner_.Advance(c);
      envelope_.push_back(c);
      in_items_ = false;
    }
    return OkStatus();
  }
  if (between && IsSpace(c)) {
    return OkStatus();
  }
  scanner_.Advance(c);
  item_.push_back(c);
  return CheckItem();
}

Status ListDecoder::CheckItem() const {
  if (item_.size() > limit_ || scanner_.too_deep() || scanner_.depth() < 2) {
    return Error{ErrorKind::kTransient, "ListItemTooLarge",
                 "one item of the list is larger than " + std::to_string(limit_) +
                     " bytes or nested too deeply",
                 Shorten(item_, 200)};
  }
  return OkStatus();
}

Status ListDecoder::EmitItem(const std::function<void(json)>& emit) {
  if (item_.empty()) {
    return OkStatus();  // an empty list
  }
  CutManagedFields(item_);
  json item = json::parse(item_, nullptr, /*allow_exceptions=*/false);
  if (item.is_discarded()) {
    return Garbled(item_);
  }
  item_.clear();
  if (item.is_object() && !item.contains("kind")) {
    item["kind"] = type_.kind;
    item["apiVersion"] = ApiVersionOf(type_);
  }
  emit(std::move(item));
  return OkStatus();
}

Result<ListPage> ListDecoder::Finish() const {
  const json list = json::parse(envelope_, nullptr, /*allow_exceptions=*/false);
  if (!list.is_object()) {
    return Garbled(envelope_);
  }
  const auto meta = list.find("metadata");
  const auto items = list.find("items");
  const std::string kind = JsonText(list, "kind");
  const bool other_kind = !kind.empty() && kind != "List" && kind != type_.kind + "List";
  if (other_kind || meta == list.end() || items == list.end() ||
      !(items->is_array() || items->is_null())) {
    return Garbled(envelope_);
  }
  return ListPage{JsonText(*meta, "resourceVersion"), JsonText(*meta, "continue")};
}

}  // namespace milink::kube
