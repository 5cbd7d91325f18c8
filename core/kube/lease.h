// A coordination.k8s.io/v1 Lease: who leads, as others see it. One request each.
//
// LeaseStore is thread-safe as its sender is. Errors are those of object_client.h.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "core/base/object.h"
#include "core/base/result.h"
#include "core/kube/http.h"

namespace milink::kube {

struct LeaseSpec {
  std::string holder;                    // empty: nobody
  Duration duration = Duration::zero();  // whole seconds; 0: not said
  std::optional<TimePoint> acquire_time;
  std::optional<TimePoint> renew_time;
  int transitions = 0;

  bool operator==(const LeaseSpec&) const = default;
};

// As the API server has it.
struct StoredLease {
  LeaseSpec spec;
  nlohmann::json object;  // whole, so that an update keeps what we do not know
};

class LeaseStore {
 public:
  virtual ~LeaseStore() = default;

  virtual Result<StoredLease> Read(Duration deadline) = 0;  // kNotFound: there is none
  // kConflict: somebody was quicker.
  virtual Result<StoredLease> Create(const LeaseSpec& spec, Duration deadline) = 0;
  // kConflict: it is not what was `seen` any more; kNotFound: it was deleted.
  virtual Result<StoredLease> Update(const StoredLease& seen, const LeaseSpec& spec,
                                     Duration deadline) = 0;
};

// Tolerates whatever stands there: a field of another type is one that is missing.
LeaseSpec DecodeLease(const nlohmann::json& object);
// `object` with this spec. Fields of spec that we do not know stay.
nlohmann::json EncodeLease(nlohmann::json object, const LeaseSpec& spec);

class ApiLeaseStore final : public LeaseStore {
 public:
  // `sender` must outlive this.
  ApiLeaseStore(HttpSender& sender, ObjectKey key) : sender_(sender), key_(std::move(key)) {}

  Result<StoredLease> Read(Duration deadline) override;
  Result<StoredLease> Create(const LeaseSpec& spec, Duration deadline) override;
  Result<StoredLease> Update(const StoredLease& seen, const LeaseSpec& spec,
                             Duration deadline) override;

 private:
  Result<StoredLease> Ask(HttpMethod method, const std::string& name, const nlohmann::json& body,
                          Duration deadline);

  HttpSender& sender_;
  const ObjectKey key_;
};

}  // namespace milink::kube
