// Watches everything that the operator writes, apart from its Lease, as another client sees it.
//
// Thread-safe but for the making.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

#include <nlohmann/json.hpp>

#include "core/base/random.h"
#include "core/kube/watch_driver.h"
#include "tests/bench/cluster.h"

namespace milink::bench {

// Counts what the server tells after the first list, keeps the last difference, and knows which
// generation was observed.
class Spy final : public kube::ObjectSink {
 public:
  void Stage(nlohmann::json item) override { Keep(std::move(item)); }
  void Unstage(nlohmann::json /*object*/) override {}
  void DiscardStaged() override {}
  void Replace(const std::string& /*version*/) override { ready_ = true; }
  void Upsert(nlohmann::json object) override {
    ++events_;
    Keep(std::move(object));
  }
  void Remove(nlohmann::json /*object*/) override { ++events_; }
  void Progress(const std::string& /*version*/) override {}
  void Replay() override {}

  bool ready() const { return ready_; }
  int events() const { return events_; }
  // Until the status of `name` speaks of this generation or a newer one. False: not within `limit`.
  bool WaitObserved(const std::string& name, int generation, Duration limit) const;
  // How the last object that was told of differs from what was known of it: a JSON patch.
  std::string LastDifference() const;

 private:
  void Keep(nlohmann::json object);

  std::atomic<bool> ready_{false};
  std::atomic<int> events_{0};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::string, nlohmann::json> seen_;
  std::string last_name_;
  nlohmann::json before_last_;
};

class Spies {
 public:
  explicit Spies(Cluster& cluster);
  int writes() const { return replicas_.events() + links_.events() + notices_.events(); }
  const Spy& links() const { return links_; }
  // On stderr, for whoever wonders what is written.
  void TellLast() const;

  // Waits until nothing was written for a while. False: it went on and on.
  bool WaitQuiet() const;

 private:
  SystemClock clock_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(3);
  Spy replicas_;
  Spy links_;
  Spy notices_;
  kube::WatchDriver driver_;
};

}  // namespace milink::bench
