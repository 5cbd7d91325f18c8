#include "core/sql/direct_probe.h"

#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "core/sql/tcp_stream.h"

namespace milink::sql {
namespace {

std::vector<NetworkTrial> Try(const std::vector<NetworkTarget>& targets, Duration wait) {
  std::vector<NetworkTrial> trials;
  for (const NetworkTarget& target : targets) {
    std::string ignored;
    const auto stream =
        TcpStream::Connect(target.host, static_cast<std::uint16_t>(target.port), wait, ignored);
    trials.push_back({stream.has_value(), stream ? stream->PeerAddress() : std::string()});
  }
  return trials;
}

class ThreadedDirectProbe final : public DirectProbe {
 public:
  explicit ThreadedDirectProbe(Duration wait) : wait_(wait) {}

  void Start(const std::string& id, std::vector<NetworkTarget> targets) override {
    const std::lock_guard lock(mutex_);
    const auto found = trials_.find(id);
    if (found != trials_.end() && !found->second.outcome) {
      return;
    }
    trials_.erase(id);
    Trial& trial = trials_[id];  // nodes of a map stay where they are
    trial.thread = std::jthread([this, &trial, targets = std::move(targets)] {
      auto outcome = Try(targets, wait_);
      const std::lock_guard end(mutex_);
      trial.outcome = std::move(outcome);
    });
  }

  Pending<std::vector<NetworkTrial>> Take(const std::string& id) override {
    const std::lock_guard lock(mutex_);
    const auto found = trials_.find(id);
    if (found == trials_.end()) {
      return {};
    }
    if (!found->second.outcome) {
      return {true, std::nullopt};
    }
    Pending<std::vector<NetworkTrial>> ended{false, std::move(found->second.outcome)};
    trials_.erase(found);
    return ended;
  }

 private:
  struct Trial {
    std::optional<std::vector<NetworkTrial>> outcome;  // nothing while it runs
    std::jthread thread;  // has left the lock for good once there is an outcome
  };

  const Duration wait_;
  std::mutex mutex_;
  std::map<std::string, Trial> trials_;
};

}  // namespace

std::unique_ptr<DirectProbe> MakeDirectProbe(Duration wait) {
  return std::make_unique<ThreadedDirectProbe>(wait);
}

}  // namespace milink::sql
