// Runs a program to its end, for tests.
//
// Thread-safe. Nothing of the caller but its environment is inherited.
#pragma once

#include <string>
#include <vector>

namespace milink::test {

struct CommandOutput {
  int exit_code = 0;  // 128 + n when ended by signal n, 127 when it could not be started
  std::string out;
  std::string err;

  bool ok() const { return exit_code == 0; }
};

// `args[0]` is looked up in PATH; `input` is its standard input.
CommandOutput RunCommand(const std::vector<std::string>& args, const std::string& input = "");

}  // namespace milink::test
