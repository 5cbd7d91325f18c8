#include "controllers/link/act.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "controllers/link/age.h"
#include "controllers/link/chain_check.h"
#include "controllers/link/live_check.h"
#include "controllers/link/network_runs.h"
#include "controllers/link/observe.h"
#include "controllers/link/operations.h"
#include "controllers/link/plan/certificates.h"
#include "controllers/link/reasons.h"
#include "controllers/link/sql_batches.h"
#include "controllers/link/tde_transfer.h"
#include "core/api/codec.h"
#include "core/sql/errors.h"
#include "core/sql/statements.h"

namespace milink::link {
namespace {

// Creating a group waits for it to come online. Source: LINK-LIFECYCLE 2, rule 14.
constexpr Duration kStatementTimeout = std::chrono::seconds(120);
constexpr Duration kBackupTimeout = std::chrono::hours(24);
constexpr Duration kUsualAge = std::chrono::seconds(60);
constexpr Duration kAgeForDrops = std::chrono::seconds(5);
// A worker must not be held for long: the next pass takes up the rest.
constexpr std::size_t kMaxStepsPerPass = 10;

Error Changed(const char* message) {
  return {ErrorKind::kConflict, reason::kObjectChanged, message, ""};
}

// Is what we decided on still what the object says?
Status SameObject(const api::ManagedInstanceLink& decided, const api::ManagedInstanceLink& now) {
  if (now.meta.uid != decided.meta.uid) return Changed("the object was replaced by another one");
  if (now.meta.generation != decided.meta.generation) return Changed("the spec was changed");
  if (now.meta.deletion_time.has_value() != decided.meta.deletion_time.has_value()) {
    return Changed("the object is being deleted");
  }
  return OkStatus();
}

class Actor {
 public:
  Actor(const LinkSystems& systems, FactStore& facts, const Observation& seen,
        const runtime::ReconcileContext& context)
      : systems_(systems),
        facts_(facts),
        seen_(seen),
        log_(context.log),
        stop_(context.stop),
        replica_(ReplicaOf(*seen.link)),
        instance_(InstanceOf(*seen.link)) {}

  Status Run(const std::vector<Step>& steps) {
    const std::size_t count = std::min(steps.size(), kMaxStepsPerPass);
    for (std::size_t i = 0; i < count && !stop_.stop_requested(); ++i) RunOne(steps[i]);
    // What was touched is read again, never patched by guess.
    if (touched_sql_) {
      NoteChange();
      static_cast<void>(systems_.hub.Refresh(replica_, sql::RefreshScope::kFast));
    }
    if (touched_instance_) {
      static_cast<void>(systems_.instances.Refresh(instance_, azure::RefreshScope::kAll));
    }
    return live_;
  }

 private:
  // What cannot be undone rests on the object as the API server has it, not on a cache.
  Status CheckLive() const {
    const auto object = systems_.objects.Get(LinkType(), seen_.link->meta.key);
    if (!object.ok() && object.error().kind == ErrorKind::kNotFound) {
      return Changed("the object is gone");
    }
    if (!object.ok()) return object.error();
    const auto link = api::DecodeLink(*object);
    if (!link.ok()) return link.error();
    if (Status same = SameObject(*seen_.link, *link); !same.ok()) return same;
    const bool same_journal =
        api::EncodeJournal(link->status) == api::EncodeJournal(seen_.link->status);
    return same_journal ? OkStatus() : Status(Changed("the journal was changed"));
  }

  // Asked immediately before anything is sent. It owns what it looks at: a long statement asks on a
  // thread of its own, when this pass may be over.
  std::function<Status()> GuardOf(const Step& step) const {
    return [&directory = systems_.directory, &clock = systems_.clock, stop = stop_,
            decided = seen_.link, seen_at = seen_.now,
            limit = MaxAgeFor({step}) + kUsualAge]() -> Status {
      if (stop.stop_requested()) return Changed("the pass is over its time");
      const LinkPointer now = directory.FindLink(decided->meta.key);
      if (now == nullptr) return Changed("the object is gone");
      if (Status same = SameObject(*decided, *now); !same.ok()) return same;
      if (AgeAt(clock.Now(), seen_at) > limit) return Changed("the decision is too old");
      return OkStatus();
    };
  }

