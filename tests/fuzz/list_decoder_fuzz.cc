// A list that is right is cut into exactly its items, however its bytes are cut into reads.
#include "core/kube/list_page.h"
#include "tests/fuzz/check.h"

namespace {

using nlohmann::json;

const milink::kube::ResourceType kType{"test.dev", "v1", "widgets", "Widget"};

struct Seen {
  std::vector<json> items;
  bool ok = false;
};

Seen Decode(const std::vector<std::string_view>& reads) {
  milink::kube::ListDecoder decoder(kType);
  Seen seen;
  for (const std::string_view bytes : reads) {
    if (!decoder.Feed(bytes, [&seen](json item) { seen.items.push_back(std::move(item)); }).ok()) {
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
  milink::fuzz::Check(whole.ok == pieces.ok && whole.items == pieces.items,
                      "the same items however they are cut");
  const json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (whole.ok && parsed.is_object() && parsed.contains("items")) {
    const json& items = parsed.at("items");
    milink::fuzz::Check(items.is_null() || whole.items.size() >= items.size(), "no item is lost");
  }
  return 0;
}
