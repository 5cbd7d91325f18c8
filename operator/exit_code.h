// The exit codes of milink-operator: an interface for whoever supervises it, listed in README.
#pragma once

namespace milink::app {

enum class ExitCode {
  kStopped = 0,         // by a signal; everything ended in order. Also after --help, --version
  kFailed = 1,          // could not start, or could not go on
  kBadOptions = 2,      // flags, environment or configuration file
  kLostLeadership = 3,  // another process may lead now; left at once
  kNotDrained = 4,      // work was still running long after the grace; the Lease was not released
  // 128 + n: the second signal n, left at once
};

constexpr int ToInt(ExitCode code) { return static_cast<int>(code); }

}  // namespace milink::app
