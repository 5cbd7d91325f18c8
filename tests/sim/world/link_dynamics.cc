#include "tests/sim/world/link_dynamics.h"

#include <algorithm>

#include "tests/sim/world/link_steps.h"

namespace milink::sim {
namespace {

// Of a long jump of the clock each part is lived through, in at most this many steps.
constexpr int kMaxSteps = 400;
constexpr Duration kSmallestStep{250};

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

void NoteConnectError(WorldState& world, const Link& link, int number, const std::string& text,
                      TimePoint at) {
  GroupReplica* const member = RemoteMemberOf(world, link);
  if (member != nullptr && number != 0) {
    member->last_connect_error = number;
    member->last_connect_error_text = text;
    member->last_connect_error_time = at;
  }
}

void Connected(WorldState& world, ManagedInstance& instance, Link& link, TimePoint at) {
  const auto place = ParseTcpUrl(link.partner_endpoint);
  link.sql_server = world.network.OwnerOf(*place).value_or("");
  link.connected = true;
  link.waiting_for.clear();
  if (!world.switches.connect_error_stays) {
    if (GroupReplica* const member = RemoteMemberOf(world, link)) {
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
  if (world.switches.expiry_breaks_connections && !EndpointCertificateValid(world, *server)) {
    return "the certificate of SQL Server has expired";
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
  ++link.disconnects;
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
      if (!StopsForProtector(world, instance, link, database)) {
        ReplicateDatabase(world, link, database, step, at);
      }
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

void ConnectAnew(WorldState& world, const SqlServerInstance& server) {
  for (const auto& instance : world.managed_instances) {
    for (Link& link : instance->links) {
      if (!link.connected || link.sql_server != server.server_name) {
        continue;
      }
      if (const LinkProblem problem = CheckLink(world, *instance, link); problem.any()) {
        Disconnected(world, link, problem.error.code, world.now);
      }
    }
  }
}

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

}  // namespace milink::sim
