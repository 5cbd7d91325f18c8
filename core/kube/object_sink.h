// Where a watch puts what it sees: the side of an informer that faces the API server.
//
// All methods are called on one thread, the watch driver's. Objects are whole JSON objects with
// apiVersion and kind.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"

namespace milink::kube {

class ObjectSink {
 public:
  virtual ~ObjectSink() = default;

  // A page of a list, kept apart from the store until the list is complete.
  virtual void Stage(std::vector<nlohmann::json> items) = 0;
  // The list broke off or is not believed.
  virtual void DiscardStaged() = 0;
  // The list is complete: what was staged is the store now, as of `version`.
  virtual void Replace(const std::string& version) = 0;

  virtual void Upsert(nlohmann::json object) = 0;
  // `object` is the last state before it was deleted.
  virtual void Remove(nlohmann::json object) = 0;
  // Nothing newer happened up to `version` (a bookmark).
  virtual void Progress(const std::string& version) = 0;
};

}  // namespace milink::kube
