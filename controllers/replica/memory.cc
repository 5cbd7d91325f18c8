#include "controllers/replica/memory.h"

#include <utility>

namespace milink::replica {

Facts Memory::Get(const ObjectMeta& meta) const {
  const std::lock_guard lock(mutex_);
  const auto it = facts_.find(meta.key);
  if (it == facts_.end() || it->second.uid != meta.uid) {
    Facts fresh;
    fresh.uid = meta.uid;
    return fresh;
  }
  return it->second;
}

void Memory::Put(const ObjectMeta& meta, Facts facts) {
  const std::lock_guard lock(mutex_);
  facts_.insert_or_assign(meta.key, std::move(facts));
}

void Memory::Forget(const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  facts_.erase(key);
}

}  // namespace milink::replica
