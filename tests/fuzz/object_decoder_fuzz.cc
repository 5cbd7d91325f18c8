// Objects of our kinds as another version of the CRD, or anybody, may have written them.
#include <nlohmann/json.hpp>

#include "core/api/codec.h"
#include "core/base/object.h"
#include "core/kube/informer.h"
#include "tests/fuzz/check.h"

namespace {

using nlohmann::json;

// What was decoded and is written again is decoded as the same.
template <typename T>
void RoundTrip(const json& object, const T& decoded,
               milink::Result<T> (*decode)(const json& object)) {
  json again = object;
  again["status"] = milink::api::EncodeStatus(decoded.status);
  again["status"].update(milink::api::EncodeJournal(decoded.status));
  milink::fuzz::Check(decode(again).ok(), "our own status can be decoded");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  json object = json::parse(data, data + size, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) {
    return 0;
  }
  milink::kube::DropBookkeeping(object);
  static_cast<void>(milink::ParseObjectMeta(object));
  if (const auto replica = milink::api::DecodeReplica(object); replica.ok()) {
    RoundTrip(object, *replica, milink::api::DecodeReplica);
  }
  if (const auto link = milink::api::DecodeLink(object); link.ok()) {
    RoundTrip(object, *link, milink::api::DecodeLink);
  }
  return 0;
}
