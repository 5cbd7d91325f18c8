#include "core/sql/long_statements.h"

#include <utility>

namespace milink::sql {

Status LongStatements::Begin(const std::string& id) {
  const auto [known, is_new] = outcomes_.try_emplace(id);
  if (is_new) {
    return OkStatus();
  }
  // An outcome that nobody knows of must not be lost: the statement would be taken for undone.
  return Error{ErrorKind::kTransient, "AlreadyRunning",
               known->second ? "the outcome of statement " + id + " was not taken yet"
                             : "statement " + id + " is still running",
               ""};
}

void LongStatements::End(const std::string& id, Result<SqlReply> outcome) {
  outcomes_[id] = std::move(outcome);
}

Pending<Result<SqlReply>> LongStatements::Take(const std::string& id) {
  const auto found = outcomes_.find(id);
  if (found == outcomes_.end()) {
    return {};
  }
  if (!found->second) {
    return {true, std::nullopt};
  }
  Pending<Result<SqlReply>> ended{false, std::move(found->second)};
  outcomes_.erase(found);
  return ended;
}

}  // namespace milink::sql
