// Any answer of a server, or of a proxy before it, becomes a typed error.
#include <nlohmann/json.hpp>

#include "core/kube/api_status.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const int code = 300 + (data[0] * 256 + data[1]) % 300;
  const std::string body = milink::fuzz::Text(data + 2, size - 2);
  const milink::Error refusal = milink::kube::DecodeRefusal(code, body, std::nullopt);
  milink::fuzz::Check(!refusal.reason.empty(), "every refusal has a reason");
  milink::fuzz::Check(ToString(refusal).size() < 8192, "an error fits into a log line");
  const auto json = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_discarded()) {
    const milink::Error inside = milink::kube::DecodeStatus(json);
    milink::fuzz::Check(!inside.reason.empty(), "every ERROR event has a reason");
  }
  static_cast<void>(milink::kube::ParseRetryAfter(body));
  return 0;
}
