// A look-up of names that hangs, as with no name server there, until the test lets it go.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/kube/name_resolver.h"

namespace milink::kube {

class HeldLookup {
 public:
  explicit HeldLookup(NameResult answer) : state_(std::make_shared<State>(std::move(answer))) {}
  // Nothing of a test is left running.
  ~HeldLookup() {
    Release();
    Await([this] { return state_->running == 0; });
  }
  HeldLookup(const HeldLookup&) = delete;
  HeldLookup& operator=(const HeldLookup&) = delete;

  NameLookup Function() const {
    return [state = state_](const std::string& host) {
      std::unique_lock lock(state->mutex);
      state->hosts.push_back(host);
      ++state->running;
      state->changed.notify_all();
      state->changed.wait(lock, [&] { return state->released; });
      --state->running;
      ++state->ended;
      state->changed.notify_all();
      return state->answer;
    };
  }
  void Release() {
    const std::lock_guard lock(state_->mutex);
    state_->released = true;
    state_->changed.notify_all();
  }
  // Wait until so many hang, or have ended, and name what was looked up until then.
  std::vector<std::string> AwaitRunning(int count) {
    return Await([&] { return state_->running >= count; });
  }
  std::vector<std::string> AwaitEnded(int count) {
    return Await([&] { return state_->ended >= count; });
  }

 private:
  struct State {
    explicit State(NameResult answer) : answer(std::move(answer)) {}
    const NameResult answer;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> hosts;
    int running = 0;
    int ended = 0;
    bool released = false;
  };

  template <typename Predicate>
  std::vector<std::string> Await(Predicate is_so) {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, is_so);
    return state_->hosts;
  }

  const std::shared_ptr<State> state_;
};

}  // namespace milink::kube
