#include "core/azure/instance_cache.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace milink::azure {
namespace {

using SnapshotPointer = std::shared_ptr<const ManagedInstanceSnapshot>;

// LSNs move with every write, and nobody waits for them.
bool SameDatabase(const LinkDatabase& a, const LinkDatabase& b) {
  LinkDatabase other = b;
  other.last_hardened_lsn = a.last_hardened_lsn;
  return a == other;
}

bool SameLink(const Link& a, const Link& b) {
  Link other = b;
  other.databases = a.databases;
  return a == other && std::ranges::equal(a.databases, b.databases, SameDatabase);
}

// Request ids differ in every answer.
bool SameError(const Error& a, const Error& b) {
  return a.kind == b.kind && a.reason == b.reason && a.message == b.message;
}

bool SameRefusals(const ManagedInstanceSnapshot& a, const ManagedInstanceSnapshot& b) {
  return std::ranges::equal(a.refused, b.refused, [](const auto& one, const auto& other) {
    return one.first == other.first && SameError(one.second, other.second);
  });
}

bool SameContents(const ManagedInstanceSnapshot& a, const ManagedInstanceSnapshot& b) {
  return a.instance == b.instance && std::ranges::equal(a.links, b.links, SameLink) &&
         a.trust_certificates == b.trust_certificates &&
         a.endpoint_certificate == b.endpoint_certificate && a.permissions == b.permissions &&
         a.database_names == b.database_names && SameRefusals(a, b);
}

// Takes over what was read of a part. A refusal is kept in its place, and nothing of what was known
// before.
template <typename T, typename U>
Status Take(InstancePart part, Result<T> answer, U ManagedInstanceSnapshot::* value,
            ManagedInstanceSnapshot& into) {
  into.*value = U();
  into.refused.erase(part);
  if (answer) {
    into.*value = std::move(*answer);
    return OkStatus();
  }
  const bool refused = answer.error().kind == ErrorKind::kUnauthorized &&
                       answer.error().reason == "AuthorizationFailed";
  if (!refused) {
    return std::move(answer).error();
  }
  into.refused.emplace(part, std::move(answer).error());
  return OkStatus();
}

}  // namespace

struct InstanceCache::State {
  ManagedInstanceApi& api;
  const Clock& clock;
  mutable std::mutex mutex;
  std::map<std::string, SnapshotPointer> snapshots;
  std::map<std::string, Error> errors;
  // Being read, with what was asked for in the meantime: a read that has begun may have passed what
  // the asker wants to see.
  std::map<std::string, std::optional<RefreshScope>> running;
  std::vector<std::function<void(const ManagedInstanceRef&)>> listeners;

  Status ReadSlow(const ManagedInstanceRef& instance, ManagedInstanceSnapshot& into) const {
    into.slow_read_at = clock.Now();
    auto found = api.GetInstance(instance);
    if (!found) {
      return std::move(found).error();
    }
    into.instance = std::move(*found);
    using Snapshot = ManagedInstanceSnapshot;
    Status status = Take(InstancePart::kPermissions, api.ListPermissions(instance),
                         &Snapshot::permissions, into);
    if (status) {
      status = Take(InstancePart::kTrustCertificates, api.ListTrustCertificates(instance),
                    &Snapshot::trust_certificates, into);
    }
    if (status) {
      status = Take(InstancePart::kEndpointCertificate, api.GetEndpointCertificate(instance),
                    &Snapshot::endpoint_certificate, into);
    }
    if (status) {
      status = Take(InstancePart::kDatabaseNames, api.ListDatabaseNames(instance),
                    &Snapshot::database_names, into);
    }
    return status;
  }

  Status ReadLinks(const ManagedInstanceRef& instance, ManagedInstanceSnapshot& into) const {
    into.read_at = clock.Now();
    Status status =
        Take(InstancePart::kLinks, api.ListLinks(instance), &ManagedInstanceSnapshot::links, into);
    into.read_took = std::chrono::duration_cast<Duration>(clock.Now() - into.read_at);
    return status;
  }

