#include "tests/bench/converged_links.h"

#include <stdexcept>
#include <string>

#include "controllers/link/act.h"
#include "core/api/codec.h"
#include "core/api/link_report.h"
#include "tests/gen/manifests.h"
#include "tests/unit/link/builders.h"

namespace milink::bench {
namespace {

constexpr int kMostPasses = 20;

std::string DatabaseOf(int number) { return "db" + std::to_string(number); }

}  // namespace

ConvergedLinks::ConvergedLinks() {
  namespace gen = link::gen;
  api::SqlServerReplica replica = gen::Replica();
  replica.meta.key = {"default", "sql1"};
  replica_ = std::make_shared<const api::SqlServerReplica>(replica);
  MakeLinks();

  sql::InstanceSnapshot sql = gen::Sql();
  azure::ManagedInstanceSnapshot instance = gen::Instance();
  link::ProcessFacts facts;
  gen::Trust(sql, instance, facts);
  for (int i = 0; i < kLinks; ++i) {
    sql.databases.push_back(gen::Database(DatabaseOf(i)));
    sql.files.emplace(DatabaseName(DatabaseOf(i)), gen::Files());
    gen::Linked(sql, instance, DatabaseOf(i));
  }
  sql.read_at = clock_.Now();
  hub_.Publish({"default", "sql1"}, sql);
  api_.instance = instance.instance;
  api_.endpoint_certificate = *instance.endpoint_certificate;
  api_.links = instance.links;
  api_.trust_certificates = instance.trust_certificates;
  controller_ = std::make_unique<link::LinkController>(link::LinkSystems{
      directory_, objects_, events_, hub_, api_, instances_, clock_, *random_, gen::Roots});
  static_cast<void>(
      instances_.Refresh(link::InstanceOf(*links_.at(keys_.front())), azure::RefreshScope::kAll));
  ComeToRest();
}

void ConvergedLinks::MakeLinks() {
  for (int i = 0; i < kLinks; ++i) {
    const std::string name = "link" + std::to_string(i);
    objects_.Put(link::LinkType(), gen::LinkManifest(name, {DatabaseOf(i)}));
    keys_.push_back({"default", name});
  }
  ReadBack();
}

void ConvergedLinks::ReadBack() {
  for (const ObjectKey& key : keys_) {
    const auto object = objects_.Find(link::LinkType(), key);
    auto link = *api::DecodeLink(*object);
    api::ForgetReport(link);
    links_[key] = std::make_shared<const api::ManagedInstanceLink>(std::move(link));
  }
}

void ConvergedLinks::ComeToRest() {
  for (int pass = 0; pass < kMostPasses; ++pass) {
    objects_.ClearCalls();
    for (const ObjectKey& key : keys_) {
      static_cast<void>(controller_->Reconcile(key, {}));
    }
    ReadBack();
    if (objects_.Writes().empty()) {
      const auto& status = links_.at(keys_.front())->status;
      if (status.phase == "Replicating") {
        return;
      }
      throw std::runtime_error("the links came to rest in phase " + status.phase);
    }
    clock_.Step(std::chrono::seconds(6));
  }
  throw std::runtime_error("the links did not come to rest; the last write was " +
                           objects_.Writes().back().verb);
}

link::LinkPointer ConvergedLinks::Directory::FindLink(const ObjectKey& key) const {
  return owner_.links_.at(key);
}

link::ReplicaPointer ConvergedLinks::Directory::FindReplica(const ObjectKey& /*key*/) const {
  return owner_.replica_;
}

std::vector<link::LinkPointer> ConvergedLinks::Directory::Sharing(
    const api::ManagedInstanceLink& link) const {
  std::vector<link::LinkPointer> others;
  for (const auto& [key, other] : owner_.links_) {
    if (key != link.meta.key) {
      others.push_back(other);
    }
  }
  return others;
}

}  // namespace milink::bench
