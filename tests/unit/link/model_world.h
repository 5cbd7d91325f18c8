// Both systems, the stored object and one process, in the form that the planner sees, with steps
// that take effect: enough to follow a plan to its end, to crash in between, and to begin again.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "controllers/link/facts.h"
#include "controllers/link/operations.h"
#include "controllers/link/plan/plan.h"
#include "core/base/random.h"
#include "tests/unit/link/builders.h"

namespace milink::link::gen {

class ModelWorld {
 public:
  // A ready pair without any trust, with these databases prepared and not linked.
  explicit ModelWorld(const std::vector<std::string>& databases);

  api::ManagedInstanceLink link;
  api::SqlServerReplica replica = Replica();
  sql::InstanceSnapshot sql = Sql();
  azure::ManagedInstanceSnapshot instance = Instance();
  std::set<std::string> tde_on_instance;  // thumbprints, which no snapshot shows
  bool takes_tde = true;                  // false: uploads succeed and are of no use
  std::vector<std::shared_ptr<const api::ManagedInstanceLink>> others;
  ProcessFacts facts;
  TimePoint now = Start();
  bool gone = false;              // the finalizer was removed
  std::vector<std::string> done;  // steps that took effect, in words
  std::vector<Note> notes;

  Observation Observe() const;
  // One pass as the controller makes it: the finalizer, or the journal, or the steps. `max_steps`
  // cuts the pass short, as a crash would. Returns the plan.
  Plan Pass(std::size_t max_steps = 1'000);
  // Passes and time until nothing changes any more. False: it never came to rest.
  bool Settle();
  // The step takes effect; `answered` false: this process never hears of it.
  void Apply(const Step& step, bool answered = true);
  // Time passes: operations end, copies are made.
  void Wait(Duration by);
  // A new process: it knows nothing but the journal.
  void Restart() { facts = {}; }
  // Everything of both systems in one text, for comparisons.
  std::string Picture() const;

 private:
  void ApplyToSql(const Step& step);
  azure::OperationStatus EndOperation(const std::string& key);
  bool LacksTdeCertificate(const DatabaseName& database) const;

  std::vector<std::pair<std::string, Step>> running_;    // in Azure, by key
  std::map<std::string, azure::OperationStatus> ended_;  // the same
  std::shared_ptr<Random> random_ = MakeSeededRandom(1);
};

}  // namespace milink::link::gen
