// An informer whose handlers keep watch over the promises of OPERATOR-ENGINE S-1 to S-9: no object
// goes back in time, no deletion is lost, nothing is told of what was never added.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/kube/informer.h"
#include "tests/fakes/cluster_model.h"
#include "tests/unit/kube/widgets.h"

namespace milink::kube {

inline const ResourceType kGadgets{"test.dev", "v1", "gadgets", "Gadget"};

struct Widget {
  ObjectMeta meta;
};

inline Result<Widget> DecodeWidget(const nlohmann::json& object) {
  auto meta = ParseObjectMeta(object);
  return meta.ok() ? Result<Widget>(Widget{*std::move(meta)}) : Result<Widget>(meta.error());
}

inline nlohmann::json MakeWidget(const std::string& name, int size = 1) {
  return {{"metadata", {{"namespace", "ns"}, {"name", name}}},
          {"spec", {{"size", size}, {"text", "\xC3\xA9\xE2\x82\xAC \"]}"}}}};
}

class Witness {
 public:
  explicit Witness(const std::string& kind = "Widget") : informer(kind, DecodeWidget, Logger()) {
    informer.AddHandler(
        {.on_change = [this](const Informer<Widget>::Change& change) { OnChange(change); },
         .on_delete = [this](const Informer<Widget>::Deletion& deletion) { OnDelete(deletion); },
         .on_synced = [this] { Note([this] { synced_ = true; }); }});
  }

  // "" when what handlers were told, and the store, are what the server has.
  std::string Difference(const fakes::ClusterModel& cluster,
                         const ResourceType& type = kWidgets) const {
    const auto objects = cluster.Objects(type);
    if (informer.size() != objects.size()) {
      return "the store has " + std::to_string(informer.size()) + " objects, the server " +
             std::to_string(objects.size());
    }
    const std::lock_guard lock(mutex_);
    for (const auto& [key, object] : objects) {
      const auto stored = informer.Get(key);
      const auto& meta = object.at("metadata");
      const auto told = told_.find(key);
      if (!stored ||
          stored->meta.resource_version != meta.at("resourceVersion").get<std::string>() ||
          stored->meta.uid != meta.at("uid").get<std::string>()) {
        return ToString(key) + " is not the server's";
      }
      if (told == told_.end() || told->second.generation != meta.at("generation")) {
        return ToString(key) + " is not what handlers were told";
      }
    }
    return told_.size() == objects.size() ? "" : "a deletion was not told";
  }

  bool WaitUntil(const std::function<bool()>& holds) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, std::chrono::milliseconds(2));
    }
    return true;
  }

  std::vector<std::string> Violations() const {
    const std::lock_guard lock(mutex_);
    return violations_;
  }
  int deletions() const {
    const std::lock_guard lock(mutex_);
    return deletions_;
  }

  Informer<Widget> informer;

 private:
  void Note(const std::function<void()>& change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_all();
  }

  void OnChange(const Informer<Widget>::Change& change) {
    Note([&] {
      const ObjectMeta& now = change.after->meta;
      const auto known = told_.find(change.key);
      if ((known != told_.end()) != (change.before != nullptr)) {
        violations_.push_back(ToString(change.key) +
                              " was added twice or changed before it was added");
      }
      const auto newest = newest_.find(change.key);
      if (newest != newest_.end() &&
          IsOlderVersion(now.resource_version, newest->second).value_or(true)) {
        violations_.push_back(ToString(change.key) + " went back from " + newest->second + " to " +
                              now.resource_version);
      }
      if (synced_ && change.initial_list) {
        violations_.push_back(ToString(change.key) + " is initial after the sync");
      }
      newest_.insert_or_assign(change.key, now.resource_version);
      told_.insert_or_assign(change.key, now);
    });
  }

  void OnDelete(const Informer<Widget>::Deletion& deletion) {
    Note([&] {
      ++deletions_;
      if (told_.erase(deletion.key) == 0) {
        violations_.push_back(ToString(deletion.key) + " was deleted without being there");
      }
    });
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<ObjectKey, ObjectMeta> told_;     // as handlers know the world
  std::map<ObjectKey, std::string> newest_;  // of all that was told, deletions survived
  std::vector<std::string> violations_;
  int deletions_ = 0;
  bool synced_ = false;
};

}  // namespace milink::kube
