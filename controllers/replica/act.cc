#include "controllers/replica/act.h"

#include <utility>
#include <variant>

#include "controllers/replica/reasons.h"
#include "core/api/error_reasons.h"
#include "core/sql/errors.h"
#include "core/sql/statements.h"

namespace milink::replica {
namespace {

constexpr auto kStatementTimeout = std::chrono::seconds(60);

struct Batch {
  const std::optional<Secret>& password;

  static Result<sql::SqlBatch> Missing() {
    return Error{ErrorKind::kInternal, reason::kPasswordMissing, "a master key needs a password",
                 ""};
  }

  Result<sql::SqlBatch> operator()(const CreateMasterKey& /*step*/) const {
    return password ? sql::CreateMasterKey(*password) : Missing();
  }
  Result<sql::SqlBatch> operator()(const RepairMasterKey& /*step*/) const {
    return password ? sql::AddServiceKeyEncryption(*password) : Missing();
  }
  Result<sql::SqlBatch> operator()(const CreateCertificate& step) const {
    return sql::CreateCertificate({step.name, step.subject, step.not_before, step.not_after});
  }
  Result<sql::SqlBatch> operator()(const CreateEndpoint& step) const {
    return sql::CreateEndpoint(step.name, step.port, step.certificate);
  }
  Result<sql::SqlBatch> operator()(const AlterEndpoint& step) const {
    return sql::AlterEndpoint(step.change);
  }
  Result<sql::SqlBatch> operator()(const SwitchCertificate& step) const {
    return sql::AlterEndpoint(step.change);
  }
  Result<sql::SqlBatch> operator()(const DropCertificate& step) const {
    return sql::DropCertificate(step.name, step.thumbprint);
  }
  Result<sql::SqlBatch> operator()(const DropEndpoint& step) const {
    return sql::DropEndpoint(step.name, step.endpoint_id);
  }
  Result<sql::SqlBatch> operator()(const EnableTraceFlags& step) const {
    return sql::EnableTraceFlags(step.flags);
  }
};

// Nothing but the password opens the key that is repaired; elsewhere the server has no key for it.
Error Understood(Error error, const Step& step) {
  if (std::holds_alternative<RepairMasterKey>(step) && error.reason == reason::kDecryptionFailed) {
    error.reason = reason::kMasterKeyPasswordWrong;
  }
  return error;
}

}  // namespace

Result<sql::SqlBatch> BatchOf(const Step& step, const std::optional<Secret>& password) {
  return std::visit(Batch{password}, step);
}

ActResult Act(sql::InstanceHub& hub, const ObjectKey& replica, const Step& step,
              const std::optional<Secret>& password, const std::function<Status()>& guard) {
  auto batch = BatchOf(step, password);
  if (!batch) {
    return {false, std::move(batch).error()};
  }
  const auto reply = hub.Run(replica, sql::Lane::kAct, *batch, kStatementTimeout, guard, {});
  if (reply && !sql::WasLeftAlone(*reply)) {
    return {true, std::nullopt};
  }
  if (reply) {
    return {false, Error{ErrorKind::kConflict, reason::kObjectChanged,
                         "it is not as it was seen, or something uses it now; it was left alone "
                         "and is looked at again",
                         ""}};
  }
  switch (sql::ClassOf(reply.error())) {
    case sql::ErrorClass::kOk:
    case sql::ErrorClass::kInfo:
      return {};  // there already, by another hand
    default:
      return {false, Understood(reply.error(), step)};
  }
}

}  // namespace milink::replica
