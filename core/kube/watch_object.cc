#include "core/kube/watch_object.h"

#include "core/base/json.h"

namespace milink::kube {
namespace {

constexpr const char* kStreamEnd = "k8s.io/initial-events-end";

}  // namespace

using nlohmann::json;

std::string VersionOf(const json& object) {
  return JsonText(JsonChild(object, "metadata"), "resourceVersion");
}

bool EndsStreamingList(const json& bookmark) {
  return JsonText(JsonChild(JsonChild(bookmark, "metadata"), "annotations"), kStreamEnd) == "true";
}

std::optional<Error> WhySkip(const json& object, const std::string& watched_kind) {
  const std::string kind = JsonText(object, "kind");
  if (!watched_kind.empty() && !kind.empty() && kind != watched_kind) {
    return Error{ErrorKind::kInvalid, "UnexpectedKind",
                 "skipped an object of another kind than " + watched_kind, kind};
  }
  if (VersionOf(object).empty()) {
    return Error{ErrorKind::kInvalid, "ObjectWithoutVersion",
                 "skipped an object without metadata.resourceVersion", kind};
  }
  return std::nullopt;
}

}  // namespace milink::kube