  void RunOne(const Step& step) {
    if (IsDisruptive(ClassOf(step))) {
      if (!live_.ok()) return;  // the next pass looks again
      live_ = CheckLive();
      if (!live_.ok()) {
        log_.Info("Stood back from a change",
                  {{"step", KeyOf(step)}, {"reason", live_.error().message}});
        return;
      }
    }
    if (const auto* test = std::get_if<TestNetwork>(&step)) {
      BeginNetworkProbe(systems_, seen_, *test, GuardOf(step));
    } else if (IsAzureStep(step)) {
      RunInAzure(step);
    } else if (const auto* chain = std::get_if<ValidateChain>(&step)) {
      RunChainCheck(*chain);
    } else if (const auto* backup = std::get_if<BackupDatabase>(&step)) {
      StartBackup(step, backup->database);
    } else {
      RunInSql(step);
    }
  }

  void RunInSql(const Step& step) {
    const auto batch = BatchOf(step);
    if (!batch.ok()) {
      Failed(step, batch.error());
      return;
    }
    touched_sql_ = true;
    const auto reply = systems_.hub.Run(replica_, sql::Lane::kAct, *batch, kStatementTimeout,
                                        GuardOf(step), stop_);
    if (reply.ok() && sql::WasLeftAlone(*reply)) {
      Failed(step, {ErrorKind::kConflict, reason::kLeftInPlace,
                    "it is gone, or another one has that name now, which was left alone", ""});
    } else if (reply.ok()) {
      Succeeded(step);
    } else if (sql::ClassOf(reply.error()) == sql::ErrorClass::kOk) {
      FoundDone(step);
    } else {
      Failed(step, reply.error());
    }
  }

  void RunChainCheck(const ValidateChain& step) {
    const auto validated = AskForChain(systems_, replica_, step, {GuardOf(step), stop_}, log_);
    if (!validated.ok()) {
      Failed(step, validated.error());
      return;
    }
    Change([&](ProcessFacts& facts) { NoteChain(facts, step, *validated); });
    if (!*validated) {
      Tell(kube::EventType::kWarning, reason::kChainNotValidated, step,
           ChainAdvice(step.certificate));
    }
  }

  void StartBackup(const Step& step, const DatabaseName& database) {
    auto batch = BatchOf(step);
    if (!batch.ok()) {
      Failed(step, batch.error());
      return;
    }
    const Status started = systems_.hub.StartLong(replica_, BackupId(*seen_.link, database),
                                                  *std::move(batch), kBackupTimeout, GuardOf(step));
    if (!started.ok()) {
      Failed(step, started.error());
      return;
    }
    Tell(kube::EventType::kNormal, reason::kStarted, step, "started: " + Describe(step));
  }

  Result<azure::OperationTicket> Request(const Step& step) const {
    if (const auto* upload = std::get_if<UploadCertificate>(&step)) {
      return systems_.api.PutTrustCertificate(instance_, upload->name, upload->der);
    }
    if (const auto* removed = std::get_if<DeleteTrustCertificate>(&step)) {
      return systems_.api.DeleteTrustCertificate(instance_, removed->name);
    }
    if (const auto* tde = std::get_if<UploadTdeCertificate>(&step)) {
      return TransferTdeCertificate(systems_, replica_, instance_, *tde, GuardOf(step));
    }
    if (const auto* drop = std::get_if<DeleteLink>(&step)) {
      return systems_.api.DeleteLink(instance_, drop->link);
    }
    const auto& create = std::get<CreateLink>(step);
    return systems_.api.PutLink(instance_, {create.link,
                                            create.partner_group,
                                            create.instance_group,
                                            create.partner_endpoint,
                                            "Secondary",
                                            create.failover_mode,
                                            {create.database}});
  }

