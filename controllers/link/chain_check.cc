#include "controllers/link/chain_check.h"

#include <string_view>

#include "controllers/link/reasons.h"
#include "controllers/link/sql_batches.h"
#include "core/api/error_reasons.h"
#include "core/sql/statements.h"

namespace milink::link {
namespace {

// It may wait for revocation data that it cannot fetch, and its lane meanwhile does nothing else.
constexpr Duration kPatience = std::chrono::seconds(30);

bool WasNotAsked(std::string_view why) {
  return why == reason::kLaneBusy || why == reason::kNoTarget || why == reason::kInstanceClosed ||
         why == reason::kStopped;
}

}  // namespace

Result<bool> AskForChain(const LinkSystems& systems, const ObjectKey& replica,
                         const ValidateChain& step, const ChainPermit& permit, const Logger& log) {
  const auto batch = BatchOf(step);
  if (!batch.ok()) return batch.error();
  const auto reply =
      systems.hub.Run(replica, sql::Lane::kAct, *batch, kPatience, permit.guard, permit.stop);
  if (reply.ok()) return !sql::ChainNotValidated(*reply);
  const Error& error = reply.error();
  if (error.kind == ErrorKind::kConflict || WasNotAsked(error.reason)) return error;
  log.Warning("Could not ask for the chain of a certificate",
              {{"step", KeyOf(step)}, {"error", ToString(error)}});
  return true;
}

}  // namespace milink::link
