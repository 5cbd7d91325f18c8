// How old something is by the wall clock, which people and NTP set.
#pragma once

#include "core/base/clock.h"

namespace milink::link {

// What seems to come from the future was noted before the clock was set back: nobody knows how old
// it is, so it is older than any limit.
inline TimePoint::duration AgeAt(TimePoint now, TimePoint then) {
  return then <= now ? now - then : TimePoint::duration::max();
}

}  // namespace milink::link
