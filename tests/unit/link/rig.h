// The controller with everything around it in memory: the API server, one SQL Server and one
// managed instance that follow what is sent to them, as far as a link needs it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "controllers/link/controller.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_instance_hub.h"
#include "tests/fakes/fake_managed_instance_api.h"
#include "tests/fakes/fake_object_client.h"
#include "tests/unit/link/builders.h"

namespace milink::link::gen {

// The cache of the API server, as new as the test lets it be.
class FakeDirectory final : public LinkDirectory {
 public:
  explicit FakeDirectory(fakes::FakeObjectClient& objects) : objects_(objects) {}

  // Nothing newer than now is seen until Thaw().
  void Freeze(const ObjectKey& key) { frozen_ = Read(key); }
  void Thaw() { frozen_ = nullptr; }

  LinkPointer FindLink(const ObjectKey& key) const override;
  ReplicaPointer FindReplica(const ObjectKey& /*key*/) const override { return replica; }
  std::vector<LinkPointer> Sharing(const api::ManagedInstanceLink& /*link*/) const override {
    return {};
  }
  std::vector<std::string> Undecodable(const std::string& /*namespace_name*/) const override {
    return undecodable;
  }
  bool HasReached(const ObjectKey& key, const std::string& version) const override;

  ReplicaPointer replica = std::make_shared<const api::SqlServerReplica>(Replica());
  std::vector<std::string> undecodable;
  std::function<void()> on_find;  // called before each look

 private:
  LinkPointer Read(const ObjectKey& key) const;

  fakes::FakeObjectClient& objects_;
  LinkPointer frozen_;
};

class Rig {
 public:
  explicit Rig(const std::vector<std::string>& databases, const std::string& policy = "Retain");

  const ObjectKey key{"default", "link"};
  fakes::FakeClock clock;
  fakes::FakeObjectClient objects;
  fakes::FakeEventRecorder events;
  fakes::FakeInstanceHub hub;
  fakes::FakeManagedInstanceApi api;
  azure::InstanceCache instances{api, clock};
  std::unique_ptr<Random> random = MakeSeededRandom(7);
  FakeDirectory directory{objects};
  sql::InstanceSnapshot sql = Sql();
  int shared_reads = 0;          // of Azure, by the poll that all links of an instance share
  azure::IdentityLimits limits;  // seen by the next process
  std::unique_ptr<LinkController> controller;
  // Before the effect; there is none where it answers with an error, a message or a set.
  std::function<Result<sql::SqlReply>(const std::string& text)> on_batch;

  runtime::Outcome Reconcile() { return Reconcile(key); }
  runtime::Outcome Reconcile(const ObjectKey& link);
  // Reconciles, with time between, until two passes wrote and sent nothing. False: never.
  bool Settle();
  // A new process.
  void Restart();
  void Publish();
  void DeleteByUser();
  api::ManagedInstanceLink Link() const { return Link(key); }
  api::ManagedInstanceLink Link(const ObjectKey& link) const;
  bool Gone() const { return !objects.Find(LinkTypeOf(), key).has_value(); }
  std::vector<std::string> Sent() const;  // batches, shortened to their verb and object

 private:
  static kube::ResourceType LinkTypeOf();
  Result<sql::SqlReply> Run(const std::string& text);
  void Follow();  // Azure does what it was asked
  std::size_t Effects() const;

  std::size_t followed_ = 0;
};

}  // namespace milink::link::gen
