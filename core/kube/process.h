// Runs another program and reads what it prints.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace milink::kube {

struct ProcessRequest {
  std::string program;  // a path, or a name that is searched in PATH
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours, or instead of it
  bool gives_terminal = false;  // standard input is ours; otherwise it is empty
  Duration timeout = std::chrono::seconds(60);
  std::stop_token stop;  // a stop ends it as the end of its time does
};

struct ProcessOutput {
  int exit_code = 0;  // 128 + n when signal n ended it
  std::string out;
};

// kNotFound "ProgramMissing": there is no such program, or it may not be run; kTransient
// "ProgramTimeout" or "ProgramStopped": it took too long, or a stop came, and it was killed with
// its children; kInvalid "ProgramOutputTooLong": more than 1 MiB. Standard error passes through,
// and no other file of ours does. No shell is involved. Blocks; thread-safe.
Result<ProcessOutput> RunProcess(const ProcessRequest& request, const Clock& clock);

using ProcessRunner =
    std::function<Result<ProcessOutput>(const ProcessRequest& request, const Clock& clock)>;

}  // namespace milink::kube
