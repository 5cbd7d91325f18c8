#include "tests/unit/link/model_world.h"

#include <algorithm>

#include "controllers/link/sql_sight.h"

namespace milink::link::gen {
namespace {

sql::AvailabilityGroup* Find(sql::InstanceSnapshot& sql, const GroupName& name) {
  for (auto& group : sql.groups) {
    if (group.name == name) return &group;
  }
  return nullptr;
}

void ImportCertificate(sql::InstanceSnapshot& sql, const CertificateName& name,
                       const std::string& thumbprint) {
  if (sql.FindCertificate(name) != nullptr) return;
  sql::Certificate certificate;
  certificate.name = name;
  certificate.private_key = "NA";
  certificate.thumbprint = thumbprint;
  sql.certificates.push_back(certificate);
}

template <typename T>
const T* As(const Step& step) {
  return std::get_if<T>(&step);
}

}  // namespace

ModelWorld::ModelWorld(const std::vector<std::string>& databases) : link(Link(databases)) {
  for (const std::string& name : databases) {
    sql.databases.push_back(Database(name));
    sql.files.emplace(DatabaseName(name), Files());
  }
}

Observation ModelWorld::Observe() const {
  Observation seen;
  seen.link = std::make_shared<const api::ManagedInstanceLink>(link);
  seen.replica = std::make_shared<const api::SqlServerReplica>(replica);
  const SqlSight sight =
      LookAtSql(std::make_shared<const sql::InstanceSnapshot>(sql), seen.replica);
  seen.sql = sight.sql;
  seen.sql_error = sight.error;
  seen.instance = std::make_shared<const azure::ManagedInstanceSnapshot>(instance);
  seen.others = others;
  seen.facts = facts;
  seen.roots = Roots();
  seen.dns_pattern = "*.database.windows.net";
  seen.now = now;
  return seen;
}

Plan ModelWorld::Pass(std::size_t max_steps) {
  Refresh(facts, Observe());
  Plan plan = PlanLink(Observe());
  if (plan.add_finalizer) {
    link.meta.finalizers.emplace_back("milink.dev/link");
    return plan;
  }
  if (plan.remove_finalizer) {
    link.meta.finalizers.clear();
    gone = true;
    notes.insert(notes.end(), plan.notes.begin(), plan.notes.end());
    return plan;
  }
  const api::ManagedInstanceLinkStatus before = link.status;
  if (plan.write_journal) {
    NoteJournal(facts, before, plan.status);
    link.status.owned_objects = plan.status.owned_objects;
    link.status.records = plan.status.records;
    link.status.network_test = plan.status.network_test;
    notes.insert(notes.end(), plan.notes.begin(), plan.notes.end());
    return plan;
  }
  link.status = plan.status;
  for (const Step& step : plan.steps) {
    if (max_steps-- == 0) break;
    Apply(step);
  }
  return plan;
}

bool ModelWorld::Settle() {
  int quiet = 0;
  for (int i = 0; i < 400 && quiet < 20; ++i) {
    const std::string before = Picture();
    const api::ManagedInstanceLinkStatus status = link.status;
    Pass();
    if (gone) return true;
    const bool changed = Picture() != before || link.status != status;
    quiet = changed ? 0 : quiet + 1;
    Wait(std::chrono::seconds(20));
  }
  return quiet >= 20;
}

void ModelWorld::Apply(const Step& step, bool answered) {
  done.push_back(Describe(step));
  if (IsAzureStep(step)) {
    const std::string key = KeyOf(step);
    std::erase_if(running_, [&](const auto& item) { return item.first == key; });
    running_.emplace_back(key, step);
    if (answered) {
      NoteTicket(facts, step, {"https://arm/op/" + key, "Operation", std::chrono::seconds(15)},
                 now);
    }
    return;
  }
  ApplyToSql(step);
  if (answered) NoteSuccess(facts, step, now);
}

void ModelWorld::ApplyToSql(const Step& step) {
  if (const auto* s = As<ImportInstanceCertificate>(step)) {
    ImportCertificate(sql, s->name, kInstanceThumbprint);
  } else if (const auto* r = As<ImportRootAuthority>(step)) {
    for (const pki::RootAuthority& root : Roots()) {
      if (root.der == r->der) ImportCertificate(sql, r->name, root.thumbprint);
    }
  } else if (const auto* f = As<SetFullRecovery>(step)) {
    for (auto& database : sql.databases) {
      if (database.name == f->database) database.recovery_model = "FULL";
    }
  } else if (const auto* b = As<BackupDatabase>(step)) {
    for (auto& database : sql.databases) {
      if (database.name == b->database) database.log_chain_started = true;
    }
  } else if (const auto* g = As<CreateGroup>(step)) {
    sql.groups.push_back(Group(g->group.str(), g->database.str()));
    for (auto& database : sql.databases) {
      if (database.name == g->database) database.group_database_id = "gdb";
    }
  } else if (const auto* d = As<CreateDistributedGroup>(step)) {
    sql.groups.push_back(
        DistributedGroup(d->group.str(), d->local_group.str(), d->instance_group.str()));
  } else if (const auto* dd = As<DropDistributedGroup>(step)) {
    std::erase_if(sql.groups, [&](const auto& group) { return group.group_id == dd->group_id; });
    std::erase_if(sql.seedings,
                  [&](const auto& seeding) { return seeding.group_id == dd->group_id; });
    std::erase_if(sql.database_states,
                  [&](const auto& state) { return state.group_id == dd->group_id; });
  } else if (const auto* dg = As<DropGroup>(step)) {
    std::erase_if(sql.groups, [&](const auto& group) { return group.group_id == dg->group_id; });
    for (auto& database : sql.databases) {
      if (database.name == dg->database) database.group_database_id.clear();
    }
  } else if (const auto* dc = As<DropCertificate>(step)) {
    std::erase_if(sql.certificates, [&](const auto& c) { return c.name == dc->name; });
  }
}

bool ModelWorld::LacksTdeCertificate(const DatabaseName& database) const {
  const sql::Database* found = sql.FindDatabase(database);
  const sql::DatabaseEncryption* key = sql.FindEncryption(database);
  return found != nullptr && found->encrypted && key != nullptr &&
         !tde_on_instance.contains(key->thumbprint);
}

azure::OperationStatus ModelWorld::EndOperation(const std::string& key) {
  const auto found = std::find_if(running_.begin(), running_.end(),
                                  [&](const auto& item) { return item.first == key; });
  const azure::OperationStatus succeeded{.state = azure::OperationState::kSucceeded};
  if (found == running_.end()) return succeeded;
  const Step step = found->second;
  running_.erase(found);
  if (const auto* upload = As<UploadCertificate>(step)) {
    instance.trust_certificates.push_back({upload->name, upload->der, upload->thumbprint});
  } else if (const auto* removed = As<DeleteTrustCertificate>(step)) {
    std::erase_if(instance.trust_certificates,
                  [&](const auto& certificate) { return certificate.name == removed->name; });
  } else if (const auto* tde = As<UploadTdeCertificate>(step)) {
    if (takes_tde) tde_on_instance.insert(tde->thumbprint);
  } else if (const auto* create = As<CreateLink>(step)) {
    if (instance.FindLink(create->link) != nullptr) return succeeded;
    if (LacksTdeCertificate(create->database)) {
      return {.state = azure::OperationState::kFailed,
              .error_code = "ManagedInstanceLinkTdeCertificateMissing",
              .error_message = "the destination does not have the encryption key"};
    }
    azure::Link made = AzureLink(create->database.str());
    made.name = create->link;
    made.partner_group = create->partner_group;
    made.instance_group = create->instance_group;
    made.partner_endpoint = create->partner_endpoint;
    instance.links.push_back(made);
    instance.database_names.push_back(create->database.str());
    sql::AvailabilityGroup* group = Find(sql, create->link);
    if (group == nullptr) return succeeded;
    group->replicas[1].connected_state = "CONNECTED";
    sql::Seeding seeding;
    seeding.group_id = group->group_id;
    seeding.database = create->database;
    seeding.state = "SEEDING";
    seeding.database_bytes = 100;
    sql.seedings.push_back(seeding);
  } else if (const auto* drop = As<DeleteLink>(step)) {
    std::erase_if(instance.links, [&](const auto& other) { return other.name == drop->link; });
    if (sql::AvailabilityGroup* group = Find(sql, drop->link); group != nullptr) {
      group->replicas[1].connected_state = "DISCONNECTED";
    }
  }
  return succeeded;
}

void ModelWorld::Wait(Duration by) {
  now += by;
  sql.read_at = now;
  instance.read_at = now;
  // The service works on whether or not anybody asks.
  const auto running = running_;
  for (const auto& [key, step] : running) ended_[key] = EndOperation(key);
  for (auto& [key, fact] : facts.operations) {
    if (fact.finished.has_value()) continue;
    const auto [end, unknown] =
        ended_.try_emplace(key, azure::OperationStatus{.state = azure::OperationState::kSucceeded});
    NotePoll(facts, key, end->second, now, 1, *random_);
  }
  for (sql::Seeding& seeding : sql.seedings) {
    if (seeding.state != "SEEDING") continue;
    seeding.transferred_bytes += 50;
    if (seeding.transferred_bytes < seeding.database_bytes) continue;
    seeding.state = "COMPLETED";
    sql::DatabaseReplicaState state;
    state.group_id = seeding.group_id;
    state.database = seeding.database;
    state.synchronization_state = "SYNCHRONIZING";
    state.synchronization_health = "HEALTHY";
    sql.database_states.push_back(state);
  }
}

std::string ModelWorld::Picture() const {
  std::vector<std::string> parts;
  for (const auto& certificate : sql.certificates) {
    parts.push_back("certificate " + certificate.name.str() + " " + certificate.thumbprint);
  }
  for (const auto& group : sql.groups) {
    std::string part = "group " + group.name.str();
    for (const auto& member : group.replicas) {
      part += " " + member.server_name + "@" + member.endpoint_url + " " + member.connected_state;
    }
    parts.push_back(part);
  }
  for (const auto& database : sql.databases) {
    parts.push_back("database " + database.name.str() + " " + database.recovery_model + " " +
                    database.group_database_id + (database.log_chain_started ? " backed up" : ""));
  }
  for (const auto& state : sql.database_states) {
    parts.push_back("state " + state.database.str() + " " + state.synchronization_state);
  }
  for (const auto& seeding : sql.seedings) {
    parts.push_back("seeding " + seeding.database.str() + " " + seeding.state);
  }
  for (const auto& trusted : instance.trust_certificates) {
    parts.push_back("trusted " + trusted.name + " " + trusted.thumbprint);
  }
  for (const auto& thumbprint : tde_on_instance) parts.push_back("tde " + thumbprint);
  for (const auto& other : instance.links) {
    parts.push_back("link " + other.name.str() + " " + other.partner_endpoint + " " +
                    other.instance_role);
  }
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const auto& part : parts) text += part + "\n";
  return text;
}

}  // namespace milink::link::gen
