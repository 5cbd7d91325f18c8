// Runs all watches on one thread of its own.
//
//   WatchDriver driver(dialer, clock, random, logger);
//   driver.Add({.type = kReplicas, ..}, informer);
//   driver.Start();  ...  driver.Stop();
//
// Add before Start; Start once; Stop from any thread but the driver's own, or leave it to the
// destructor. Sinks and their handlers are called on the driver's thread, and no more after Stop.
// Each watch fails, backs off and recovers for itself.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "core/kube/watch_task.h"

namespace milink::kube {

class WatchDriver {
 public:
  // `clock` and `random` must outlive the driver.
  WatchDriver(std::shared_ptr<Dialer> dialer, const Clock& clock, Random& random, Logger logger,
              ListWatchOptions options = {});
  ~WatchDriver();
  WatchDriver(const WatchDriver&) = delete;
  WatchDriver& operator=(const WatchDriver&) = delete;

  // `sink` must outlive the driver.
  void Add(WatchSpec spec, ObjectSink& sink);
  void Start();
  void Stop();

  // One entry per watch, in the order of Add. Any thread.
  std::vector<WatchHealth> Health() const;
  // Does its thread still work? Any thread; well before Start and after Stop. kTransient LoopStuck.
  Status CheckLoop();

 private:
  const std::shared_ptr<Dialer> dialer_;
  const Clock& clock_;
  Random& random_;
  const Logger logger_;
  const ListWatchOptions options_;

  IoLoop loop_;
  LoopPulse pulse_;
  std::atomic<bool> running_{false};
  std::vector<std::unique_ptr<WatchTask>> tasks_;
  std::thread thread_;
};

}  // namespace milink::kube
