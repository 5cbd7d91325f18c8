#include "tests/unit/link/rig.h"

#include "controllers/link/act.h"
#include "core/api/codec.h"
#include "core/api/link_report.h"
#include "tests/gen/manifests.h"

namespace milink::link::gen {
namespace {

constexpr char kGroupId[] = "0a0a0a0a-1111-4222-8333-0000000000";

std::string Between(const std::string& text, const std::string& before, const std::string& after) {
  const std::size_t from = text.find(before);
  if (from == std::string::npos) return {};
  const std::size_t begin = from + before.size();
  return text.substr(begin, text.find(after, begin) - begin);
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

LinkPointer FakeDirectory::Read(const ObjectKey& key) const {
  const auto object = objects_.Find(LinkType(), key);
  if (!object.has_value()) return nullptr;
  auto link = api::DecodeLink(*object);
  if (!link.ok()) return nullptr;
  api::ForgetReport(*link);
  return std::make_shared<const api::ManagedInstanceLink>(*std::move(link));
}

LinkPointer FakeDirectory::FindLink(const ObjectKey& key) const {
  if (on_find) on_find();
  return frozen_ != nullptr ? frozen_ : Read(key);
}

bool FakeDirectory::HasReached(const ObjectKey& key, const std::string& version) const {
  const LinkPointer link = frozen_ != nullptr ? frozen_ : Read(key);
  if (link == nullptr) return true;
  return !IsOlderVersion(link->meta.resource_version, version).value_or(true);
}

Rig::Rig(const std::vector<std::string>& databases, const std::string& policy) {
  nlohmann::json manifest = milink::gen::LinkManifest("link", databases);
  manifest["spec"]["deletionPolicy"] = policy;
  manifest["spec"]["preparation"]["networkTest"] = "Skip";
  objects.Put(LinkType(), manifest);
  for (const std::string& name : databases) {
    sql.databases.push_back(Database(name));
    sql.files.emplace(DatabaseName(name), Files());
  }
  api.instance = Instance().instance;
  api.endpoint_certificate = *Instance().endpoint_certificate;
  hub.OnRun([this](const fakes::FakeInstanceHub::Call& call) { return Run(call.text); });
  hub.OnRefresh([this](const ObjectKey&,
                       sql::RefreshScope) -> Result<std::shared_ptr<const sql::InstanceSnapshot>> {
    sql.read_at = clock.Now();
    return std::make_shared<const sql::InstanceSnapshot>(sql);
  });
  Restart();
  Publish();
}

void Rig::Restart() {
  LinkSystems systems{directory, objects, events, hub, api, instances, clock, *random, Roots};
  systems.limits = limits;
  controller = std::make_unique<LinkController>(std::move(systems));
}

void Rig::Publish() {
  sql.read_at = clock.Now();
  hub.Publish({"default", "sql1"}, sql);
}

runtime::Outcome Rig::Reconcile(const ObjectKey& link) {
  const runtime::Outcome outcome = controller->Reconcile(link, {});
  Follow();
  return outcome;
}

bool Rig::Settle() {
  int quiet = 0;
  for (int i = 0; i < 200 && quiet < 4; ++i) {
    const std::size_t before = Effects();
    Reconcile();
    if (Gone()) return true;
    quiet = Effects() == before ? quiet + 1 : 0;
    clock.Step(std::chrono::seconds(16));
    Publish();
    // The instance's own poll, which all its links share.
    const int before_poll = api.reads;
    static_cast<void>(instances.Refresh(InstanceOf(Link()), azure::RefreshScope::kLinks));
    shared_reads += api.reads - before_poll;
  }
  return quiet >= 4;
}

void Rig::DeleteByUser() { static_cast<void>(objects.Delete(LinkType(), key, "")); }

api::ManagedInstanceLink Rig::Link(const ObjectKey& link) const {
  return *api::DecodeLink(objects.Find(LinkType(), link).value());
}

kube::ResourceType Rig::LinkTypeOf() { return LinkType(); }

std::size_t Rig::Effects() const {
  return objects.Writes().size() + hub.Calls().size() + hub.LongCalls().size() + api.writes.size();
}

std::vector<std::string> Rig::Sent() const {
  std::vector<std::string> sent;
  for (const auto& call : hub.Calls()) {
    const bool drop = Contains(call.text, "DROP ");
    const std::string verb = drop ? "DROP " : "CREATE ";
    const std::string what = Contains(call.text, "AVAILABILITY GROUP") ? "GROUP " : "OTHER ";
    sent.push_back(verb + what +
                   Between(call.text, what == "GROUP " ? verb + "AVAILABILITY GROUP [" : "[", "]"));
  }
  return sent;
}

Result<sql::SqlReply> Rig::Run(const std::string& text) {
  if (on_batch) {
    auto answer = on_batch(text);
    const bool whole = !answer.ok() || !answer->messages.empty() || !answer->sets.empty();
    if (whole) return answer;
  }
  if (Contains(text, "DROP AVAILABILITY GROUP [")) {
    const std::string name = Between(text, "DROP AVAILABILITY GROUP [", "]");
    std::erase_if(sql.groups, [&](const auto& group) { return group.name.str() == name; });
  } else if (Contains(text, "(DISTRIBUTED)")) {
    const std::string name = Between(text, "CREATE AVAILABILITY GROUP [", "]");
    auto group = DistributedGroup(name, "AG" + name.substr(3), "AG" + name.substr(3) + "_MI");
    group.group_id = kGroupId + std::to_string(10 + sql.groups.size());
    sql.groups.push_back(group);
  } else if (Contains(text, "CREATE AVAILABILITY GROUP [")) {
    const std::string name = Between(text, "CREATE AVAILABILITY GROUP [", "]");
    auto group = Group(name, name.substr(3));
    group.group_id = kGroupId + std::to_string(10 + sql.groups.size());
    sql.groups.push_back(group);
  } else if (Contains(text, "DROP CERTIFICATE [")) {
    const std::string name = Between(text, "DROP CERTIFICATE [", "]");
    std::erase_if(sql.certificates, [&](const auto& one) { return one.name.str() == name; });
  } else if (Contains(text, "CREATE CERTIFICATE [")) {
    sql::Certificate made;
    made.name = CertificateName(Between(text, "CREATE CERTIFICATE [", "]"));
    made.private_key = "NA";
    made.thumbprint = api.endpoint_certificate.thumbprint;
    for (const auto& root : Roots()) {
      if (root.sql_name == made.name) made.thumbprint = root.thumbprint;
    }
    sql.certificates.push_back(made);
  }
  return sql::SqlReply{};
}

void Rig::Follow() {
  for (; followed_ < api.writes.size(); ++followed_) {
    const std::string& write = api.writes[followed_];
    const std::string name = write.substr(write.rfind(' ') + 1);
    if (write.starts_with("PUT link")) {
      const std::string database = name.substr(4);
      api.links.push_back(AzureLink(database));
      for (auto& group : sql.groups) {
        if (group.name.str() != name) continue;
        group.replicas[1].connected_state = "CONNECTED";
        sql::DatabaseReplicaState state;
        state.group_id = group.group_id;
        state.database = DatabaseName(database);
        state.synchronization_state = "SYNCHRONIZING";
        state.synchronization_health = "HEALTHY";
        sql.database_states.push_back(state);
      }
    } else if (write.starts_with("DELETE link")) {
      std::erase_if(api.links, [&](const auto& link) { return link.name.str() == name; });
    } else if (write.starts_with("PUT certificate")) {
      api.trust_certificates.push_back({name, "sql-der", kSqlThumbprint});
    } else if (write.starts_with("DELETE certificate")) {
      std::erase_if(api.trust_certificates, [&](const auto& one) { return one.name == name; });
    }
  }
}

}  // namespace milink::link::gen
