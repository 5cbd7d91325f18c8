#include "operator/election.h"

#include <utility>

#include "operator/scope.h"

namespace milink::app {

Election::Election(const Options& options, const std::string& host,
                   const std::shared_ptr<kube::Dialer>& dialer, const Clock& clock, Random& random,
                   const Logger& log, runtime::Metrics& metrics,
                   runtime::LeaderElector::OnLost on_lost)
    : lease_{options.election.namespace_name.empty() ? dialer->default_namespace()
                                                     : options.election.namespace_name,
             LeaseNameOf(options.election, options.scope)},
      transport_(dialer, clock, log, {.max_connections = 2, .max_idle = 1}),
      store_(transport_, lease_),
      elector_(store_, host + "_" + NewUuid(random),
               {options.election.lease_duration, options.election.renew_deadline,
                options.election.retry_period},
               boot_clock_, random, log.With({{"lease", ToString(lease_)}}),
               metrics.AddGauge("leader_election_master_status",
                                "Whether this process leads: 1, or stands by: 0",
                                {{"name", lease_.name}}),
               std::move(on_lost)) {}

Election::~Election() { transport_.Shutdown(); }

}  // namespace milink::app
