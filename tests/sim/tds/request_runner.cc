#include "tests/sim/tds/request_runner.h"

#include <optional>
#include <utility>

namespace milink::sim::tds {
namespace {

constexpr TypeInfo kHandleType{.type = SqlType::kInt};

// The text of parameter `index`; empty when NULL, nothing when it is missing or no text.
std::optional<std::string> TextArgument(const RpcCall& call, std::size_t index) {
  if (index >= call.parameters.size()) {
    return std::nullopt;
  }
  const Value& value = call.parameters[index].value;
  if (std::holds_alternative<Null>(value)) {
    return std::string();
  }
  const auto* const text = std::get_if<std::string>(&value);
  return text != nullptr ? std::optional(*text) : std::nullopt;
}

std::vector<Parameter> ArgumentsFrom(const RpcCall& call, std::size_t first) {
  if (first >= call.parameters.size()) {
    return {};
  }
  return {call.parameters.begin() + static_cast<std::ptrdiff_t>(first), call.parameters.end()};
}

ServerMessage ExpectsParameter(const std::string& procedure, const std::string& parameter) {
  return {.number = 201,
          .severity = 16,
          .state = 10,
          .text = "Procedure or function '" + procedure + "' expects parameter '" + parameter +
                  "', which was not supplied.",
          .procedure = procedure,
          .line = 0};
}

ServerMessage StreamError(const Error& error) {
  if (error.kind == ErrorKind::kUnsupported) {
    return {.number = 8009,
            .severity = 16,
            .state = 1,
            .text =
                "The incoming tabular data stream (TDS) remote procedure call (RPC) protocol "
                "stream is incorrect. Data type 0x" +
                error.detail + " is unknown (" + error.message + ")."};
  }
  return {.number = 4002,
          .severity = 20,
          .state = 1,
          .text = "The incoming tabular data stream (TDS) protocol stream is incorrect (" +
                  error.message + ")."};
}

void AnswerHandle(const RpcCall& call, int handle, Reply& reply) {
  const std::string name = call.parameters.empty() ? std::string() : call.parameters[0].name;
  reply.OutputValue(name, kHandleType, Value(std::int64_t{handle}));
}

}  // namespace

ConnectionFate RequestRunner::Run(const Message& request, const std::atomic<bool>& cancelled,
                                  Reply& reply) {
  if (request.reset_connection) {
    Reset(request.keep_transaction, reply);
  }
  switch (request.type) {
    case PacketType::kSqlBatch:
      return RunBatch(request, cancelled, reply);
    case PacketType::kRpc:
      return RunRpc(request, cancelled, reply);
    case PacketType::kTransaction:
      return RunTransaction(request, reply);
    default:
      reply.Message(StreamError(
          {.kind = ErrorKind::kInvalid,
           .reason = "TdsRequest",
           .message = "message type " + std::to_string(static_cast<int>(request.type))}));
      return ConnectionFate::kCloseAfterReply;
  }
}

void RequestRunner::Reset(bool keep_transaction, Reply& reply) {
  prepared_.clear();
  if (!keep_transaction) {
    transaction_ = 0;
  }
  executor_.Reset(session_);
  reply.ResetDone();
}

ConnectionFate RequestRunner::RunBatch(const Message& request, const Flag& cancelled,
                                       Reply& reply) {
  const Result<std::string> batch = ParseBatch(request.payload);
  if (!batch) {
    reply.Message(StreamError(batch.error()));
    return ConnectionFate::kCloseAfterReply;
  }
  return executor_.Execute(session_, *batch, {}, cancelled, reply);
}

ConnectionFate RequestRunner::RunRpc(const Message& request, const Flag& cancelled, Reply& reply) {
  const Result<std::vector<RpcCall>> calls = ParseRpc(request.payload);
  if (!calls) {
    reply.Message(StreamError(calls.error()));
    return reply.fatal() ? ConnectionFate::kCloseAfterReply : ConnectionFate::kKeep;
  }
  for (const RpcCall& call : *calls) {
    reply.BeginProcedure();
    const ConnectionFate fate = RunCall(call, cancelled, reply);
    reply.EndProcedure();
    if (fate != ConnectionFate::kKeep || reply.fatal() || cancelled) {
      return fate;
    }
  }
  return ConnectionFate::kKeep;
}

ConnectionFate RequestRunner::RunTransaction(const Message& request, Reply& reply) {
  const Result<TransactionRequest> asked = ParseTransaction(request.payload);
  if (!asked) {
    reply.Message(StreamError(asked.error()));
    return ConnectionFate::kCloseAfterReply;
  }
  const bool nothing_open = asked->step != TransactionStep::kBegin && transaction_ == 0;
  if (!nothing_open) {
    executor_.Transact(session_, asked->step);
    reply.TransactionChanged(asked->step);
  }
  reply.StatementDone(std::nullopt, false);
  if (asked->begin_another) {
    executor_.Transact(session_, TransactionStep::kBegin);
    reply.TransactionChanged(TransactionStep::kBegin);
    reply.StatementDone(std::nullopt, false);
  }
  return ConnectionFate::kKeep;
}

ConnectionFate RequestRunner::RunCall(const RpcCall& call, const Flag& cancelled, Reply& reply) {
  switch (call.id) {
    case ProcedureId::kExecuteSql:
      return ExecuteSql(call, cancelled, reply);
    case ProcedureId::kPrepare:
      return Prepare(call, reply);
    case ProcedureId::kPrepExec:
      return PrepExec(call, cancelled, reply);
    case ProcedureId::kExecute:
      return ExecutePrepared(call, cancelled, reply);
    case ProcedureId::kUnprepare:
      return Unprepare(call, reply);
    case ProcedureId::kNone:
      break;
  }
  return executor_.Call(session_, call.name, call.parameters, cancelled, reply);
}

ConnectionFate RequestRunner::ExecuteSql(const RpcCall& call, const Flag& cancelled, Reply& reply) {
  const auto statement = TextArgument(call, 0);
  if (!statement) {
    reply.Message(ExpectsParameter("sp_executesql", "@statement"));
    return ConnectionFate::kKeep;
  }
  const Prepared prepared{.definitions = TextArgument(call, 1).value_or(""),
                          .statement = *statement};
  return RunStatement(prepared, ArgumentsFrom(call, 2), cancelled, reply);
}

ConnectionFate RequestRunner::Prepare(const RpcCall& call, Reply& reply) {
  const auto definitions = TextArgument(call, 1);
  const auto statement = TextArgument(call, 2);
  if (!definitions || !statement) {
    reply.Message(ExpectsParameter("sp_prepare", "@stmt"));
    return ConnectionFate::kKeep;
  }
  std::vector<Parameter> declared;
  for (const ParameterDefinition& definition : ParseDefinitions(*definitions)) {
    declared.push_back({.name = definition.name, .type = {}, .value = Null()});
  }
  const Executor::Description description = executor_.Describe(session_, *statement, declared);
  for (const ServerMessage& message : description.messages) {
    reply.Message(message);
  }
  if (!description.messages.empty()) {
    return ConnectionFate::kKeep;  // and no handle
  }
  if (!description.columns.empty()) {
    reply.Columns(description.columns);
    reply.StatementDone(std::nullopt, false);
  }
  AnswerHandle(call, Keep({.definitions = *definitions, .statement = *statement}), reply);
  return ConnectionFate::kKeep;
}

ConnectionFate RequestRunner::PrepExec(const RpcCall& call, const Flag& cancelled, Reply& reply) {
  const auto definitions = TextArgument(call, 1);
  const auto statement = TextArgument(call, 2);
  if (!definitions || !statement) {
    reply.Message(ExpectsParameter("sp_prepexec", "@stmt"));
    return ConnectionFate::kKeep;
  }
  const Prepared prepared{.definitions = *definitions, .statement = *statement};
  AnswerHandle(call, Keep(prepared), reply);
  return RunStatement(prepared, ArgumentsFrom(call, 3), cancelled, reply);
}

ConnectionFate RequestRunner::ExecutePrepared(const RpcCall& call, const Flag& cancelled,
                                              Reply& reply) {
  int handle = 0;
  const Prepared* const prepared = Find(call, reply, handle);
  return prepared == nullptr ? ConnectionFate::kKeep
                             : RunStatement(*prepared, ArgumentsFrom(call, 1), cancelled, reply);
}

ConnectionFate RequestRunner::Unprepare(const RpcCall& call, Reply& reply) {
  int handle = 0;
  if (Find(call, reply, handle) != nullptr) {
    prepared_.erase(handle);
  }
  return ConnectionFate::kKeep;
}

ConnectionFate RequestRunner::RunStatement(const Prepared& prepared, std::vector<Parameter> values,
                                           const Flag& cancelled, Reply& reply) {
  const std::vector<ParameterDefinition> definitions = ParseDefinitions(prepared.definitions);
  if (values.size() > definitions.size()) {
    reply.Message({.number = 8144,
                   .severity = 16,
                   .state = 2,
                   .text = "Procedure or function has too many arguments specified."});
    return ConnectionFate::kKeep;
  }
  if (values.size() < definitions.size()) {
    reply.Message({.number = 8178,
                   .severity = 16,
                   .state = 1,
                   .text = "The parameterized query '(" + prepared.definitions + ")" +
                           prepared.statement.substr(0, 64) + "' expects the parameter '" +
                           definitions[values.size()].name + "', which was not supplied."});
    return ConnectionFate::kKeep;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].name.empty()) {
      values[i].name = definitions[i].name;
    }
  }
  return executor_.Execute(session_, prepared.statement, values, cancelled, reply);
}

int RequestRunner::Keep(Prepared prepared) {
  const int handle = next_handle_++;
  prepared_.emplace(handle, std::move(prepared));
  return handle;
}

const RequestRunner::Prepared* RequestRunner::Find(const RpcCall& call, Reply& reply, int& handle) {
  if (!call.parameters.empty()) {
    if (const auto* const number = std::get_if<std::int64_t>(&call.parameters[0].value)) {
      handle = static_cast<int>(*number);
    }
  }
  const auto at = prepared_.find(handle);
  if (at == prepared_.end()) {
    reply.Message(
        {.number = 8179,
         .severity = 16,
         .state = 2,
         .text = "Could not find prepared statement with handle " + std::to_string(handle) + "."});
    return nullptr;
  }
  return &at->second;
}

}  // namespace milink::sim::tds
