// A hundred links of one replica and one managed instance, in memory, at rest: what a reconcile of
// a settled link costs without any network.
//
// Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "controllers/link/controller.h"
#include "core/runtime/work_queue.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_instance_hub.h"
#include "tests/fakes/fake_managed_instance_api.h"
#include "tests/fakes/fake_object_client.h"

namespace milink::bench {

class ConvergedLinks {
 public:
  static constexpr int kLinks = 100;

  // Throws std::runtime_error when the links do not come to rest.
  ConvergedLinks();

  const std::vector<ObjectKey>& keys() const { return keys_; }
  link::LinkController& controller() { return *controller_; }
  std::size_t writes() const { return objects_.Writes().size(); }

 private:
  // The cache of links, decoded once, as the informer keeps it.
  class Directory final : public link::LinkDirectory {
   public:
    explicit Directory(ConvergedLinks& owner) : owner_(owner) {}
    link::LinkPointer FindLink(const ObjectKey& key) const override;
    link::ReplicaPointer FindReplica(const ObjectKey& key) const override;
    std::vector<link::LinkPointer> Sharing(const api::ManagedInstanceLink& link) const override;
    std::vector<std::string> Undecodable(const std::string& /*namespace_name*/) const override {
      return {};
    }
    bool HasReached(const ObjectKey& /*key*/, const std::string& /*version*/) const override {
      return true;
    }

   private:
    ConvergedLinks& owner_;
  };

  void MakeLinks();
  // Passes over all links until one wrote nothing.
  void ComeToRest();
  void ReadBack();

  fakes::FakeClock clock_;
  fakes::FakeObjectClient objects_;
  fakes::FakeEventRecorder events_;
  fakes::FakeInstanceHub hub_;
  fakes::FakeManagedInstanceApi api_;
  azure::InstanceCache instances_{api_, clock_};
  std::unique_ptr<Random> random_ = MakeSeededRandom(7);
  std::vector<ObjectKey> keys_;
  std::map<ObjectKey, link::LinkPointer> links_;
  link::ReplicaPointer replica_;
  Directory directory_{*this};
  std::unique_ptr<link::LinkController> controller_;
};

}  // namespace milink::bench
