// The informers of one kind: one for the whole cluster, or one per namespace, seen as one store.
//
// Threads: as informer.h.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/kube/informer.h"

namespace milink::kube {

template <typename T>
class InformerSet {
 public:
  using Part = Informer<T>;
  using Pointer = typename Part::Pointer;

  // No namespaces: all of them. Names may repeat.
  InformerSet(const std::string& kind, const typename Part::Decode& decode, const Logger& logger,
              const std::vector<std::string>& namespaces = {}) {
    for (const std::string& name : namespaces) {
      parts_.try_emplace(name, std::make_unique<Part>(kind, decode, logger));
    }
    if (parts_.empty()) {
      parts_.emplace("", std::make_unique<Part>(kind, decode, logger));
    }
  }

  // Namespace ("": all) and what shall watch it.
  std::vector<std::pair<std::string, Part*>> parts() {
    std::vector<std::pair<std::string, Part*>> out;
    for (const auto& [name, part] : parts_) {
      out.emplace_back(name, part.get());
    }
    return out;
  }

  void AddHandler(const typename Part::Handler& handler) {
    for (const auto& [name, part] : parts_) {
      part->AddHandler(handler);
    }
  }
  Pointer Get(const ObjectKey& key) const {
    const Part* part = PartOf(key);
    return part == nullptr ? nullptr : part->Get(key);
  }
  std::vector<Pointer> List() const {
    std::vector<Pointer> all;
    for (const auto& [name, part] : parts_) {
      auto some = part->List();
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }
  std::size_t size() const {
    std::size_t sum = 0;
    for (const auto& [name, part] : parts_) {
      sum += part->size();
    }
    return sum;
  }
  // Objects as they are now which could not be decoded.
  std::size_t undecodable() const {
    std::size_t sum = 0;
    for (const auto& [name, part] : parts_) {
      sum += part->Undecodable().size();
    }
    return sum;
  }
  std::optional<Error> WhyUndecodable(const ObjectKey& key) const {
    const Part* part = PartOf(key);
    return part == nullptr ? std::nullopt : part->WhyUndecodable(key);
  }
  // In this namespace, ascending.
  std::vector<ObjectKey> UndecodableIn(const std::string& namespace_name) const {
    std::vector<ObjectKey> keys;
    if (const Part* part = PartOf({namespace_name, ""})) {
      for (const auto& [key, error] : part->Undecodable()) {
        if (key.namespace_name == namespace_name) {
          keys.push_back(key);
        }
      }
    }
    return keys;
  }
  bool HasReached(const ObjectKey& key, const std::string& resource_version) const {
    const Part* part = PartOf(key);
    return part != nullptr && part->HasReached(key, resource_version);
  }
  // The first lists of all went to all handlers.
  bool synced() const {
    for (const auto& [name, part] : parts_) {
      if (!part->synced()) {
        return false;
      }
    }
    return true;
  }
  // False when one of them is not there after `timeout`; each may take that long.
  bool WaitSynced(Duration timeout) const {
    for (const auto& [name, part] : parts_) {
      if (!part->WaitSynced(timeout)) {
        return false;
      }
    }
    return true;
  }

 private:
  // Null: of a namespace that is not watched.
  const Part* PartOf(const ObjectKey& key) const {
    auto found = parts_.find("");
    if (found == parts_.end()) {
      found = parts_.find(key.namespace_name);
    }
    return found == parts_.end() ? nullptr : found->second.get();
  }

  std::map<std::string, std::unique_ptr<Part>> parts_;
};

}  // namespace milink::kube
