// Who leads: the Lease on its own connection, with its own credentials and thread, so that nothing
// holds up a renewal.
//
// Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "core/base/boot_clock.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/object.h"
#include "core/base/random.h"
#include "core/kube/dialer.h"
#include "core/kube/http_transport.h"
#include "core/kube/lease.h"
#include "core/runtime/leader_elector.h"
#include "core/runtime/metrics.h"
#include "operator/options.h"

namespace milink::app {

class Election {
 public:
  // Starts nothing. `host` and a random part are the name of this process in the Lease. `dialer`
  // serves nothing else. All references outlive this. `on_lost`: see runtime::LeaderElector.
  Election(const Options& options, const std::string& host,
           const std::shared_ptr<kube::Dialer>& dialer, const Clock& clock, Random& random,
           const Logger& log, runtime::Metrics& metrics, runtime::LeaderElector::OnLost on_lost);
  // Ends the request under way and does not give the Lease back.
  ~Election();
  Election(const Election&) = delete;
  Election& operator=(const Election&) = delete;

  const ObjectKey& lease() const { return lease_; }
  runtime::LeaderElector& elector() { return elector_; }

 private:
  const ObjectKey lease_;
  BootClock boot_clock_;
  kube::HttpTransport transport_;
  kube::ApiLeaseStore store_;
  runtime::LeaderElector elector_;
};

}  // namespace milink::app
