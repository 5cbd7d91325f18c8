#include "tests/sim/tds/tokens.h"

#include "core/base/text.h"
#include "tests/sim/tds/prelogin.h"
#include "tests/sim/tds/types.h"
#include "tests/sim/tds/value_encoder.h"

namespace milink::sim::tds {
namespace {

enum Token : std::uint8_t {
  kReturnStatus = 0x79,
  kError = 0xAA,
  kInfo = 0xAB,
  kReturnValue = 0xAC,
  kLoginAck = 0xAD,
  kFeatureAck = 0xAE,
  kEnvChange = 0xE3,
};
constexpr std::uint32_t kTds74 = 0x74000004;
constexpr std::size_t kLongestMessage = 8000;  // bytes; more would not fit in the token
constexpr int kHighestInfo = 10;

void AppendSized(ByteWriter& out, std::uint8_t token, const ByteWriter& body) {
  out.U8(token).U16(static_cast<std::uint16_t>(body.size())).Raw(body.bytes());
}

}  // namespace

void AppendEnvChangeText(ByteWriter& out, EnvChange type, std::string_view now,
                         std::string_view before) {
  ByteWriter body;
  body.U8(static_cast<std::uint8_t>(type)).ByteText(now).ByteText(before);
  AppendSized(out, kEnvChange, body);
}

void AppendEnvChangeBytes(ByteWriter& out, EnvChange type, std::string_view now,
                          std::string_view before) {
  ByteWriter body;
  body.U8(static_cast<std::uint8_t>(type));
  body.U8(static_cast<std::uint8_t>(now.size())).Raw(now);
  body.U8(static_cast<std::uint8_t>(before.size())).Raw(before);
  AppendSized(out, kEnvChange, body);
}

void AppendMessage(ByteWriter& out, const ServerMessage& message, std::string_view server) {
  ByteWriter body;
  body.U32(static_cast<std::uint32_t>(message.number))
      .U8(static_cast<std::uint8_t>(message.state))
      .U8(static_cast<std::uint8_t>(message.severity))
      .ShortText(Shorten(message.text, kLongestMessage))
      .ByteText(server)
      .ByteText(message.procedure)
      .U32(static_cast<std::uint32_t>(message.line));
  AppendSized(out, message.severity > kHighestInfo ? kError : kInfo, body);
}

void AppendLoginAck(ByteWriter& out, std::string_view version) {
  ByteWriter body;
  body.U8(1).BigEndian32(kTds74).ByteText("Microsoft SQL Server");
  body.Raw(EncodeVersion(version).substr(0, 4));
  AppendSized(out, kLoginAck, body);
}

void AppendFeatureAck(ByteWriter& out, bool federated) {
  constexpr std::uint8_t kFederated = 0x02;
  constexpr std::uint8_t kTerminator = 0xFF;
  out.U8(kFeatureAck);
  if (federated) {
    out.U8(kFederated).U32(0);
  }
  out.U8(kTerminator);
}

void AppendDone(ByteWriter& out, const Done& done) {
  out.U8(static_cast<std::uint8_t>(done.kind)).U16(done.status).U16(done.command).U64(done.count);
}

void AppendReturnStatus(ByteWriter& out, int status) {
  out.U8(kReturnStatus).U32(static_cast<std::uint32_t>(status));
}

Status AppendReturnValue(ByteWriter& out, const ReturnValue& value) {
  constexpr std::uint8_t kOutputParameter = 1;
  TypeInfo type = value.type;
  type.nullable = true;
  ByteWriter token;
  token.U8(kReturnValue).U16(value.ordinal).ByteText(value.name).U8(kOutputParameter).U32(0).U16(0);
  AppendTypeInfo(token, type);
  if (const Status status = AppendValue(token, type, value.value, RowEncoding()); !status) {
    return status;
  }
  out.Raw(token.bytes());
  return OkStatus();
}

}  // namespace milink::sim::tds
