// Everything outside that the link controller works with. Made by the composition root.
//
// All referenced objects are thread-safe and outlive the controller.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controllers/link/directory.h"
#include "controllers/link/network_tests.h"
#include "core/azure/cloud.h"
#include "core/azure/identity_limits.h"
#include "core/azure/instance_cache.h"
#include "core/azure/managed_instance_api.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/kube/object_client.h"
#include "core/pki/root_authorities.h"
#include "core/sql/direct_probe.h"
#include "core/sql/instance_hub.h"

namespace milink::link {

struct LinkSystems {
  const LinkDirectory& directory;
  kube::ObjectClient& objects;
  kube::EventRecorder& events;
  sql::InstanceHub& hub;
  azure::ManagedInstanceApi& api;
  azure::InstanceCache& instances;
  const Clock& clock;
  Random& random;
  // As they are now: a file of them may change.
  std::function<std::vector<pki::RootAuthority>()> roots = [built_in = pki::RootAuthorities()] {
    return built_in;
  };
  azure::CloudTable clouds;
  azure::IdentityLimits limits;
  std::shared_ptr<NetworkTests> network = std::make_shared<NetworkTests>();
  std::shared_ptr<sql::DirectProbe> direct = sql::MakeDirectProbe();
  std::string shard;  // whose objects the directory shows; empty: those without a shard
};

}  // namespace milink::link
