// Requests of a logged-in client, decoded: SQL batch, RPC, transaction manager. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "tests/sim/sql/executor.h"

namespace milink::sim::tds {

// The text of a SQL batch, as UTF-8.
Result<std::string> ParseBatch(std::string_view payload);

// Procedures which clients call by number.
enum class ProcedureId : std::uint16_t {
  kNone = 0,
  kExecuteSql = 10,
  kPrepare = 11,
  kExecute = 12,
  kPrepExec = 13,
  kUnprepare = 15,
};

struct RpcCall {
  std::string name;  // of a procedure called by name, or the name that belongs to `id`
  ProcedureId id = ProcedureId::kNone;
  std::vector<Parameter> parameters;
};

// The calls of one RPC message, in order; at least one. The procedures of ProcedureId are
// recognised by name, too. Errors as in ReadTypedValue.
Result<std::vector<RpcCall>> ParseRpc(std::string_view payload);

struct TransactionRequest {
  TransactionStep step = TransactionStep::kBegin;
  bool begin_another = false;  // after commit or rollback
};

Result<TransactionRequest> ParseTransaction(std::string_view payload);

// What the definitions text of sp_executesql declares: "@P1 INT,@P2 DECIMAL(10,2) OUTPUT".
struct ParameterDefinition {
  std::string name;
  bool output = false;

  bool operator==(const ParameterDefinition&) const = default;
};
std::vector<ParameterDefinition> ParseDefinitions(std::string_view text);

}  // namespace milink::sim::tds
