// Many clients who create, change and delete Widgets, each over a connection of its own, and insist
// until every wish is fulfilled, also while the server is away.
//
// What each client does to which object, and in which order, follows from the seed. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/kube/cluster_access.h"

namespace milink::test {

class Load {
 public:
  struct Plan {
    std::string namespace_name;
    int objects = 0;
    int clients = 8;
    std::uint64_t seed = 1;
  };

  Load(const kube::ClusterAccess& access, const Plan& plan);
  ~Load();  // waits
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  int done() const { return done_; }
  int total() const { return total_; }
  bool finished() const { return done_ == total_; }
  // Sizes that the surviving objects must have in the end, by name.
  const std::map<std::string, int>& survivors() const { return survivors_; }

 private:
  struct Step {
    enum class What { kCreate, kChange, kDelete } what = What::kCreate;
    std::string name;
    int size = 0;
  };
  using Steps = std::vector<Step>;

  std::vector<Steps> Devise(const Plan& plan);
  void Work(const kube::ClusterAccess& access, const std::string& namespace_name,
            const Steps& steps);

  std::map<std::string, int> survivors_;
  int total_ = 0;
  std::vector<Steps> steps_;  // of each client; its making fills what is above
  std::atomic<int> done_{0};
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> clients_;
};

}  // namespace milink::test
