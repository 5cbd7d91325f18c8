#include "core/kube/events.h"

#include <utility>

namespace milink::kube {
namespace {

const ResourceType kEvents{"events.k8s.io", "v1", "events", "Event"};

// How often running series are looked at.
constexpr Duration kSeriesInterval = std::chrono::seconds(10);

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
  Stop(Duration::zero());
  thread_.join();
}

bool ApiEventRecorder::Stop(Duration timeout) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  const bool ended = changed_.wait_for(lock, timeout, [this] { return ended_; });
  abandoned_ = true;
  return ended;
}

bool ApiEventRecorder::Abandoned() {
  const std::lock_guard lock(mutex_);
  return abandoned_;
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
  for (bool last = false; !last;) {
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
    last = stopping_;  // nothing is recorded any more
    const std::deque<EventInput> batch = std::exchange(queue_, {});
    idle_ = false;
    lock.unlock();
    for (const EventInput& event : batch) {
      if (const auto write = series_.Add(event)) {
        Send(*write);
      }
    }
    limited_ = series_.limited();
    for (const EventWrite& write : series_.Due(clock_.Now(), /*everything=*/last)) {
      Send(write);
    }
    lock.lock();
  }
  idle_ = ended_ = true;
  changed_.notify_all();
}

void ApiEventRecorder::Send(const EventWrite& write) {
  if (Abandoned()) {
    return;
  }
  Status status = TrySend(write);
  for (int attempt = 1; attempt < delivery_.attempts && !status.ok(); ++attempt) {
    if (!IsWorthAnotherTry(status.error())) {
      break;
    }
    // The first pause is random, so that what failed together does not come back together.
    const double share = attempt == 1 ? random_.Uniform() : 1.0;
    if (!Pause(std::chrono::duration_cast<Duration>(delivery_.interval * share))) {
      return;
    }
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

bool ApiEventRecorder::Pause(Duration delay) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, delay, [this] { return stopping_; });
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
