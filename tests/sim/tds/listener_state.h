// What a server shares with its connections and may change while they run. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "tests/sim/tds/options.h"
#include "tests/sim/tds/tls.h"

namespace milink::sim::tds {

class ListenerState {
 public:
  ListenerState(ListenerOptions options, std::shared_ptr<const TlsContext> tls)
      : options_(options), tls_(std::move(tls)) {}

  ListenerOptions options() const {
    const std::lock_guard lock(mutex_);
    return options_;
  }
  std::shared_ptr<const TlsContext> tls() const {
    const std::lock_guard lock(mutex_);
    return tls_;
  }
  void set_options(const ListenerOptions& options) {
    const std::lock_guard lock(mutex_);
    options_ = options;
  }
  void set_tls(std::shared_ptr<const TlsContext> tls) {
    const std::lock_guard lock(mutex_);
    tls_ = std::move(tls);
  }

 private:
  mutable std::mutex mutex_;
  ListenerOptions options_;
  std::shared_ptr<const TlsContext> tls_;
};

}  // namespace milink::sim::tds