  void RunInAzure(const Step& step) {
    if (const Status same = CheckInAzure(systems_.api, instance_, step); !same.ok()) {
      touched_instance_ = true;
      // The list that it was decided on is behind; what is read next will tell.
      Failed(step, IsGone(same.error()) ? Changed("it is gone already") : same.error());
      return;
    }
    if (const Status allowed = GuardOf(step)(); !allowed.ok()) {
      Failed(step, allowed.error());
      return;
    }
    const auto ticket = Request(step);
    if (!ticket.ok() && IsThereAlready(KeyOf(step), ticket.error())) {
      Succeeded(step);
      return;
    }
    if (!ticket.ok()) {
      touched_instance_ = touched_instance_ || ticket.error().kind == ErrorKind::kConflict ||
                          ticket.error().kind == ErrorKind::kNotFound ||
                          ticket.error().kind == ErrorKind::kInvalid;
      Failed(step, ticket.error());
      return;
    }
    if (ticket->poll_url.empty() && std::holds_alternative<UploadTdeCertificate>(step)) {
      Succeeded(step);  // nothing but the answer itself tells it
      return;
    }
    touched_instance_ = touched_instance_ || ticket->poll_url.empty();  // done, and to be seen
    Change([&](ProcessFacts& facts) { NoteTicket(facts, step, *ticket, systems_.clock.Now()); });
    Tell(kube::EventType::kNormal, reason::kStarted, step, "started: " + Describe(step));
  }

  void Succeeded(const Step& step) {
    Change([&](ProcessFacts& facts) { NoteSuccess(facts, step, systems_.clock.Now()); });
    Tell(kube::EventType::kNormal, reason::kSucceeded, step, "done: " + Describe(step));
    log_.Info("Carried out a step", {{"step", KeyOf(step)}});
  }

  // The wanted state was there already; whether by us is not known, so nothing is confirmed.
  void FoundDone(const Step& step) {
    Change([&](ProcessFacts& facts) {
      if (std::holds_alternative<TrustIssuer>(step)) {
        NoteSuccess(facts, step, systems_.clock.Now());
      } else {
        facts.failures.erase(KeyOf(step));
        NoteRefused(facts, step);
      }
    });
  }

  void Failed(const Step& step, const Error& error) {
    log_.Warning("A step failed", {{"step", KeyOf(step)}, {"error", ToString(error)}});
    bool news = true;
    Change([&](ProcessFacts& facts) {
      const auto before = facts.failures.find(KeyOf(step));
      news = before == facts.failures.end() || before->second.error.reason != error.reason;
      NoteFailure(facts, KeyOf(step), error, systems_.clock.Now(), seen_.link->meta.generation,
                  systems_.random);
      // Of any other error the step may have taken effect.
      if (IsRefusal(error.kind)) NoteRefused(facts, step);
    });
    const bool left_alone = error.reason == reason::kLeftInPlace;
    const bool expected = (error.kind == ErrorKind::kConflict && !left_alone) ||
                          error.kind == ErrorKind::kThrottled || error.reason == "LaneBusy" ||
                          error.reason == "AlreadyRunning";
    if (news && !expected) {
      Tell(kube::EventType::kWarning, error.reason.empty() ? reason::kFailed : error.reason, step,
           "could not " + Describe(step) + ": " + error.message);
    }
  }

  void NoteChange() const {
    PassMemory memory = facts_.Memory(seen_.link->meta.key);
    memory.sql_changed_at = systems_.clock.Now();
    facts_.Remember(seen_.link->meta.key, std::move(memory));
  }

  void Change(const std::function<void(ProcessFacts&)>& change) const {
    facts_.Update(seen_.link->meta, replica_, change);
  }

  void Tell(kube::EventType type, const std::string& reason, const Step& step,
            const std::string& note) const {
    const std::string key = KeyOf(step);
    systems_.events.Record(ReferenceTo(*seen_.link), type, reason, key.substr(0, key.find('/')),
                           note);
  }

  const LinkSystems& systems_;
  FactStore& facts_;
  const Observation& seen_;
  const Logger& log_;
  const std::stop_token stop_;
  const ObjectKey replica_;
  const azure::ManagedInstanceRef instance_;
  Status live_;  // what the last look at the live object said
  bool touched_sql_ = false;
  bool touched_instance_ = false;
};

}  // namespace

Duration MaxAgeFor(const std::vector<Step>& steps) {
  const bool drops = std::any_of(steps.begin(), steps.end(), [](const Step& step) {
    return ClassOf(step) == StepClass::kDrop;
  });
  return drops ? kAgeForDrops : kUsualAge;
}

kube::ObjectReference ReferenceTo(const api::ManagedInstanceLink& link) {
  return {api::kApiVersion, api::kLinkKind, link.meta.key, link.meta.uid};
}

Status Act(const LinkSystems& systems, FactStore& facts, const Observation& seen,
           const std::vector<Step>& steps, const runtime::ReconcileContext& context) {
  return Actor(systems, facts, seen, context).Run(steps);
}

}  // namespace milink::link
