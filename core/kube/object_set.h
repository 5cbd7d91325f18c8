// Immutable objects, found by the key that each has anyway, so that it is not in memory twice.
//
// T has a public member `meta` of type ObjectMeta. Not thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_set>
#include <utility>

#include "core/base/object.h"

namespace milink::kube {

template <typename T>
class ObjectSet {
 public:
  using Pointer = std::shared_ptr<const T>;

  // Null: there is none.
  Pointer Find(const ObjectKey& key) const {
    const auto it = objects_.find(key);
    return it == objects_.end() ? nullptr : *it;
  }
  // In place of what had its key, which is returned; null: nothing had it.
  Pointer Put(Pointer object) {
    Pointer before = Take(object->meta.key);
    objects_.insert(std::move(object));
    return before;
  }
  // Takes it out; null: there was none.
  Pointer Take(const ObjectKey& key) {
    const auto it = objects_.find(key);
    return it == objects_.end() ? nullptr : std::move(objects_.extract(it).value());
  }
  void Clear() { objects_.clear(); }

  std::size_t size() const { return objects_.size(); }
  auto begin() const { return objects_.begin(); }
  auto end() const { return objects_.end(); }

 private:
  struct ByKey {
    using is_transparent = void;
    std::size_t operator()(const ObjectKey& key) const noexcept {
      return std::hash<ObjectKey>()(key);
    }
    std::size_t operator()(const Pointer& object) const noexcept {
      return (*this)(object->meta.key);
    }
    bool operator()(const Pointer& a, const Pointer& b) const { return a->meta.key == b->meta.key; }
    bool operator()(const ObjectKey& key, const Pointer& object) const {
      return key == object->meta.key;
    }
  };

  std::unordered_set<Pointer, ByKey, ByKey> objects_;
};

}  // namespace milink::kube