  Result<SnapshotPointer> Read(const ManagedInstanceRef& instance, const SnapshotPointer& before,
                               RefreshScope scope) const {
    auto next = before ? std::make_shared<ManagedInstanceSnapshot>(*before)
                       : std::make_shared<ManagedInstanceSnapshot>();
    const bool all = scope == RefreshScope::kAll || before == nullptr;
    Status status = all ? ReadSlow(instance, *next) : OkStatus();
    if (status) {
      status = ReadLinks(instance, *next);
    }
    // A right that came or went may not be the only one.
    constexpr auto kLinks = InstancePart::kLinks;
    if (status && !all && next->Shows(kLinks) != before->Shows(kLinks)) {
      status = ReadSlow(instance, *next);
    }
    if (!status) {
      return std::move(status).error();
    }
    next->version = before ? before->version + 1 : 1;
    return SnapshotPointer(std::move(next));
  }

  // Publishes or withdraws; true when that is news.
  bool Publish(const std::string& key, const Result<SnapshotPointer>& answer) {
    const std::lock_guard lock(mutex);
    auto& slot = snapshots[key];
    if (!answer) {
      const bool news =
          slot != nullptr || !errors.contains(key) || !SameError(errors.at(key), answer.error());
      slot = nullptr;
      errors.insert_or_assign(key, answer.error());
      return news;
    }
    const bool news = slot == nullptr || !SameContents(*slot, **answer);
    slot = *answer;
    errors.erase(key);
    return news;
  }

  // False: somebody reads already, and will read once more.
  bool Begin(const std::string& key, RefreshScope scope) {
    const std::lock_guard lock(mutex);
    const auto [it, is_first] = running.try_emplace(key);
    if (!is_first && it->second != RefreshScope::kAll) {
      it->second = scope;
    }
    return is_first;
  }

  // What was asked for while the last read was under way; with nothing, reading has ended.
  std::optional<RefreshScope> Next(const std::string& key) {
    const std::lock_guard lock(mutex);
    const auto it = running.find(key);
    const auto asked = std::exchange(it->second, std::nullopt);
    if (!asked) {
      running.erase(it);
    }
    return asked;
  }

  SnapshotPointer Last(const std::string& key) const {
    const std::lock_guard lock(mutex);
    const auto it = snapshots.find(key);
    return it == snapshots.end() ? nullptr : it->second;
  }

  void Tell(const ManagedInstanceRef& instance) const {
    std::vector<std::function<void(const ManagedInstanceRef&)>> told;
    {
      const std::lock_guard lock(mutex);
      told = listeners;
    }
    for (const auto& listener : told) {
      listener(instance);
    }
  }
};

InstanceCache::InstanceCache(ManagedInstanceApi& api, const Clock& clock)
    : state_(new State{api, clock, {}, {}, {}, {}, {}}) {}

InstanceCache::~InstanceCache() = default;

Result<SnapshotPointer> InstanceCache::Refresh(const ManagedInstanceRef& instance,
                                               RefreshScope scope) {
  const std::string key = instance.Key();
  if (!state_->Begin(key, scope)) {
    return Error{ErrorKind::kTransient, "RefreshRunning",
                 "the managed instance is being read by another reconcile", ""};
  }
  for (std::optional<RefreshScope> next = scope;;) {
    auto answer = state_->Read(instance, state_->Last(key), *next);
    if (state_->Publish(key, answer)) {
      state_->Tell(instance);
    }
    next = state_->Next(key);
    if (!next) {
      return answer;
    }
  }
}

SnapshotPointer InstanceCache::Snapshot(const ManagedInstanceRef& instance) const {
  return state_->Last(instance.Key());
}

std::optional<Error> InstanceCache::LastError(const ManagedInstanceRef& instance) const {
  const std::lock_guard lock(state_->mutex);
  const auto it = state_->errors.find(instance.Key());
  return it == state_->errors.end() ? std::nullopt : std::optional(it->second);
}

void InstanceCache::Forget(const ManagedInstanceRef& instance) {
  const std::lock_guard lock(state_->mutex);
  state_->snapshots.erase(instance.Key());
  state_->errors.erase(instance.Key());
}

void InstanceCache::Subscribe(std::function<void(const ManagedInstanceRef&)> on_change) {
  const std::lock_guard lock(state_->mutex);
  state_->listeners.push_back(std::move(on_change));
}

}  // namespace milink::azure
