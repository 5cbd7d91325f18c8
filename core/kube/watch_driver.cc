#include "core/kube/watch_driver.h"

#include <utility>

namespace milink::kube {

WatchDriver::WatchDriver(std::shared_ptr<Dialer> dialer, const Clock& clock, Random& random,
                         Logger logger, ListWatchOptions options)
    : dialer_(std::move(dialer)),
      clock_(clock),
      random_(random),
      logger_(std::move(logger)),
      options_(std::move(options)),
      pulse_(loop_, clock) {}

WatchDriver::~WatchDriver() { Stop(); }

void WatchDriver::Add(WatchSpec spec, ObjectSink& sink) {
  tasks_.push_back(std::make_unique<WatchTask>(loop_, *dialer_, std::move(spec), sink, clock_,
                                               random_, options_, logger_));
}

void WatchDriver::Start() {
  loop_.Post([this] {
    for (const auto& task : tasks_) {
      task->Start();
    }
  });
  thread_ = std::thread([this] { loop_.Run(); });
  running_ = true;
}

void WatchDriver::Stop() {
  if (!thread_.joinable()) {
    return;
  }
  running_ = false;
  loop_.Post([this] {
    for (const auto& task : tasks_) {
      task->Stop();
    }
    loop_.Stop();
  });
  thread_.join();
}

Status WatchDriver::CheckLoop() { return running_ ? pulse_.Check() : OkStatus(); }

std::vector<WatchHealth> WatchDriver::Health() const {
  std::vector<WatchHealth> all;
  all.reserve(tasks_.size());
  for (const auto& task : tasks_) {
    all.push_back(task->Health());
  }
  return all;
}

}  // namespace milink::kube
