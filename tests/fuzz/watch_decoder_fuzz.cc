// However the bytes of a watch are cut into reads, the same events come of them.
#include "core/kube/watch_decoder.h"
#include "tests/fuzz/check.h"

namespace {

struct Seen {
  std::string events;
  bool ok = true;
};

Seen Decode(const std::vector<std::string_view>& reads) {
  milink::kube::WatchDecoder decoder(4096);
  Seen seen;
  for (const std::string_view bytes : reads) {
    const milink::Status fed = decoder.Feed(bytes, [&seen](const milink::kube::WatchEvent& event) {
      seen.events +=
          event.type + event.object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    });
    if (!fed.ok()) {
      seen.ok = false;
      return seen;
    }
  }
  seen.ok = decoder.Finish().ok();
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = milink::fuzz::Text(data, size);
  const Seen whole = Decode({text});
  const Seen pieces = Decode(milink::fuzz::Reads(text));
  milink::fuzz::Check(whole.events == pieces.events, "the same events however they are cut");
  milink::fuzz::Check(whole.ok == pieces.ok, "the same verdict however they are cut");
  return 0;
}
