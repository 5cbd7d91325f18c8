#include "core/kube/user_agent.h"

#include <sys/utsname.h>

#include "core/base/text.h"

namespace milink::kube {
namespace {

std::string GoNameOf(const std::string& machine) {
  if (machine == "x86_64") {
    return "amd64";
  }
  return machine == "aarch64" ? "arm64" : machine;
}

}  // namespace

std::string UserAgent(const std::string& program) {
  utsname system{};
  if (::uname(&system) != 0) {
    return program;
  }
  return program + " (" + ToLowerAscii(std::string(system.sysname)) + "/" +
         GoNameOf(std::string(system.machine)) + ")";
}

}  // namespace milink::kube
