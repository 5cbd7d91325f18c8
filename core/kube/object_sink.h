// Where a watch puts what it sees: the side of an informer that faces the API server.
//
// All methods are called on one thread, the watch driver's. Objects are whole JSON objects with
// apiVersion and kind.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace milink::kube {

class ObjectSink {
 public:
  virtual ~ObjectSink() = default;

  // One object of a list or streaming list, kept apart from the store until the list is complete.
  // Staged again: the later one counts, unless its version is older.
  virtual void Stage(nlohmann::json item) = 0;
  // Deleted while a streaming list was under way. Not staged: fine.
  virtual void Unstage(nlohmann::json object) = 0;
  // The list broke off or is not believed.
  virtual void DiscardStaged() = 0;
  // The list is complete: what was staged is the store now, as of `version`.
  virtual void Replace(const std::string& version) = 0;

  virtual void Upsert(nlohmann::json object) = 0;
  // `object` is the last state before it was deleted.
  virtual void Remove(nlohmann::json object) = 0;
  // Nothing newer happened up to `version` (a bookmark).
  virtual void Progress(const std::string& version) = 0;
  // Handlers are to hear of all objects again, from the store.
  virtual void Replay() = 0;
};

}  // namespace milink::kube
