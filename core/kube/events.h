// The EventRecorder that writes events.k8s.io/v1 Events, on a thread of its own.
//
// Record only puts the event into a bounded queue; when that is full the event is dropped and
// counted. Delivery is best effort: what another try can mend (no answer, 429, 5xx) is tried again
// for two minutes, a refusal is logged and forgotten. Stop sends the rest; what it did not get to
// is lost, and the destructor waits for the request under way.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/kube/event_series.h"
#include "core/kube/object_client.h"

namespace milink::kube {

struct EventDelivery {
  int attempts = 12;  // with the first one
  Duration interval = std::chrono::seconds(10);
};

// Events since the start.
struct EventCounts {
  std::uint64_t written = 0;     // requests that made or patched an Event object
  std::uint64_t overflowed = 0;  // dropped: the queue was full
  std::uint64_t limited = 0;     // dropped: too many about one object
  std::uint64_t refused = 0;     // dropped: the API server said no, or nothing for too long
};

class ApiEventRecorder final : public EventRecorder {
 public:
  static constexpr std::size_t kQueueLimit = 1000;

  // `controller` like "milink.dev/operator", `instance` like the pod's name. All references must
  // outlive the recorder.
  ApiEventRecorder(ObjectClient& client, const Clock& clock, Random& random, std::string controller,
                   const std::string& instance, Logger logger, EventDelivery delivery = {});
  ~ApiEventRecorder() override;

  void Record(const ObjectReference& about, EventType type, const std::string& reason,
              const std::string& action, const std::string& note) override;

  // Waits until everything recorded so far was sent or given up; false after `timeout`.
  bool Flush(Duration timeout);
  // Records nothing more and sends what is queued and the counts of running series, each once.
  // False after `timeout`: a request is still under way (its sender must end it), and no other is
  // begun.
  bool Stop(Duration timeout);
  EventCounts Counts() const;

 private:
  void Run();
  void Send(const EventWrite& write);
  Status TrySend(const EventWrite& write);
  // Waits between two attempts; false: there is no time for another one.
  bool Pause(Duration delay);
  bool Abandoned();

  ObjectClient& client_;
  const Clock& clock_;
  Random& random_;
  const Logger logger_;
  const EventDelivery delivery_;
  EventSeries series_;  // the thread's own

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<EventInput> queue_;
  bool idle_ = true;
  bool stopping_ = false;   // the rest is sent, then the thread ends
  bool abandoned_ = false;  // no more requests
  bool ended_ = false;
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> overflowed_{0};
  std::atomic<std::uint64_t> limited_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::thread thread_;
};

}  // namespace milink::kube
