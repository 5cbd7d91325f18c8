// The made-up kind with which the Kubernetes client is tested.
#pragma once

#include "core/base/object.h"
#include "core/kube/resource_path.h"

namespace milink::kube {

inline const ResourceType kWidgets{"test.dev", "v1", "widgets", "Widget"};
inline const ObjectKey kWidgetKey{"ns", "a"};

}  // namespace milink::kube
