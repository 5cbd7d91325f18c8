#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"
#include "core/sql/statements.h"

namespace milink::link {
namespace {

// Findings of one database for DatabasesPrepared.
class Checker {
 public:
  Checker(Draft& draft, const DatabaseView& view) : draft_(draft), view_(view) {}

  void State() const {
    const sql::Database& database = *view_.database;
    if (database.state != "ONLINE") {
      Block(reason::kDatabaseNotOnline,
            fmt::format("the database is {}; bring it online", database.state));
    }
    if (database.user_access != "MULTI_USER") {
      Block(reason::kDatabaseAccess,
            fmt::format("user access is {}; set MULTI_USER", database.user_access));
    }
    if (database.read_only) {
      Block(reason::kDatabaseAccess, "the database is read-only; set READ_WRITE");
    }
    if (database.auto_close) {
      Block(reason::kDatabaseAccess, "auto-close is on; set AUTO_CLOSE OFF");
    }
  }

  void Files() const {
    if (view_.files == nullptr) {
      draft_.prepared.Add(Severity::kUnknown, reason::kDatabaseFilesNotRead,
                          "the database's files have not been read yet", view_.names.name);
      draft_.freshness.sql_all = true;
      draft_.WantSql(std::chrono::seconds(5));
      return;
    }
    const sql::DatabaseFiles& files = *view_.files;
    if (files.log_files != 1) {
      Block(reason::kDatabaseFiles, fmt::format("it has {} log files and may have one (41948); "
                                                "remove the others",
                                                files.log_files));
    }
    if (files.filestream_files > 0) {
      Block(reason::kDatabaseFiles, "it uses FILESTREAM or FileTables (41950); remove them");
    }
    if (files.fulltext_files > 0) {
      Block(reason::kDatabaseFiles, "it has full-text catalog files (41999); remove them");
    }
    if (files.defunct_files > 0) {
      Block(reason::kDatabaseFiles, "it has files in the state DEFUNCT (41951); remove them");
    }
  }

  void Groups() const {
    if (view_.database->group_database_id.empty()) return;
    for (const sql::AvailabilityGroup& group : draft_.seen.sql->groups) {
      const bool holds = std::any_of(
          group.databases.begin(), group.databases.end(),
          [&](const auto& other) { return SameName(other.str(), view_.names.name.str()); });
      if (group.distributed || !holds) continue;
      if (SameName(group.name.str(), view_.names.availability_group.str())) return;
      Block(reason::kInOtherAvailabilityGroup,
            fmt::format("the database is in availability group {0}; set availabilityGroup: {0} to "
                        "use that group, or take the database out of it",
                        group.name.str()));
      return;
    }
  }

  void Instance() const {
    if (draft_.seen.instance == nullptr) {
      draft_.prepared.Add(Severity::kUnknown, reason::kManagedInstanceNotRead,
                          "the managed instance's databases cannot be read", view_.names.name);
      return;
    }
    // A database of this name is the link's copy, as long as there is a link.
    for (const auto part : {azure::InstancePart::kLinks, azure::InstancePart::kDatabaseNames}) {
      if (draft_.seen.Shows(part)) continue;
      draft_.prepared.Add(Severity::kUnknown, reason::kActionsMissing, draft_.WhyHidden(part),
                          view_.names.name);
      return;
    }
    const auto& names = draft_.seen.instance->database_names;
    const bool there = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return SameName(name, view_.names.name.str());
    });
    const bool coming = view_.record != nullptr && view_.record->operation.has_value();
    if (!there || view_.link != nullptr || coming) return;
    Block(reason::kDatabaseExistsOnInstance,
          fmt::format("managed instance {} already has a database of this name; remove or rename "
                      "it there",
                      draft_.spec.managed_instance.name));
  }

  void RecoveryAndBackup() const {
    const auto& preparation = draft_.spec.preparation;
    if (view_.database->recovery_model != "FULL" && !preparation.set_full_recovery) {
      Block(reason::kNotFullRecovery,
            fmt::format("the recovery model is {}; set FULL, or permit it with "
                        "preparation.setFullRecovery",
                        view_.database->recovery_model));
    }
    if (!view_.database->log_chain_started && !MayBackUp()) {
      Block(reason::kNoFullBackup,
            "there is no full backup that starts the log chain; take one (not COPY_ONLY), or "
            "permit it with preparation.initialBackup");
    }
  }

  bool MayBackUp() const {
    const auto& preparation = draft_.spec.preparation;
    return preparation.make_initial_backup && !preparation.initial_backup_path.empty();
  }

 private:
  void Block(const char* why, std::string message) const {
    draft_.prepared.Add(Severity::kBlocked, why, std::move(message), view_.names.name);
  }

  Draft& draft_;
  const DatabaseView& view_;
};

