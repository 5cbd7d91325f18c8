// The real operator as a program, and what the system says of it.
//
// Not thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "tests/e2e/process.h"

namespace milink::bench {

struct Memory {
  double resident = 0;  // MiB
  double peak = 0;      // MiB, since the start
};

class OperatorProcess {
 public:
  struct Settings {
    std::filesystem::path program;
    std::filesystem::path kubeconfig;
    std::vector<std::string> arguments;  // further ones
    std::map<std::string, std::string> environment;
    std::filesystem::path log;  // emptied first
  };

  explicit OperatorProcess(const Settings& settings);

  // Waits for the log line with this message; since when the process runs, in seconds. Throws
  // std::runtime_error when it does not come.
  double WaitForLine(const std::string& message, Duration patience = std::chrono::minutes(5));
  Memory ReadMemory() const;
  double ProcessorSeconds() const;
  // SIGTERM, and waits. Throws when it does not end.
  void Stop();
  void Kill() { process_.Kill(); }

 private:
  std::filesystem::path log_;
  MonotonicTime started_ = std::chrono::steady_clock::now();
  e2e::Process process_;
};

}  // namespace milink::bench
