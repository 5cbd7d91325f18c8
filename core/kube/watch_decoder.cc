#include "core/kube/watch_decoder.h"

#include <utility>

#include "core/base/text.h"
#include "core/kube/object_text.h"

namespace milink::kube {
namespace {

Error Garbled(std::string_view what, std::string_view excerpt) {
  return {ErrorKind::kTransient, "WatchGarbled", "the watch sent " + std::string(what),
          Shorten(excerpt, 200)};
}

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

Result<WatchEvent> ParseEvent(std::string text) {
  CutManagedFields(text);
  nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    return Garbled("an event that is not JSON", text);
  }
  const auto type = json.find("type");
  const auto object = json.find("object");
  if (type == json.end() || !type->is_string() || object == json.end()) {
    return Garbled("an event without type or object", text);
  }
  return WatchEvent{type->get<std::string>(), std::move(*object)};
}

}  // namespace

Status WatchDecoder::Feed(std::string_view bytes, const std::function<void(WatchEvent)>& emit) {
  const Error too_large{ErrorKind::kTransient, "WatchEventTooLarge",
                        "one event of the watch is larger than " + std::to_string(limit_) +
                            " bytes or nested too deeply",
                        ""};
  std::size_t start = 0;  // of the part of the current event that is not in event_ yet
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (scanner_.depth() == 0 && bytes[i] != '{') {
      if (!IsBlank(bytes[i])) {
        return Garbled("bytes outside of an event", bytes.substr(i));
      }
      start = i + 1;
      continue;
    }
    if (scanner_.depth() > 0) {
      i += scanner_.CountIdle(bytes.substr(i));
      if (i == bytes.size()) {
        break;
      }
    }
    scanner_.Advance(bytes[i]);
    if (scanner_.too_deep()) {
      return too_large;
    }
    if (scanner_.depth() > 0) {
      continue;
    }
    event_.append(bytes.substr(start, i + 1 - start));
    start = i + 1;
    if (event_.size() > limit_) {
      return too_large;
    }
    Result<WatchEvent> event = ParseEvent(std::exchange(event_, {}));
    if (!event.ok()) {
      return event.error();
    }
    emit(*std::move(event));
  }
  event_.append(bytes.substr(start));
  return event_.size() > limit_ ? Status(too_large) : OkStatus();
}

Status WatchDecoder::Finish() const {
  if (scanner_.depth() != 0) {
    return Error{ErrorKind::kTransient, "WatchTruncated",
                 "the watch ended in the middle of an event", ""};
  }
  return OkStatus();
}

}  // namespace milink::kube
