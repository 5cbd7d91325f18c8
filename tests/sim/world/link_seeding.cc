// Copying a database to the instance, and sending it the log.
#include <algorithm>

#include "tests/sim/world/link_dynamics.h"
#include "tests/sim/world/link_steps.h"

namespace milink::sim {
namespace {

struct SeedingError {
  int code = 0;
  std::string text;
  AzureError azure;
};

// It never recovers. True when the link was removed.
bool FailSeeding(WorldState& world, ManagedInstance& instance, Link& link, LinkDatabase& database,
                 const SeedingError& error, TimePoint at) {
  if (Seeding* const seeding = SeedingOf(world, link, database)) {
    seeding->state = "FAILED";
    seeding->completion_time = at;
    seeding->failure_state = 4;
    seeding->failure_state_desc = "Remote seeding failure";
    seeding->error_code = error.code;
    seeding->failure_message = error.text;
  }
  database.last_error = std::to_string(error.code);
  link.stage = LinkStage::kConnecting;
  link.next_attempt = TimePoint::max();
  link.connected = false;
  FailCreation(world, instance, link, error.azure);
  return !world.switches.failed_link_stays;
}

// The log that the copy needs was taken away.
SeedingError Poisoned(const LinkDatabase& database) {
  return {1'412,
          "The remote copy of the database misses log records.",
          {"ManagedInstanceLinkDifferentFork",
           "Replication to remote database '" + database.name +
               "' has failed and cannot be recovered due to a missing log file overlap "
               "between the primary and secondary replica. Delete the existing link and "
               "create a new link to restart the replication."}};
}

int MissingProtectorNumber(const WorldState& world) {
  return world.switches.missing_tde_certificate_is_33111 ? 33'111 : 41'923;
}

SeedingError WithoutProtector(const WorldState& world, const Database& database) {
  const std::string text =
      "Cannot find server certificate with thumbprint '0x" + database.encryptor_thumbprint + "'.";
  return {MissingProtectorNumber(world),
          text,
          {"CannotFindServerCertificateWithThumbprint",
           text + " Please use PowerShell Cmdlet "
                  "'Add-AzureRmSqlManagedInstanceTransparentDataEncryptionCertificate' to create "
                  "the certificate."}};
}

// The copy first, then what was written meanwhile, until less than a second is missing.
void SeedDatabase(WorldState& world, const Link& link, LinkDatabase& database, Duration step,
                  TimePoint at) {
  Seeding* const seeding = SeedingOf(world, link, database);
  if (seeding == nullptr) {
    return;
  }
  if (seeding->state == "SEEDING") {
    const std::uint64_t bytes =
        Flow(world.timings.seed_bytes_per_second, step, database.seed_carry);
    database.seeded_bytes = std::min(database.seed_bytes, database.seeded_bytes + bytes);
    seeding->transferred_bytes = static_cast<std::int64_t>(database.seeded_bytes);
    if (database.seeded_bytes == database.seed_bytes) {
      seeding->state = "CATCHUP";
    }
    return;
  }
  ReplicateDatabase(world, link, database, step, at);
  const Database* const source = SourceOf(world, link, database);
  if (seeding->state == "CATCHUP" && source != nullptr &&
      source->log_offset - database.hardened_offset <= source->write_rate) {
    seeding->state = "COMPLETED";
    seeding->completion_time = at;
  }
}

void Establish(WorldState& world, ManagedInstance& instance, Link& link) {
  link.stage = LinkStage::kEstablished;
  for (const LinkDatabase& database : link.databases) {
    if (ManagedDatabase* const managed = instance.FindDatabase(database.name)) {
      managed->status = "Online";
    }
  }
  EndOperation(world, link.operation, {});
  link.operation.clear();
}

}  // namespace

bool LacksProtector(const ManagedInstance& instance, const Database& database) {
  return !database.encryptor_thumbprint.empty() &&
         std::ranges::count(instance.tde_thumbprints, database.encryptor_thumbprint) == 0;
}

bool StopsForProtector(const WorldState& world, const ManagedInstance& instance, const Link& link,
                       LinkDatabase& database) {
  const Database* const source = SourceOf(world, link, database);
  if (source != nullptr && LacksProtector(instance, *source)) {
    database.stopped = database.stopped || world.switches.missing_tde_certificate_stops_copy;
  } else if (world.switches.stopped_copy_goes_on) {
    database.stopped = false;
  }
  database.last_error = database.stopped ? std::to_string(MissingProtectorNumber(world)) : "";
  return database.stopped;
}

std::uint64_t Flow(std::uint64_t rate, Duration step, std::uint64_t& carry) {
  const std::uint64_t thousandths = rate * static_cast<std::uint64_t>(step.count()) + carry;
  carry = thousandths % 1000;
  return thousandths / 1000;
}

Seeding* SeedingOf(WorldState& world, const Link& link, const LinkDatabase& database) {
  SqlServerInstance* const server = world.FindInstance(link.sql_server);
  if (server == nullptr) {
    return nullptr;
  }
  const auto it =
      std::ranges::find(server->seedings, database.seeding_operation_id, &Seeding::operation_id);
  return it == server->seedings.end() ? nullptr : &*it;
}

void StartSeeding(WorldState& world, const ManagedInstance& instance, Link& link,
                  LinkDatabase& database, TimePoint at) {
  SqlServerInstance& server = *world.FindInstance(link.sql_server);
  const Database* const source = server.FindDatabase(database.name);
  const AvailabilityGroup* const group = server.FindGroup(link.name);
  if (source == nullptr || group == nullptr) {
    return;
  }
  database.seeded_bytes = 0;
  database.seed_carry = 0;
  database.seed_bytes = 0;
  for (const DatabaseFile& file : source->files) {
    database.seed_bytes +=
        file.type == FileType::kLog ? 0 : static_cast<std::uint64_t>(file.size_bytes);
  }
  database.hardened_offset = source->log_offset;
  const int attempts = database.seeding_operation_id.empty() ? 1 : 2;
  database.seeding_operation_id = world.NewId();
  Seeding seeding;
  seeding.operation_id = database.seeding_operation_id;
  seeding.remote_operation_id = world.NewId();
  seeding.group_id = group->group_id;
  seeding.group_database_id = source->group_database_id;
  const GroupReplica* const remote = RemoteMemberOf(world, link);
  seeding.remote_replica_id = remote == nullptr ? "" : remote->replica_id;
  seeding.database_name = source->name;
  seeding.remote_endpoint_url = "tcp://" + instance.Fqdn() + ":5022";
  seeding.state = "SEEDING";
  seeding.performed_seeding = true;
  seeding.attempts = attempts;
  seeding.start_time = at;
  seeding.database_bytes = static_cast<std::int64_t>(database.seed_bytes);
  seeding.bytes_per_second = static_cast<std::int64_t>(world.timings.seed_bytes_per_second);
  seeding.compressed = std::ranges::count(server.trace_flags, 9567) > 0;
  server.seedings.push_back(std::move(seeding));
}

void ReplicateDatabase(WorldState& world, const Link& link, LinkDatabase& database, Duration step,
                       TimePoint at) {
  const Database* const source = SourceOf(world, link, database);
  if (source == nullptr) {
    return;
  }
  const std::uint64_t room =
      Flow(world.timings.replication_bytes_per_second, step, database.send_carry);
  if (database.hardened_offset < source->log_offset) {
    database.hardened_offset = std::min(source->log_offset, database.hardened_offset + room);
    database.received_time = at;
  }
}

bool Seed(WorldState& world, ManagedInstance& instance, Link& link, Duration step, TimePoint at) {
  bool all = true;
  for (LinkDatabase& database : link.databases) {
    SeedDatabase(world, link, database, step, at);
    const Seeding* const seeding = SeedingOf(world, link, database);
    if (database.poisoned && seeding != nullptr && seeding->state == "CATCHUP") {
      return FailSeeding(world, instance, link, database, Poisoned(database), at);
    }
    const Database* const source = SourceOf(world, link, database);
    if (source != nullptr && LacksProtector(instance, *source)) {
      return FailSeeding(world, instance, link, database, WithoutProtector(world, *source), at);
    }
    all = all && seeding != nullptr && seeding->state == "COMPLETED";
  }
  if (all) {
    Establish(world, instance, link);
  }
  return false;
}

}  // namespace milink::sim
