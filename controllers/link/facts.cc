#include "controllers/link/facts.h"

#include <algorithm>
#include <utility>

#include "controllers/link/plan/database_view.h"
#include "controllers/link/reasons.h"
#include "core/api/error_reasons.h"
#include "core/base/backoff.h"

namespace milink::link {
namespace {

constexpr BackoffPolicy kRetry{std::chrono::seconds(2), std::chrono::minutes(5), 2.0, 0.1};
// People correct things outside of our sight: looked at again now and then.
constexpr Duration kProbe = std::chrono::minutes(5);
// Of uploads of the same encryption certificate: a private key is not moved every few minutes.
constexpr Duration kSlowestUpload = std::chrono::hours(1);
// A finished operation is remembered until its effect must have become visible.
constexpr auto kRememberFor = std::chrono::minutes(2);

Duration RetryDelay(const Error& error, int attempts, Random& random) {
  switch (error.kind) {
    case ErrorKind::kThrottled:
      if (error.retry_after.has_value()) return *error.retry_after;
      break;
    case ErrorKind::kUnauthorized:
    case ErrorKind::kNotFound:
    case ErrorKind::kInvalid:
    case ErrorKind::kUnsupported:
    case ErrorKind::kUnsafe:
    case ErrorKind::kInternal:
      return kProbe;
    case ErrorKind::kTransient:
    case ErrorKind::kConflict:
      break;
  }
  return BackoffDelay(kRetry, attempts, random);
}

bool InJournal(const api::ManagedInstanceLinkStatus& status, const std::string& key) {
  return std::any_of(status.records.begin(), status.records.end(), [&](const auto& record) {
    return record.operation.has_value() &&
           record.operation->kind + "/" + record.operation->id == key;
  });
}

// Does nothing unless the clock was set back.
void ShortenWaits(ProcessFacts& facts, TimePoint now) {
  for (auto& [key, failure] : facts.failures) {
    failure.retry_at = std::min<TimePoint>(failure.retry_at, now + failure.retry_after);
  }
  for (auto& [key, fact] : facts.operations) {
    fact.poll_at = std::min<TimePoint>(fact.poll_at, now + fact.poll_after);
    fact.started = std::min(fact.started, now);
    if (fact.finished.has_value()) fact.finished = std::min(*fact.finished, now);
  }
  for (auto& [name, since] : facts.disconnected_since) since = std::min(since, now);
  for (auto& [thumbprint, upload] : facts.tde_uploads) {
    upload.again_at = std::min<TimePoint>(upload.again_at, now + upload.pause);
  }
}

void TakeUpOperations(ProcessFacts& facts, const Observation& seen) {
  for (const auto& record : seen.link->status.records) {
    if (!record.operation.has_value() || record.operation->poll_url.empty()) continue;
    OperationFact fact;
    fact.poll_url = record.operation->poll_url;
    fact.poll_at = seen.now;
    fact.started = record.operation->start_time.value_or(seen.now);
    facts.operations.try_emplace(record.operation->kind + "/" + record.operation->id,
                                 std::move(fact));
  }
}

void ForgetOperations(ProcessFacts& facts, const Observation& seen) {
  std::erase_if(facts.operations, [&](const auto& item) {
    const auto& [key, fact] = item;
    if (InJournal(seen.link->status, key)) return false;
    // A deletion that cannot be asked for is over once its effect was seen.
    if (!fact.finished.has_value()) return fact.unread && key.starts_with("DeleteLink/");
    return fact.state != azure::OperationState::kSucceeded ||
           seen.now - *fact.finished > kRememberFor;
  });
}

void WatchConnections(ProcessFacts& facts, const Observation& seen) {
  if (seen.sql == nullptr) return;
  for (const auto& names : seen.link->spec.databases) {
    const DatabaseView view = LookAt(seen, names);
    if (view.remote == nullptr || view.Connected() || view.link == nullptr) {
      facts.disconnected_since.erase(names.name);
    } else {
      facts.disconnected_since.try_emplace(names.name, seen.now);
    }
  }
}

// The entries belong to the certificate, and went with it.
void ForgetIssuer(ProcessFacts& facts, const std::string& thumbprint) {
  std::erase_if(facts.issuers,
                [&](const std::string& key) { return key.starts_with(thumbprint + "/"); });
}

// What could not be validated may be now.
void ForgetBrokenChains(ProcessFacts& facts) {
  std::erase_if(facts.chains, [](const auto& chain) { return !chain.second; });
}

bool IsEmpty(const ProcessFacts& facts) {
  return facts.confirmed.empty() && facts.refused.empty() && facts.failures.empty() &&
         facts.operations.empty() && facts.disconnected_since.empty() &&
         facts.backups_running.empty() && facts.tde_uploads.empty() && facts.issuers.empty() &&
         facts.chains.empty();
}

}  // namespace

// What failed for want of the certificate is worth another try at once.
void NoteTdeUpload(ProcessFacts& facts, const std::string& thumbprint, TimePoint now) {
  TdeUpload& upload = facts.tde_uploads[thumbprint];
  upload.pause = std::clamp<Duration>(2 * upload.pause, kProbe, kSlowestUpload);
  upload.again_at = now + upload.pause;
  for (auto& [key, failure] : facts.failures) {
    if (failure.error.reason != reason::kTdeCertificateMissing) continue;
    failure.retry_at = now;
    failure.retry_after = Duration::zero();
  }
}

void NoteSuccess(ProcessFacts& facts, const Step& step, TimePoint now) {
  facts.failures.erase(KeyOf(step));
  if (const auto* issuer = std::get_if<TrustIssuer>(&step)) {
    facts.issuers.insert(IssuerKey(*issuer));
    ForgetBrokenChains(facts);
  } else if (const auto* root = std::get_if<ImportRootAuthority>(&step)) {
    ForgetIssuer(facts, root->thumbprint);
    ForgetBrokenChains(facts);
  } else if (const auto* dropped = std::get_if<DropCertificate>(&step)) {
    ForgetIssuer(facts, dropped->thumbprint);
  } else if (const auto* tde = std::get_if<UploadTdeCertificate>(&step)) {
    NoteTdeUpload(facts, tde->thumbprint, now);
  }
  if (const auto entry = EntryOf(step); entry.has_value()) NoteMade(facts, *entry);
}

bool IsRefusal(ErrorKind kind) {
  return kind == ErrorKind::kInvalid || kind == ErrorKind::kUnsupported ||
         kind == ErrorKind::kUnauthorized || kind == ErrorKind::kNotFound ||
         kind == ErrorKind::kUnsafe;
}

void NoteMade(ProcessFacts& facts, const ObjectRef& made) {
  facts.refused.erase(made);
  facts.confirmed.insert(made);
}

void NoteRefused(ProcessFacts& facts, const Step& step) {
  if (const auto entry = EntryOf(step); entry.has_value()) facts.refused.insert(*entry);
}

void NoteChain(ProcessFacts& facts, const ValidateChain& step, bool validated) {
  facts.failures.erase(KeyOf(step));
  facts.chains[ChainKey(step)] = validated;
}

void NoteFailure(ProcessFacts& facts, const std::string& key, const Error& error, TimePoint now,
                 std::int64_t generation, Random& random) {
  StepFailure& failure = facts.failures[key];
  failure.attempts = failure.generation == generation ? failure.attempts + 1 : 1;
  failure.generation = generation;
  failure.error = error;
  if (failure.error.reason.empty()) failure.error.reason = reason::kFailed;
  failure.retry_after = RetryDelay(error, failure.attempts, random);
  failure.retry_at = now + failure.retry_after;
}

void NoteJournal(ProcessFacts& facts, const api::ManagedInstanceLinkStatus& before,
                 const api::ManagedInstanceLinkStatus& written) {
  for (const api::OwnedObject& entry : written.owned_objects) {
    if (entry.state != api::OwnedState::kPending) continue;
    const bool was_pending = std::find(before.owned_objects.begin(), before.owned_objects.end(),
                                       entry) != before.owned_objects.end();
    if (was_pending) continue;
    facts.confirmed.erase({entry.side, entry.kind, entry.name});
    facts.refused.erase({entry.side, entry.kind, entry.name});
  }
  for (const auto& record : written.records) {
    if (!record.operation.has_value() || !record.operation->poll_url.empty()) continue;
    const std::string key = record.operation->kind + "/" + record.operation->id;
    if (!InJournal(before, key)) facts.operations.erase(key);
  }
}

void Refresh(ProcessFacts& facts, const Observation& seen) {
  ShortenWaits(facts, seen.now);
  TakeUpOperations(facts, seen);
  ForgetOperations(facts, seen);
  WatchConnections(facts, seen);
}

ProcessFacts FactStore::CopyLocked(const ObjectMeta& link) const {
  const auto found = links_.find(link.key);
  const bool known = found != links_.end() && found->second.known.has_value() &&
                     found->second.known->uid == link.uid;
  return known ? found->second.known->facts : ProcessFacts();
}

ProcessFacts FactStore::Get(const ObjectMeta& link, const ObjectKey& replica) {
  const std::lock_guard lock(mutex_);
  ProcessFacts facts = CopyLocked(link);
  if (const auto shared = shared_.find(replica); shared != shared_.end()) {
    facts.issuers = shared->second.issuers;
    facts.chains = shared->second.chains;
  }
  return facts;
}

void FactStore::Update(const ObjectMeta& link, const ObjectKey& replica,
                       const std::function<void(ProcessFacts&)>& change) {
  const std::lock_guard lock(mutex_);
  ProcessFacts facts = CopyLocked(link);
  Shared& shared = shared_[replica];
  facts.issuers = std::move(shared.issuers);
  facts.chains = std::move(shared.chains);
  change(facts);
  shared.issuers = std::exchange(facts.issuers, {});
  shared.chains = std::exchange(facts.chains, {});
  Boxed<Known>& known = links_[link.key].known;
  known = std::nullopt;
  if (!IsEmpty(facts)) known = Known{link.uid, std::move(facts)};
}

void FactStore::Meet(const ObjectKey& key, const api::SqlServerReplica* replica) {
  const std::lock_guard lock(mutex_);
  if (replica == nullptr) {
    shared_.erase(key);
  } else if (Shared& shared = shared_[key]; shared.uid != replica->meta.uid) {
    shared = {replica->meta.uid, {}, {}};
  }
}

PassMemory FactStore::Memory(const ObjectKey& link) {
  const std::lock_guard lock(mutex_);
  return links_[link].memory;
}

void FactStore::Remember(const ObjectKey& link, PassMemory memory) {
  const std::lock_guard lock(mutex_);
  links_[link].memory = std::move(memory);
}

void FactStore::Forget(const ObjectKey& link) {
  const std::lock_guard lock(mutex_);
  links_.erase(link);
}

}  // namespace milink::link
