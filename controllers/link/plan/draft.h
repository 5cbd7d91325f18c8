// A plan while it is being made: the observation, what was found per condition, the wanted journal
// and the steps so far. Each file of this folder adds its concern.
//
// Belongs to one thread, for the length of one PlanLink().
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controllers/link/observation.h"
#include "controllers/link/plan/findings.h"
#include "controllers/link/plan/plan.h"
#include "controllers/link/steps.h"
#include "core/api/managed_instance_link.h"

namespace milink::link {

using DatabaseSpec = api::ManagedInstanceLinkSpec::Database;
using DatabaseRecord = api::ManagedInstanceLinkStatus::DatabaseRecord;
using NetworkTest = api::ManagedInstanceLinkStatus::NetworkTest;
using Operation = api::ManagedInstanceLinkStatus::Operation;

// What only a person can correct. Nothing is made for a link that cannot come up because of it.
struct Obstacles {
  bool all = false;                  // nothing may be made at all
  std::set<DatabaseName> databases;  // nothing may be made for these

  bool Any() const { return all || !databases.empty(); }
};

class Draft {
 public:
  explicit Draft(const Observation& observation, Obstacles obstacles = {});

  const Observation& seen;
  const api::ManagedInstanceLinkSpec& spec;
  const api::ManagedInstanceLinkStatus& stored;

  Topic replica;
  Topic instance;
  Topic authorized;
  std::string authorized_text;  // of a clear topic
  Topic network;
  bool network_blocks = false;  // no groups are made before the network is verified
  Topic trust;
  Topic renewal;  // what is told of certificates beside `trust`, and fails nothing
  Topic prepared;
  // What a linked database needs while its copy replicates still: DatabasesPrepared tells it, and
  // it does not fail the link.
  Topic upkeep;
  Topic groups;
  Topic link;
  Topic synchronized;
  Topic split_brain;  // findings make it True: its polarity is the other way round

  // Both ends' addresses; empty until they can be known.
  std::string partner_url;
  std::string instance_url;

  std::vector<api::OwnedObject> entries;  // the wanted journal
  std::vector<DatabaseRecord> records;
  Boxed<NetworkTest> network_test;
  std::vector<Step> steps;
  std::vector<Note> notes;
  Freshness freshness;
  std::optional<Duration> requeue_after;
  bool waiting_for_journal = false;  // a step stands back until its entry is stored

  // Replica, instance and rights are all in order: something may be made.
  bool MayCreate() const;
  // Which right the identity lacks to read this part, in Azure's words too. REQUIRES: the instance
  // was read and this part of it refused.
  std::string WhyHidden(azure::InstancePart part) const;
  // Why the instance cannot be read, with the remedy. REQUIRES: it was not.
  std::string WhyUnread() const;
  // Asks for a step on behalf of a condition. It becomes a step at once, or what stands before it
  // does: its entry in the journal, or the time to the next try after a failure. Says so in
  // `topic`.
  void Propose(Topic& topic, const std::string& reason, Step step);
  // The entry that a create will need soon, so that one write of the journal serves both.
  void AnnounceEntry(const ObjectRef& ref, const DatabaseName& database);

  // Obstacles among the findings so far, as far as nothing of the link is established.
  Obstacles FindObstacles() const;

  // Null: not journalled, so not ours.
  const api::OwnedObject* StoredEntry(const ObjectRef& ref) const;
  // Made by us, and still the same: dropped only then.
  bool Owns(const ObjectRef& ref, const std::string& identity) const;
  DatabaseRecord& Record(const DatabaseName& database);  // adds an empty one
  const DatabaseRecord* StoredRecord(const DatabaseName& database) const;
  const OperationFact* OperationOf(const std::string& key) const;
  // For the end of a message: why nobody knows how far this operation is. Empty: it is known, or
  // could not be read once, which is no news. Takes null.
  static std::string WhyUnread(const OperationFact* operation);
  // The failure that still holds a step back; null when it may be tried.
  const StepFailure* Holding(const std::string& key) const;

  void WakeAfter(Duration delay);
  void WantSql(Duration max_age);
  void WantInstance(Duration max_age);
  // The parts of the instance that change rarely, its certificate among them.
  void WantInstanceParts(Duration max_age);

 private:
  bool Obstructed(const DatabaseName& database) const;
  // True: it stands in the stored journal as pending, with this identity.
  bool Journal(const ObjectRef& ref, const std::string& identity);

  Obstacles obstacles_;
};

}  // namespace milink::link
