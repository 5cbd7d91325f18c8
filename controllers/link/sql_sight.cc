#include "controllers/link/sql_sight.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "controllers/link/reasons.h"
#include "core/sql/identity.h"

namespace milink::link {
namespace {

Error NotIdentified(const api::SqlServerReplica& replica) {
  const auto* ready = api::FindCondition(replica.status.conditions, api::condition_type::kReady);
  return {ErrorKind::kTransient, reason::kReplicaNotReady,
          "it is not known yet which instance answers: " +
              (ready == nullptr ? std::string("the replica has not reported") : ready->message),
          ""};
}

Error OtherInstance(const api::SqlServerReplica& replica, sql::IdentityMatch match,
                    const std::string& answers) {
  const std::string& name = replica.status.identity->server_name;
  const std::string other =
      match == sql::IdentityMatch::kOtherServer
          ? "another server of the name " + name
          : fmt::format("instance {} instead of {}",
                        answers.empty() ? "without a name (@@SERVERNAME is NULL)" : answers, name);
  return {
      ErrorKind::kInvalid, reason::kDifferentInstance,
      fmt::format("{} leads to {}; correct the address of the replica", replica.spec.host, other),
      ""};
}

}  // namespace

SqlSight LookAtSql(std::shared_ptr<const sql::InstanceSnapshot> newest,
                   const ReplicaPointer& replica) {
  if (newest == nullptr || replica == nullptr) return {};
  const auto& status = replica->status;
  if (!status.identity.has_value()) return {nullptr, NotIdentified(*replica)};
  const std::string certificate =
      status.certificate.has_value() ? status.certificate->current.thumbprint : std::string();
  const sql::IdentityMatch match = sql::MatchIdentity(
      {status.identity->server_name, status.identity->service_master_key_guid, certificate},
      *newest);
  if (match == sql::IdentityMatch::kSame) return {std::move(newest), std::nullopt};
  return {nullptr, OtherInstance(*replica, match, newest->properties.server_name)};
}

}  // namespace milink::link
