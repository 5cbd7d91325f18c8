// The decision: from what is seen to what shall be written, done and said.
//
// Thread-safe (pure and total: any observation has a plan, and the same one every time).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controllers/link/observation.h"
#include "controllers/link/steps.h"
#include "core/api/managed_instance_link.h"
#include "core/base/clock.h"

namespace milink::link {

struct Note {  // an event to tell
  bool warning = false;
  std::string reason;
  std::string message;
  std::string action = "Unlink";
  bool operator==(const Note&) const = default;
};

// How new the snapshots must be at the next look; nothing: whatever the others keep.
struct Freshness {
  std::optional<Duration> sql;
  bool sql_all = false;  // with the rarely changing parts
  std::optional<Duration> instance;
  std::optional<Duration> instance_parts;  // those that change rarely
  bool operator==(const Freshness&) const = default;
};

struct Plan {
  bool add_finalizer = false;     // before anything else; then look again
  bool remove_finalizer = false;  // the deletion is done
  // The wanted journal is in `status`. When it differs from the stored one it is written first, and
  // there are no steps.
  bool write_journal = false;
  std::vector<Step> steps;  // independent of each other, in the order to run them
  // Complete, journal included; the conditions' transition times are not filled in.
  api::ManagedInstanceLinkStatus status;
  std::optional<Duration> requeue_after;  // nothing: the next change of a snapshot or of the object
  Freshness freshness;
  std::vector<Note> notes;  // told once the plan's write (journal, finalizer) has succeeded
};

Plan PlanLink(const Observation& seen);

}  // namespace milink::link
