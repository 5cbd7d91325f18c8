// A child program that runs beside the test: the operator, the simulator.
//
// It dies with the test, however the test ends. Its output goes to a file. Not thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "core/base/clock.h"

namespace milink::e2e {

class Process {
 public:
  struct Command {
    std::filesystem::path program;
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment;  // added to this program's own
    std::filesystem::path log;                       // stdout and stderr are appended here
  };

  explicit Process(const Command& command);
  ~Process();  // kills
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool Running();
  void Kill();       // SIGKILL, and waits
  void Terminate();  // SIGTERM, does not wait
  void Suspend();    // SIGSTOP; returns when it has stopped
  void Resume();     // SIGCONT
  // The exit code, or 128 + signal. Nothing: still running after `timeout`.
  std::optional<int> Wait(Duration timeout);

 private:
  std::optional<int> Reap(int options);

  pid_t pid_ = -1;
  std::optional<int> code_;
};

// Waits until `condition` holds, asking every `interval`. False after `timeout`.
template <typename Condition>
bool Eventually(Condition condition, Duration timeout,
                Duration interval = std::chrono::milliseconds(100));

void Pause(Duration duration);

template <typename Condition>
bool Eventually(Condition condition, Duration timeout, Duration interval) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    if (condition()) {
      return true;
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      return false;
    }
    Pause(interval);
  }
}

}  // namespace milink::e2e
