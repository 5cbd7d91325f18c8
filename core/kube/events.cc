#include "core/kube/events.h"

#include <utility>

namespace milink::kube {
namespace {

const ResourceType kEvents{"events.k8s.io", "v1", "events", "Event"};

constexpr int kAttempts = 5;
constexpr Duration kAttemptInterval = std::chrono::seconds(2);
// How often a running series is looked at.
constexpr Duration kSeriesInterval = std::chrono::seconds(1);
constexpr Duration kLastFlush = std::chrono::seconds(2);

bool IsWorthAnotherTry(const Error& error) {
  return error.kind == ErrorKind::kTransient || error.kind == ErrorKind::kThrottled;
}

}  // namespace

ApiEventRecorder::ApiEventRecorder(ObjectClient& client, const Clock& clock, Random& random,
                                   std::string controller, const std::string& instance,
                                   Logger logger)
    : client_(client),
      clock_(clock),
      logger_(std::move(logger)),
      series_(std::move(controller), instance, random),
      thread_([this] { Run(); }) {}

ApiEventRecorder::~ApiEventRecorder() {
  Flush(kLastFlush);
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ApiEventRecorder::Record(const ObjectReference& about, EventType type,
                              const std::string& reason, const std::string& action,
                              const std::string& note) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= kQueueLimit || stopping_) {
      ++dropped_;
      return;
    }
    queue_.push_back({about, type, reason, action, note, clock_.Now()});
  }
  changed_.notify_all();
}

bool ApiEventRecorder::Flush(Duration timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [this] { return queue_.empty() && idle_; });
}

void ApiEventRecorder::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (queue_.empty()) {
      idle_ = true;
      changed_.notify_all();
      const auto woken = [this] { return stopping_ || !queue_.empty(); };
      if (series_.has_unsent()) {
        changed_.wait_for(lock, kSeriesInterval, woken);
      } else {
        changed_.wait(lock, woken);
      }
    }
    const std::deque<EventInput> batch = std::exchange(queue_, {});
    idle_ = false;
    lock.unlock();
    for (const EventInput& event : batch) {
      if (const auto write = series_.Add(event)) {
        Send(*write);
      }
    }
    for (const EventWrite& write : series_.Due(clock_.Now())) {
      Send(write);
    }
    lock.lock();
  }
  lock.unlock();
  for (const EventWrite& write : series_.Due(clock_.Now(), /*everything=*/true)) {
    static_cast<void>(TrySend(write));
  }
}

void ApiEventRecorder::Send(const EventWrite& write) {
  Status status = TrySend(write);
  for (int attempt = 1; attempt < kAttempts && !status.ok() && IsWorthAnotherTry(status.error());
       ++attempt) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, kAttemptInterval, [this] { return stopping_; })) {
      return;
    }
    lock.unlock();
    status = TrySend(write);
  }
  if (status.ok()) {
    return;
  }
  if (status.error().kind == ErrorKind::kNotFound) {
    series_.Forget(write.key);
  }
  logger_.Warning("An event was not recorded",
                  {{"event", ToString(write.key)}, {"error", ToString(status.error())}});
}

Status ApiEventRecorder::TrySend(const EventWrite& write) {
  const auto answer = write.create.is_null()
                          ? client_.MergePatch(kEvents, write.key, write.patch)
                          : client_.Create(kEvents, write.key.namespace_name, write.create);
  // An earlier attempt took effect although its answer was lost.
  if (answer.ok() || answer.error().reason == "AlreadyExists") {
    return OkStatus();
  }
  return answer.error();
}

}  // namespace milink::kube
