// Whatever stands in a Lease, a candidate reads something that it can work and write back with.
#include <nlohmann/json.hpp>

#include "core/kube/lease.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using milink::fuzz::Check;
  const auto object = nlohmann::json::parse(milink::fuzz::Text(data, size), nullptr,
                                            /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return 0;
  }
  const auto spec = milink::kube::DecodeLease(object);
  Check(spec.duration >= milink::Duration::zero(), "a duration is not negative");
  Check(spec.transitions >= 0, "a count is not negative");
  const auto again = milink::kube::DecodeLease(milink::kube::EncodeLease(object, spec));
  const bool same = again.holder == spec.holder && again.duration == spec.duration &&
                    again.transitions == spec.transitions;
  Check(same, "what is written is read again");
  return 0;
}
