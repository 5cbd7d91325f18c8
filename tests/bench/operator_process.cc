#include "tests/bench/operator_process.h"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <unistd.h>

namespace milink::bench {
namespace {

e2e::Process::Command CommandOf(const OperatorProcess::Settings& settings) {
  std::filesystem::remove(settings.log);
  std::vector<std::string> arguments{"--kubeconfig", settings.kubeconfig.string(),
                                     "--health-address", "127.0.0.1:0"};
  arguments.insert(arguments.end(), settings.arguments.begin(), settings.arguments.end());
  return {.program = settings.program,
          .arguments = std::move(arguments),
          .environment = settings.environment,
          .log = settings.log};
}

}  // namespace

OperatorProcess::OperatorProcess(const Settings& settings)
    : log_(settings.log), process_(CommandOf(settings)) {}

double OperatorProcess::WaitForLine(const std::string& message, Duration patience) {
  // Only what is new is read: the log of a big cluster is long.
  std::ifstream file;
  std::string line;
  std::string part;
  const bool found = e2e::Eventually(
      [&] {
        if (!file.is_open()) {
          file.open(log_);
        }
        file.clear();
        while (std::getline(file, part)) {
          line += part;
          if (file.eof()) {
            return false;  // the rest of the line is still to come
          }
          if (line.find(message) != std::string::npos) {
            return true;
          }
          line.clear();
        }
        return !process_.Running();
      },
      patience, Duration(1));
  if (!found || line.find(message) == std::string::npos) {
    throw std::runtime_error("the operator did not say: " + message + "; its log is " +
                             log_.string());
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

Memory OperatorProcess::ReadMemory() const {
  std::ifstream status("/proc/" + std::to_string(process_.pid()) + "/status");
  Memory memory;
  std::string line;
  while (std::getline(status, line)) {
    std::istringstream fields(line);
    std::string name;
    double kibibytes = 0;
    fields >> name >> kibibytes;
    if (name == "VmRSS:") {
      memory.resident = kibibytes / 1024;
    } else if (name == "VmHWM:") {
      memory.peak = kibibytes / 1024;
    }
  }
  return memory;
}

double OperatorProcess::ProcessorSeconds() const {
  std::ifstream file("/proc/" + std::to_string(process_.pid()) + "/stat");
  std::string text;
  std::getline(file, text);
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) {
    fields >> skipped;
  }
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

void OperatorProcess::Stop() {
  process_.Terminate();
  if (!process_.Wait(std::chrono::seconds(60))) {
    throw std::runtime_error("the operator did not end on SIGTERM");
  }
}

}  // namespace milink::bench
