// Stands between a queue and a controller: an object that this version of the operator cannot read,
// since a newer one wrote it, is not worked on. It is told so in a condition (Ready is False,
// reason Undecodable) and, when that is news, in an event; what else is in its status stays.
//
// Thread-safe, as the controller is.
#pragma once

#include <functional>
#include <optional>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/object.h"
#include "core/kube/object_client.h"
#include "core/runtime/controller.h"

namespace milink::app {

class DecodableOnly final : public runtime::Reconciler {
 public:
  // Nothing: the object can be read, or there is none.
  using WhyUndecodable = std::function<std::optional<Error>(const ObjectKey&)>;

  // All references outlive this.
  DecodableOnly(runtime::Reconciler& controller, kube::ResourceType type, WhyUndecodable why,
                kube::ObjectClient& objects, kube::EventRecorder& events, const Clock& clock);

  runtime::Outcome Reconcile(const ObjectKey& key,
                             const runtime::ReconcileContext& context) override;

 private:
  Status Tell(const ObjectKey& key, const Error& why);

  runtime::Reconciler& controller_;
  const kube::ResourceType type_;
  const WhyUndecodable why_;
  kube::ObjectClient& objects_;
  kube::EventRecorder& events_;
  const Clock& clock_;
};

}  // namespace milink::app
