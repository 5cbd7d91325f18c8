// Base64 (RFC 4648), as in the data of Secrets and kubeconfig files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace milink::kube {

// With padding, without line breaks.
std::string EncodeBase64(std::string_view bytes);
// White space is ignored, padding may be missing. Nothing when malformed.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace milink::kube
