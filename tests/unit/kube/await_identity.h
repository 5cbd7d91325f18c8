// Credentials for tests that may wait for a plugin.
#pragma once

#include <future>
#include <utility>

#include "core/kube/credentials.h"

namespace milink::kube {

inline IdentityResult AwaitIdentity(CredentialSource& source) {
  std::promise<IdentityResult> told;
  auto known =
      source.Get([&told](IdentityResult identity) { told.set_value(std::move(identity)); });
  return known ? *std::move(known) : told.get_future().get();
}

}  // namespace milink::kube
