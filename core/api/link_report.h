// What of a link's status is only reported: nothing decides by it, and it is most of the object. A
// cache of thousands of links keeps its digest, which tells whether a report is news.
//
// Thread-safe (pure).
#pragma once

#include <cstdint>

#include "core/api/managed_instance_link.h"

namespace milink::api {

// Of what EncodeStatus says, but for the conditions' transition times. Compared within one process
// only.
std::uint64_t DigestOfReport(const ManagedInstanceLinkStatus& status);

// Puts the digest in the place of the report. Left are the generation it was made for, what metrics
// show (phase, primary, which of Ready, Stalled and SplitBrain are True), the trust, which is
// repeated while a side cannot be read, and the journal. A link stays as it is while it has no
// report yet, while a report on a newer generation is due, which is then compared without another
// read, and while it is being deleted, when its last report is repeated.
void ForgetReport(ManagedInstanceLink& link);

}  // namespace milink::api
