#include "core/kube/events.h"

#include <utility>

namespace milink::kube {
namespace {

const ResourceType kEvents{"events.k8s.io", "v1", "events", "Event"};

// How often running series are looked at.
constexpr Duration kSeriesInterval = std::chrono::seconds(10);
constexpr Duration kLastFlush = std::chrono::seconds(2);

bool IsWorthAnotherTry(const Error& error) {
  return error.kind == ErrorKind::kTransient || error.kind == ErrorKind::kThrottled;
}

}  // namespace

ApiEventRecorder::ApiEventRecorder(ObjectClient& client, const Clock& clock, Random& random,
                                   std::string controller, const std::string& instance,
                                   Logger logger, EventDelivery delivery)
    : client_(client),
      clock_(clock),
      random_(random),
      logger_(std::move(logger)),
      delivery_(delivery),
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
      ++overflowed_;
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
    limited_ = series_.limited();
    for (const EventWrite& write : series_.Due(clock_.Now())) {
      Send(write);
    }
    lock.lock();
  }
  lock.unlock();
  SendLast();
}

// Counts that were not written yet, each once, as long as there is time.
void ApiEventRecorder::SendLast() {
  const MonotonicTime end = clock_.Monotonic() + kLastFlush;
  for (const EventWrite& write : series_.Due(clock_.Now(), /*everything=*/true)) {
    if (clock_.Monotonic() >= end) {
      return;
    }
    static_cast<void>(TrySend(write));
  }
}

void ApiEventRecorder::Send(const EventWrite& write) {
  Status status = TrySend(write);
  for (int attempt = 1; attempt < delivery_.attempts && !status.ok(); ++attempt) {
    if (!IsWorthAnotherTry(status.error())) {
      break;
    }
    // The first pause is random, so that what failed together does not come back together.
    const double share = attempt == 1 ? random_.Uniform() : 1.0;
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, delivery_.interval * share, [this] { return stopping_; })) {
      return;
    }
    lock.unlock();
    status = TrySend(write);
  }
  const bool deleted =
      !status.ok() && write.create.is_null() && status.error().kind == ErrorKind::kNotFound;
  if (deleted) {
    // Events live for an hour; a series may live longer.
    if (const auto anew = series_.Replace(write.key)) {
      Send(*anew);
      return;
    }
  }
  if (!status.ok()) {
    ++refused_;
    logger_.Warning("An event was not recorded",
                    {{"event", ToString(write.key)}, {"error", ToString(status.error())}});
  }
}

EventCounts ApiEventRecorder::Counts() const { return {written_, overflowed_, limited_, refused_}; }

Status ApiEventRecorder::TrySend(const EventWrite& write) {
  const auto answer = write.create.is_null()
                          ? client_.MergePatch(kEvents, write.key, write.patch)
                          : client_.Create(kEvents, write.key.namespace_name, write.create);
  // An earlier attempt took effect although its answer was lost.
  if (answer.ok() || answer.error().reason == "AlreadyExists") {
    ++written_;
    return OkStatus();
  }
  return answer.error();
}

}  // namespace milink::kube
