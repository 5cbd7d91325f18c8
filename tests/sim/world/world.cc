#include "tests/sim/world/world.h"

#include <algorithm>

#include "core/base/text.h"
#include "tests/sim/world/link_dynamics.h"
#include "tests/sim/world/security_ddl.h"
#include "tests/sim/world/x509.h"

namespace milink::sim {
namespace {

constexpr auto kYear = std::chrono::hours(24 * 365);

// A root, an authority below it and the instance's own certificate, as Azure has them.
void IssueEndpointCertificate(WorldState& world, ManagedInstance& instance) {
  const TimePoint now = world.now;
  const CertificateWithKey root = MakeCertificate({.common_name = "Simulated Azure Root CA",
                                                   .dns_names = {},
                                                   .not_before = now - kYear,
                                                   .not_after = now + 20 * kYear,
                                                   .authority = true});
  const CertificateWithKey issuing =
      MakeCertificate({.common_name = "Simulated Azure TLS Issuing CA",
                       .dns_names = {},
                       .not_before = now - kYear,
                       .not_after = now + 5 * kYear,
                       .authority = true},
                      &root);
  instance.root_der = root.der;
  instance.issuing_certificate_der = issuing.der;
  instance.issuing_key_pem = issuing.key_pem;
  RotateEndpointCertificate(world, instance);
}

}  // namespace

SqlServerInstance* WorldState::FindInstance(std::string_view server_name) {
  for (const auto& instance : instances) {
    if (EqualsIgnoreCaseAscii(instance->server_name, server_name)) {
      return instance.get();
    }
  }
  return nullptr;
}

const SqlServerInstance* WorldState::FindInstance(std::string_view server_name) const {
  for (const auto& instance : instances) {
    if (EqualsIgnoreCaseAscii(instance->server_name, server_name)) {
      return instance.get();
    }
  }
  return nullptr;
}

SqlServerInstance* WorldState::FindSqlSide(std::string_view name) {
  if (SqlServerInstance* const instance = FindInstance(name); instance != nullptr) {
    return instance;
  }
  ManagedInstance* const managed = FindManagedInstance(name);
  return managed == nullptr ? nullptr : managed->sql.get();
}

const ManagedInstance* WorldState::FindManagedInstance(std::string_view name) const {
  for (const auto& instance : managed_instances) {
    if (EqualsIgnoreCaseAscii(instance->name, name)) {
      return instance.get();
    }
  }
  return nullptr;
}

ManagedInstance* WorldState::FindManagedInstance(std::string_view name) {
  for (const auto& instance : managed_instances) {
    if (EqualsIgnoreCaseAscii(instance->name, name)) {
      return instance.get();
    }
  }
  return nullptr;
}

ManagedInstance* WorldState::FindManagedInstanceByFqdn(std::string_view fqdn) {
  for (const auto& instance : managed_instances) {
    if (EqualsIgnoreCaseAscii(instance->Fqdn(), fqdn)) {
      return instance.get();
    }
  }
  return nullptr;
}

const ManagedInstance* WorldState::FindManagedInstanceByFqdn(std::string_view fqdn) const {
  for (const auto& instance : managed_instances) {
    if (EqualsIgnoreCaseAscii(instance->Fqdn(), fqdn)) {
      return instance.get();
    }
  }
  return nullptr;
}

Operation* WorldState::FindOperation(std::string_view id) {
  const auto it = std::ranges::find(operations, id, &Operation::id);
  return it == operations.end() ? nullptr : &*it;
}

std::string WorldState::NewId() { return NewUuid(*random); }

void RotateEndpointCertificate(WorldState& world, ManagedInstance& instance) {
  CertificateWithKey issuing;
  issuing.der = instance.issuing_certificate_der;
  issuing.key_pem = instance.issuing_key_pem;
  const std::string zone = instance.dns_zone + "." + instance.suffix;
  instance.endpoint_certificate_der =
      MakeCertificate({.common_name = zone,
                       .dns_names = {instance.Fqdn(), zone},
                       .not_before = world.now - std::chrono::hours(24 * 30),
                       .not_after = world.now + std::chrono::hours(24 * 330)},
                      &issuing)
          .der;
}

World::World(const Clock& clock, std::uint64_t seed) : clock_(clock), seed_(seed) { Reset(); }

World::Guard World::Enter() {
  std::unique_lock lock(mutex_);
  state_->now = std::max(state_->now, clock_.Now());
  Advance(*state_);
  return {std::move(lock), state_.get()};
}

void World::Reset() {
  const std::lock_guard lock(mutex_);
  state_ = std::make_unique<WorldState>();
  state_->now = clock_.Now();
  state_->advanced_to = state_->now;
  state_->random = MakeSeededRandom(seed_);
}

SqlServerInstance& AddInstance(WorldState& world, SqlServerInstance instance) {
  instance.service_master_key_guid = world.NewId();
  instance.start_time = world.now;
  world.instances.push_back(std::make_unique<SqlServerInstance>(std::move(instance)));
  SqlServerInstance& added = *world.instances.back();
  for (const std::string& address : added.addresses) {
    world.network.AddHost(address);
  }
  RebindEndpoint(world, added);
  return added;
}

ManagedInstance& AddManagedInstance(WorldState& world, ManagedInstance instance) {
  if (instance.endpoint_certificate_der.empty()) {
    IssueEndpointCertificate(world, instance);
  }
  world.network.AddHost(instance.Fqdn());
  const std::string owner = "instance " + instance.name;
  (void)world.network.Listen(owner, {instance.Fqdn()}, 5022);
  (void)world.network.Listen(owner + " node", {instance.NodeHost()}, instance.hadr_port);
  world.managed_instances.push_back(std::make_unique<ManagedInstance>(std::move(instance)));
  return *world.managed_instances.back();
}

Database& AddDatabase(WorldState& world, SqlServerInstance& instance, Database database,
                      std::int64_t size_bytes) {
  database.database_id = instance.next_database_id++;
  database.create_date = world.now;
  database.last_commit_time = world.now;
  if (database.collation.empty()) {
    database.collation = instance.collation;
  }
  if (database.files.empty()) {
    const std::string path = "/var/opt/mssql/data/" + database.name;
    DatabaseFile data;
    data.name = database.name;
    data.physical_name = path + ".mdf";
    data.size_bytes = size_bytes;
    DatabaseFile log;
    log.file_id = 2;
    log.type = FileType::kLog;
    log.name = database.name + "_log";
    log.physical_name = path + "_log.ldf";
    log.size_bytes = static_cast<std::int64_t>(database.log_size_bytes);
    database.files = {data, log};
  }
  instance.databases.push_back(std::move(database));
  return instance.databases.back();
}

}  // namespace milink::sim
