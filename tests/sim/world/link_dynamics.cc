#include "tests/sim/world/link_dynamics.h"

#include <algorithm>

#include "core/base/text.h"

namespace milink::sim {
namespace {

// Of a long jump of the clock each part is lived through, in at most this many steps.
constexpr int kMaxSteps = 400;
constexpr Duration kSmallestStep{250};

// Whole bytes that `rate` makes in `step`, keeping the rest for the next time.
std::uint64_t Flow(std::uint64_t rate, Duration step, std::uint64_t& carry) {
  const std::uint64_t thousandths = rate * static_cast<std::uint64_t>(step.count()) + carry;
  carry = thousandths % 1000;
  return thousandths / 1000;
}

void WriteLogs(WorldState& world, Duration step, TimePoint at) {
  for (const auto& instance : world.instances) {
    for (Database& database : instance->databases) {
      if (database.write_rate > 0 && database.state == DatabaseState::kOnline) {
        database.log_offset += Flow(database.write_rate, step, database.log_carry);
        database.last_commit_time = at;
      }
    }
  }
}

void EndOperation(WorldState& world, const std::string& id, const AzureError& error) {
  if (Operation* const operation = world.FindOperation(id)) {
    operation->state = error.code.empty() ? OperationState::kSucceeded : OperationState::kFailed;
    operation->error = error;
  }
}

GroupReplica* RemoteMember(WorldState& world, const Link& link) {
  SqlServerInstance* server = world.FindInstance(link.sql_server);
  if (server == nullptr) {
    const auto place = ParseTcpUrl(link.partner_endpoint);
    const auto owner = place ? world.network.OwnerOf(*place) : std::nullopt;
    server = owner ? world.FindInstance(*owner) : nullptr;
  }
  AvailabilityGroup* const group = server == nullptr ? nullptr : server->FindGroup(link.name);
  if (group == nullptr || !group->distributed) {
    return nullptr;
  }
  const auto it = std::ranges::find(group->replicas, false, &GroupReplica::local);
  return it == group->replicas.end() ? nullptr : &*it;
}

void NoteConnectError(WorldState& world, const Link& link, int number, const std::string& text,
                      TimePoint at) {
  GroupReplica* const member = RemoteMember(world, link);
  if (member != nullptr && number != 0) {
    member->last_connect_error = number;
    member->last_connect_error_text = text;
    member->last_connect_error_time = at;
  }
}

void FailCreation(WorldState& world, ManagedInstance& instance, Link& link,
                  const AzureError& error) {
  EndOperation(world, link.operation, error);
  link.operation.clear();
  link.connected = false;
  if (!world.switches.failed_link_stays) {
    RemoveLink(instance, link.name);
  }
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
  const GroupReplica* const remote = RemoteMember(world, link);
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

void Connected(WorldState& world, ManagedInstance& instance, Link& link, TimePoint at) {
  const auto place = ParseTcpUrl(link.partner_endpoint);
  link.sql_server = world.network.OwnerOf(*place).value_or("");
  link.connected = true;
  link.waiting_for.clear();
  if (!world.switches.connect_error_stays) {
    if (GroupReplica* const member = RemoteMember(world, link)) {
      member->last_connect_error = 0;
      member->last_connect_error_text.clear();
      member->last_connect_error_time.reset();
    }
  }
  for (LinkDatabase& database : link.databases) {
    database.last_error.clear();
    if (link.stage != LinkStage::kEstablished) {
      StartSeeding(world, instance, link, database, at);
      if (instance.FindDatabase(database.name) == nullptr) {
        instance.databases.push_back(
            {.name = database.name, .status = "Restoring", .creation_date = at});
      }
    }
  }
  if (link.stage != LinkStage::kEstablished) {
    link.stage = LinkStage::kSeeding;
    if (!world.switches.create_ends_when_seeded) {
      EndOperation(world, link.operation, {});
      link.operation.clear();
    }
  }
}

// Tries once. True when the link was removed.
bool TryToConnect(WorldState& world, ManagedInstance& instance, Link& link, TimePoint at) {
  ++link.attempts;
  const LinkProblem problem = CheckLink(world, instance, link);
  if (!problem.any()) {
    Connected(world, instance, link, at);
    return false;
  }
  NoteConnectError(world, link, problem.sql_number, problem.sql_text, at);
  link.waiting_for = problem.error.code;
  link.next_attempt = at + world.timings.retry_delay;
  if (link.stage == LinkStage::kInitiating) {
    link.stage = LinkStage::kConnecting;
  }
  const bool creating = !link.operation.empty();
  if (creating && (problem.final || at - link.created >= world.timings.connect_timeout)) {
    FailCreation(world, instance, link, problem.error);
    return !world.switches.failed_link_stays;
  }
  return false;
}

// What a running connection notices without trying anew.
std::string WhyBroken(const WorldState& world, const ManagedInstance& instance, const Link& link) {
  const SqlServerInstance* const server = world.FindInstance(link.sql_server);
  const auto place = ParseTcpUrl(link.partner_endpoint);
  if (server == nullptr || !server->endpoint ||
      server->endpoint->state != EndpointState::kStarted ||
      world.network.OwnerOf(*place) != server->server_name) {
    return "the endpoint of SQL Server does not listen";
  }
  if (world.network.IsCut(place->host) || world.network.IsCut(instance.Fqdn())) {
    return "the network is cut";
  }
  if (world.switches.azure_notices_dropped_group && GroupOfLink(world, link) == nullptr) {
    return "the distributed availability group is gone";
  }
  return {};
}

void Disconnected(WorldState& world, Link& link, const std::string& why, TimePoint at) {
  constexpr int kTimeoutOnEstablished = 35'206;
  link.connected = false;
  link.waiting_for = why;
  link.next_attempt = at + world.timings.retry_delay;
  NoteConnectError(world, link, kTimeoutOnEstablished,
                   "A connection timeout has occurred on a previously established connection.", at);
  for (LinkDatabase& database : link.databases) {
    database.last_error = std::to_string(kTimeoutOnEstablished);
    if (Seeding* const seeding = SeedingOf(world, link, database);
        seeding != nullptr && link.stage == LinkStage::kSeeding) {
      seeding->state = "FAILED";
      seeding->failure_state = 21;
      seeding->failure_state_desc = "Seeding Check Message Timeout";
      seeding->error_code = kTimeoutOnEstablished;
      seeding->completion_time = at;
    }
  }
}

// The log that the copy needs was taken away. True when the link was removed.
bool FailPoisoned(WorldState& world, ManagedInstance& instance, Link& link, LinkDatabase& database,
                  TimePoint at) {
  constexpr int kNotRolledForward = 1'412;
  if (Seeding* const seeding = SeedingOf(world, link, database)) {
    seeding->state = "FAILED";
    seeding->completion_time = at;
    seeding->failure_state = 4;
    seeding->failure_state_desc = "Remote seeding failure";
    seeding->error_code = kNotRolledForward;
    seeding->failure_message = "The remote copy of the database misses log records.";
  }
  database.last_error = std::to_string(kNotRolledForward);
  link.stage = LinkStage::kConnecting;
  link.next_attempt = TimePoint::max();  // never recovers
  link.connected = false;
  FailCreation(world, instance, link,
               {"ManagedInstanceLinkDifferentFork",
                "Replication to remote database '" + database.name +
                    "' has failed and cannot be recovered due to a missing log file overlap "
                    "between the primary and secondary replica. Delete the existing link and "
                    "create a new link to restart the replication."});
  return !world.switches.failed_link_stays;
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

// True when the link was removed.
bool Seed(WorldState& world, ManagedInstance& instance, Link& link, Duration step, TimePoint at) {
  bool all = true;
  for (LinkDatabase& database : link.databases) {
    SeedDatabase(world, link, database, step, at);
    const Seeding* const seeding = SeedingOf(world, link, database);
    if (database.poisoned && seeding != nullptr && seeding->state == "CATCHUP") {
      return FailPoisoned(world, instance, link, database, at);
    }
    all = all && seeding != nullptr && seeding->state == "COMPLETED";
  }
  if (all) {
    Establish(world, instance, link);
  }
  return false;
}

// True when the link was removed.
bool AdvanceLink(WorldState& world, ManagedInstance& instance, Link& link, Duration step,
                 TimePoint at) {
  if (!link.connected) {
    return at >= link.next_attempt && TryToConnect(world, instance, link, at);
  }
  if (const std::string why = WhyBroken(world, instance, link); !why.empty()) {
    Disconnected(world, link, why, at);
    return false;
  }
  if (link.stage == LinkStage::kSeeding && Seed(world, instance, link, step, at)) {
    return true;
  }
  if (link.stage == LinkStage::kEstablished) {
    for (LinkDatabase& database : link.databases) {
      ReplicateDatabase(world, link, database, step, at);
    }
  }
  return false;
}

void FinishOperations(WorldState& world, TimePoint at) {
  for (Operation& operation : world.operations) {
    if (operation.state != OperationState::kInProgress || !operation.ends_at ||
        at < *operation.ends_at) {
      continue;
    }
    const AzureError error = operation.effect ? operation.effect(world) : operation.error;
    EndOperation(world, operation.id, error);
  }
}

void Step(WorldState& world, Duration step, TimePoint at) {
  WriteLogs(world, step, at);
  for (const auto& instance : world.managed_instances) {
    for (std::size_t i = 0; i < instance->links.size();) {
      if (!AdvanceLink(world, *instance, instance->links[i], step, at)) {
        ++i;
      }
    }
  }
  FinishOperations(world, at);
}

}  // namespace

void Advance(WorldState& world) {
  const TimePoint target = world.now;
  const auto whole = std::chrono::duration_cast<Duration>(target - world.advanced_to);
  const Duration longest = std::max(kSmallestStep, whole / kMaxSteps);
  while (world.advanced_to < target) {
    const auto left = std::chrono::duration_cast<Duration>(target - world.advanced_to);
    const Duration step = std::min(left, longest);
    if (step <= Duration::zero()) {
      return;  // less than a millisecond: next time
    }
    world.advanced_to += step;
    // What happens in a step is dated with the step, not with the end of the jump.
    world.now = world.advanced_to;
    Step(world, step, world.advanced_to);
  }
  world.now = target;
}

const AvailabilityGroup* GroupOfLink(const WorldState& world, const Link& link) {
  const SqlServerInstance* const server = world.FindInstance(link.sql_server);
  const AvailabilityGroup* const group = server == nullptr ? nullptr : server->FindGroup(link.name);
  return group != nullptr && group->distributed ? group : nullptr;
}

const Link* LinkOfGroup(const WorldState& world, const SqlServerInstance& instance,
                        const AvailabilityGroup& group) {
  for (const GroupReplica& member : group.replicas) {
    const auto place = ParseTcpUrl(member.endpoint_url);
    const ManagedInstance* const managed =
        member.local || !place ? nullptr : world.FindManagedInstanceByFqdn(place->host);
    const Link* const link = managed == nullptr ? nullptr : managed->FindLink(group.name);
    if (link != nullptr && link->sql_server == instance.server_name) {
      return link;
    }
  }
  return nullptr;
}

const Database* SourceOf(const WorldState& world, const Link& link, const LinkDatabase& database) {
  const SqlServerInstance* const server = world.FindInstance(link.sql_server);
  return server == nullptr ? nullptr : server->FindDatabase(database.name);
}

void RemoveLink(ManagedInstance& instance, const std::string& name) {
  const auto link = std::ranges::find_if(instance.links, [&](const Link& candidate) {
    return EqualsIgnoreCaseAscii(candidate.name, name);
  });
  if (link == instance.links.end()) {
    return;
  }
  if (link->stage != LinkStage::kEstablished) {
    for (const LinkDatabase& database : link->databases) {
      std::erase_if(instance.databases, [&](const ManagedDatabase& candidate) {
        return candidate.status == "Restoring" &&
               EqualsIgnoreCaseAscii(candidate.name, database.name);
      });
    }
  }
  instance.links.erase(link);
}

}  // namespace milink::sim
