// A LeaseStore in memory, with optimistic locking as the API server has it. Thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "core/kube/lease.h"

namespace milink::fakes {

class FakeLeaseStore final : public kube::LeaseStore {
 public:
  Result<kube::StoredLease> Read(Duration /*deadline*/) override {
    std::unique_lock lock(mutex_);
    Arrive(lock);
    if (failure_) {
      return *failure_;
    }
    return lease_ ? Result<kube::StoredLease>(*lease_) : NotFound();
  }
  Result<kube::StoredLease> Create(const kube::LeaseSpec& spec, Duration /*deadline*/) override {
    std::unique_lock lock(mutex_);
    Arrive(lock);
    if (failure_) {
      return *failure_;
    }
    return lease_ ? Conflict("AlreadyExists") : Store(spec);
  }
  Result<kube::StoredLease> Update(const kube::StoredLease& seen, const kube::LeaseSpec& spec,
                                   Duration /*deadline*/) override {
    std::unique_lock lock(mutex_);
    Arrive(lock);
    if (failure_) {
      return *failure_;
    }
    if (!lease_) {
      return NotFound();
    }
    return seen.object == lease_->object ? Store(spec) : Conflict("Conflict");
  }

  // What others do.
  void Put(const kube::LeaseSpec& spec) {
    const std::lock_guard lock(mutex_);
    static_cast<void>(Store(spec));
  }
  void Delete() {
    const std::lock_guard lock(mutex_);
    lease_.reset();
  }
  void FailWith(std::optional<Error> failure) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
  }
  // Requests wait, or go on.
  void Hold(bool hold) {
    const std::lock_guard lock(mutex_);
    hold_ = hold;
    changed_.notify_all();
  }
  // Returns when a request waits.
  void AwaitHeld() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return held_; });
  }
  // Returns when a request has come since the last such call, or after `at_most` (real time).
  void AwaitRequest(Duration at_most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, at_most, [this] { return requests_ != awaited_; });
    awaited_ = requests_;
  }
  std::optional<kube::LeaseSpec> Spec() const {
    const std::lock_guard lock(mutex_);
    return lease_ ? std::optional(lease_->spec) : std::nullopt;
  }
  int requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void Arrive(std::unique_lock<std::mutex>& lock) {
    ++requests_;
    held_ = hold_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !hold_; });
    held_ = false;
  }
  static Error NotFound() { return {ErrorKind::kNotFound, "NotFound", "there is no Lease"}; }
  static Result<kube::StoredLease> Conflict(const char* reason) {
    return Error{ErrorKind::kConflict, reason, "somebody was quicker"};
  }
  Result<kube::StoredLease> Store(const kube::LeaseSpec& spec) {
    const nlohmann::json object{{"metadata", {{"resourceVersion", std::to_string(++version_)}}}};
    lease_ = kube::StoredLease{spec, kube::EncodeLease(object, spec)};
    return *lease_;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool hold_ = false;
  bool held_ = false;
  std::optional<kube::StoredLease> lease_;
  std::optional<Error> failure_;
  int version_ = 0;
  int requests_ = 0;
  int awaited_ = 0;
};

}  // namespace milink::fakes
