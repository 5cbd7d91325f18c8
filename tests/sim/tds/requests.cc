#include "tests/sim/tds/requests.h"

#include <array>
#include <utility>

#include "core/base/text.h"
#include "tests/sim/tds/bytes.h"
#include "tests/sim/tds/text.h"
#include "tests/sim/tds/value_decoder.h"

namespace milink::sim::tds {
namespace {

constexpr std::array<std::pair<ProcedureId, std::string_view>, 5> kProcedures = {{
    {ProcedureId::kExecuteSql, "sp_executesql"},
    {ProcedureId::kPrepare, "sp_prepare"},
    {ProcedureId::kExecute, "sp_execute"},
    {ProcedureId::kPrepExec, "sp_prepexec"},
    {ProcedureId::kUnprepare, "sp_unprepare"},
}};

Error MalformedRequest(std::string message) {
  return Error{.kind = ErrorKind::kInvalid, .reason = "TdsRequest", .message = std::move(message)};
}

// ALL_HEADERS: its total length comes first and counts itself.
Status SkipHeaders(ByteReader& reader) {
  const std::size_t total = reader.U32();
  if (!reader.ok() || total < 4) {
    return MalformedRequest("ALL_HEADERS is missing");
  }
  reader.Raw(total - 4);
  return reader.ok() ? OkStatus() : MalformedRequest("ALL_HEADERS is longer than the message");
}

void NameProcedure(RpcCall& call, std::uint16_t number) {
  call.name = "procedure " + std::to_string(number);
  for (const auto& [id, name] : kProcedures) {
    if (static_cast<std::uint16_t>(id) == number) {
      call.id = id;
      call.name = name;
    }
  }
}

void NameProcedure(RpcCall& call, std::string name) {
  call.name = std::move(name);
  std::string_view bare = call.name;
  if (bare.size() > 4 && EqualsIgnoreCaseAscii(bare.substr(0, 4), "sys.")) {
    bare.remove_prefix(4);
  }
  for (const auto& [id, known] : kProcedures) {
    if (EqualsIgnoreCaseAscii(bare, known)) {
      call.id = id;
    }
  }
}

// Between two calls. A parameter cannot be mistaken for it: it starts with the length of its name,
// which is at most 128.
bool IsSeparator(int byte) { return byte == 0xFF || byte == 0xFE; }

Status ReadParameter(ByteReader& reader, RpcCall& call) {
  constexpr std::uint8_t kOutput = 0x01;
  Parameter parameter;
  parameter.name = reader.ByteText();
  parameter.output = (reader.U8() & kOutput) != 0;
  if (!reader.ok()) {
    return MalformedRequest("parameter cut short");
  }
  Result<TypedValue> value = ReadTypedValue(reader);
  if (!value) {
    Error error = value.error();
    error.message = "parameter " + std::to_string(call.parameters.size() + 1) + " of " + call.name +
                    ": " + error.message;
    return error;
  }
  parameter.type = value->type;
  parameter.value = std::move(value->value);
  call.parameters.push_back(std::move(parameter));
  return OkStatus();
}

Result<RpcCall> ReadCall(ByteReader& reader) {
  constexpr std::uint16_t kById = 0xFFFF;
  RpcCall call;
  const std::uint16_t length = reader.U16();
  if (length == kById) {
    NameProcedure(call, reader.U16());
  } else {
    NameProcedure(call, Utf16ToUtf8(reader.Raw(std::size_t{length} * 2)));
  }
  reader.U16();  // recompile, no metadata: both only save work
  if (!reader.ok() || length == 0) {
    return MalformedRequest("procedure name cut short");
  }
  while (!reader.AtEnd() && !IsSeparator(reader.Peek())) {
    if (const Status status = ReadParameter(reader, call); !status) {
      return status.error();
    }
  }
  return call;
}

// "@P2 DECIMAL(10,2) OUTPUT" of a list, split at commas outside parentheses.
std::vector<std::string_view> SplitDefinitions(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      parts.push_back(Trim(text.substr(start, i - start)));
      start = i + 1;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')') {
      --depth;
    }
  }
  return parts;
}

}  // namespace

Result<std::string> ParseBatch(std::string_view payload) {
  ByteReader reader(payload);
  if (const Status status = SkipHeaders(reader); !status) {
    return status.error();
  }
  const std::string_view text = reader.Rest();
  return text.size() % 2 == 0 ? Result<std::string>(Utf16ToUtf8(text))
                              : MalformedRequest("batch with half a character");
}

Result<std::vector<RpcCall>> ParseRpc(std::string_view payload) {
  ByteReader reader(payload);
  if (const Status status = SkipHeaders(reader); !status) {
    return status.error();
  }
  std::vector<RpcCall> calls;
  do {
    if (!calls.empty()) {
      reader.U8();
    }
    Result<RpcCall> call = ReadCall(reader);
    if (!call) {
      return call.error();
    }
    calls.push_back(*std::move(call));
    // A separator may also end the message.
  } while (reader.left() > 1);
  return calls;
}

Result<TransactionRequest> ParseTransaction(std::string_view payload) {
  ByteReader reader(payload);
  if (const Status status = SkipHeaders(reader); !status) {
    return status.error();
  }
  const std::uint16_t operation = reader.U16();
  TransactionRequest request;
  switch (operation) {
    case 5:
      return reader.ok() ? Result<TransactionRequest>(request)
                         : MalformedRequest("operation is missing");
    case 7:
      request.step = TransactionStep::kCommit;
      break;
    case 8:
      request.step = TransactionStep::kRollback;
      break;
    default:
      return MalformedRequest("transaction manager operation " + std::to_string(operation));
  }
  reader.Raw(reader.U8());  // name
  request.begin_another = (reader.U8() & 1U) != 0;
  return reader.ok() ? Result<TransactionRequest>(request)
                     : MalformedRequest("operation cut short");
}

std::vector<ParameterDefinition> ParseDefinitions(std::string_view text) {
  std::vector<ParameterDefinition> definitions;
  for (const std::string_view part : SplitDefinitions(text)) {
    if (part.empty()) {
      continue;
    }
    const std::string upper = ToUpperAscii(part);
    definitions.push_back({.name = std::string(part.substr(0, part.find_first_of(" \t\r\n"))),
                           .output = upper.ends_with(" OUTPUT") || upper.ends_with(" OUT")});
  }
  return definitions;
}

}  // namespace milink::sim::tds
