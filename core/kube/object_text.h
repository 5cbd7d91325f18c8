// The text of a Kubernetes object before it is parsed.
//
// Pure, thread-safe.
#pragma once

#include <string>

namespace milink::kube {

// Cuts out metadata.managedFields: it is half of an object, nobody reads it, and to parse it takes
// as long as all the rest. `text` is an object, or has one as its first value with metadata. Text
// in which they are not found, or which is no JSON, stays as it is.
void CutManagedFields(std::string& text);

}  // namespace milink::kube
