// A kubeconfig is a file of somebody else's making.
#include <sys/mman.h>
#include <unistd.h>

#include "core/kube/kubeconfig.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("kubeconfig", 0);
  milink::fuzz::Check(file >= 0, "a file in memory");
  const auto written = write(file, data, size);
  milink::fuzz::Check(written >= 0 && static_cast<std::size_t>(written) == size, "written");
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  for (const char* context : {"", "other"}) {
    const auto access = milink::kube::LoadKubeconfig(path, context);
    milink::fuzz::Check(!access.ok() || !access->server.empty(), "a way in names its server");
    milink::fuzz::Check(access.ok() || !access.error().message.empty(),
                        "an error says what is wrong");
  }
  close(file);
  return 0;
}
