#include "core/kube/informer.h"

namespace milink::kube {

void DropBookkeeping(nlohmann::json& object) {
  const auto meta = object.is_object() ? object.find("metadata") : object.end();
  if (!object.is_object() || meta == object.end() || !meta->is_object()) {
    return;
  }
  meta->erase("managedFields");
  if (const auto annotations = meta->find("annotations");
      annotations != meta->end() && annotations->is_object()) {
    annotations->erase("kubectl.kubernetes.io/last-applied-configuration");
  }
}

}  // namespace milink::kube
