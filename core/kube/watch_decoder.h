// Cuts the bytes of a watch into events. Reads and events have nothing to do with each other: an
// event may arrive in any number of reads, a read may hold several, a character may be split.
//
// Not thread-safe. After an error the decoder is of no further use.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/kube/json_scanner.h"
#include "core/kube/watch_actions.h"

namespace milink::kube {

class WatchDecoder {
 public:
  // An object in etcd is at most about 1.5 MiB; JSON makes it larger.
  static constexpr std::size_t kDefaultLimit = 8U << 20U;

  explicit WatchDecoder(std::size_t limit = kDefaultLimit) : limit_(limit) {}

  // Hands every event that is complete to `emit`, in order. kTransient "WatchGarbled" when the
  // bytes are no event, "WatchEventTooLarge" beyond the limit.
  Status Feed(std::string_view bytes, const std::function<void(WatchEvent)>& emit);
  // The stream ended. kTransient "WatchTruncated" in the middle of an event.
  Status Finish() const;

 private:
  std::size_t limit_;
  std::string event_;  // what came of the current event
  JsonScanner scanner_;
};

}  // namespace milink::kube
