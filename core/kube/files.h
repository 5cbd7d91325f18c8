// Small files read whole: kubeconfig, tokens, certificates.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.h"

namespace milink::kube {

// kNotFound when there is no such file; kInvalid when it cannot be read. The message names the
// path, never the content.
Result<std::string> ReadFile(const std::filesystem::path& path);

}  // namespace milink::kube