void Prepare(Draft& draft, const DatabaseView& view) {
  const DatabaseName& name = view.names.name;
  if (view.database->recovery_model == "FULL" && view.database->log_chain_started) return;
  if (draft.seen.facts.backups_running.contains(name)) {
    draft.prepared.Add(Severity::kProgressing, reason::kBackingUp, "a full backup is running",
                       name);
    draft.WakeAfter(std::chrono::seconds(15));
    return;
  }
  Step step = SetFullRecovery{name};
  if (view.database->recovery_model == "FULL") {
    const std::string tag = draft.seen.link->meta.uid.substr(0, 8);
    step = BackupDatabase{name,
                          sql::BackupFile(draft.spec.preparation.initial_backup_path, name, tag)};
  }
  if (!draft.MayCreate()) {
    draft.prepared.Add(Severity::kWaiting, reason::kWaiting,
                       fmt::format("waiting until both sides are ready; then: {}", Describe(step)),
                       name);
    return;
  }
  draft.Propose(draft.prepared, reason::kPreparing, std::move(step));
}

// The older object keeps the database; equal ages (they are whole seconds) are told by name.
bool IsOlder(const api::ManagedInstanceLink& a, const api::ManagedInstanceLink& b) {
  return std::pair(a.meta.creation_time, a.meta.key) < std::pair(b.meta.creation_time, b.meta.key);
}

// Was the database linked by `link`, or has it begun with that?
bool Holds(const api::ManagedInstanceLink& link, const DatabaseSpec& database) {
  const auto established = [&](const DatabaseRecord& record) {
    return record.established && SameName(record.name.str(), database.name.str());
  };
  const auto begun = [&](const api::OwnedObject& entry) {
    return (entry.kind == "Link" || entry.kind == "DistributedAvailabilityGroup") &&
           SameName(entry.name, database.distributed_availability_group.str());
  };
  return std::ranges::any_of(link.status.records, established) ||
         std::ranges::any_of(link.status.owned_objects, begun);
}

// Who has linked a database keeps it: an older resource that names it later must not stop a link
// that works.
bool Yields(const api::ManagedInstanceLink& self, const DatabaseSpec& ours,
            const api::ManagedInstanceLink& other, const DatabaseSpec& theirs) {
  const bool self_holds = Holds(self, ours);
  const bool other_holds = Holds(other, theirs);
  return self_holds == other_holds ? IsOlder(other, self) : other_holds;
}

void CheckOtherLinks(Draft& draft, const DatabaseView& view) {
  const api::ManagedInstanceLink& self = *draft.seen.link;
  for (const auto& other : draft.seen.others) {
    if (!SameInstance(self.spec, other->spec)) continue;
    for (const DatabaseSpec& theirs : other->spec.databases) {
      const bool same_database = SameName(theirs.name.str(), view.names.name.str());
      const bool same_link = SameName(theirs.distributed_availability_group.str(),
                                      view.names.distributed_availability_group.str());
      if (!same_database && !same_link) continue;
      if (!Yields(self, view.names, *other, theirs)) continue;
      draft.prepared.Add(
          Severity::kBlocked, reason::kDatabaseLinkedTwice,
          fmt::format("ManagedInstanceLink {} already {} on this managed instance; remove one of "
                      "the two",
                      ToString(other->meta.key),
                      same_database
                          ? "links a database of this name"
                          : "uses link name " + view.names.distributed_availability_group.str()),
          view.names.name);
    }
  }
}

}  // namespace

void PlanPreparation(Draft& draft, const DatabaseView& view) {
  const DatabaseName& name = view.names.name;
  CheckOtherLinks(draft, view);
  if (draft.seen.sql == nullptr) {
    draft.prepared.Add(Severity::kUnknown, reason::kReplicaUnreachable, "SQL Server cannot be read",
                       name);
    return;
  }
  if (view.database == nullptr) {
    draft.prepared.Add(Severity::kBlocked, reason::kDatabaseNotFound,
                       fmt::format("there is no user database {} on SQL Server", name.str()), name);
    return;
  }
  // What is linked has passed all this; what happens to it later is told by its link. Only the
  // certificate that it is encrypted by may become another one.
  if (view.Linked()) {
    PlanEncryption(draft, view);
    return;
  }
  const Checker checker(draft, view);
  if (view.distributed != nullptr && !view.sees_link) {
    checker.Instance();  // it may be linked
    return;
  }
  checker.State();
  checker.Files();
  checker.Groups();
  checker.Instance();
  PlanEncryption(draft, view);
  const bool in_group = view.group != nullptr && !view.database->group_database_id.empty();
  if (in_group) return;
  checker.RecoveryAndBackup();
  if (draft.prepared.ClearFor(name)) Prepare(draft, view);
}

}  // namespace milink::link
