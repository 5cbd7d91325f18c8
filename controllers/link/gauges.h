// What a link shows as metrics: its state, and the exact values of what its status rounds.
//
// Pure, no thread rule.
#pragma once

#include <vector>

#include "controllers/link/directory.h"
#include "core/azure/models.h"
#include "core/runtime/samples.h"
#include "core/sql/snapshot.h"

namespace milink::link {

std::vector<runtime::MetricFamily> LinkGauges();

// Adds the samples of one link. The snapshots may be null: then what they tell has no sample.
// REQUIRES: `samples` are of LinkGauges().
void AddLinkSamples(const LinkPointer& link,
                    const std::shared_ptr<const sql::InstanceSnapshot>& sql,
                    const std::shared_ptr<const azure::ManagedInstanceSnapshot>& instance,
                    std::vector<runtime::Samples>& samples);

}  // namespace milink::link
