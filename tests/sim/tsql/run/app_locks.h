// Application locks of one instance (sp_getapplock), exclusive ones. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <string>

namespace milink::sim::tsql {

class AppLocks {
 public:
  // False while another session has it.
  bool TryTake(const std::string& resource, int spid) {
    const std::lock_guard lock(mutex_);
    const auto [holder, added] = holders_.emplace(resource, spid);
    return added || holder->second == spid;
  }
  // False when the session does not have it.
  bool Release(const std::string& resource, int spid) {
    const std::lock_guard lock(mutex_);
    const auto holder = holders_.find(resource);
    if (holder == holders_.end() || holder->second != spid) return false;
    holders_.erase(holder);
    return true;
  }
  void ReleaseAll(int spid) {
    const std::lock_guard lock(mutex_);
    std::erase_if(holders_, [spid](const auto& holder) { return holder.second == spid; });
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> holders_;
};

}  // namespace milink::sim::tsql
