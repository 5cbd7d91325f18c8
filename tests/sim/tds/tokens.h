// Tokens of a reply other than result sets (MS-TDS 2.2.7). Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "tests/sim/sql/executor.h"
#include "tests/sim/tds/bytes.h"

namespace milink::sim::tds {

enum class EnvChange : std::uint8_t {
  kDatabase = 1,
  kLanguage = 2,
  kPacketSize = 4,
  kCollationSetting = 7,
  kBeginTransaction = 8,
  kCommitTransaction = 9,
  kRollbackTransaction = 10,
  kResetDone = 18,
};

void AppendEnvChangeText(ByteWriter& out, EnvChange type, std::string_view now,
                         std::string_view before);
void AppendEnvChangeBytes(ByteWriter& out, EnvChange type, std::string_view now,
                          std::string_view before);

// ERROR above severity 10, INFO up to it.
void AppendMessage(ByteWriter& out, const ServerMessage& message, std::string_view server);

// `version` as in EncodePreloginReply.
void AppendLoginAck(ByteWriter& out, std::string_view version);
// An empty list, which is all that a token login needs.
void AppendFeatureAck(ByteWriter& out, bool federated);

enum class DoneKind : std::uint8_t { kDone = 0xFD, kProcedure = 0xFE, kInProcedure = 0xFF };

struct Done {
  static constexpr std::uint16_t kMore = 0x01;
  static constexpr std::uint16_t kError = 0x02;
  static constexpr std::uint16_t kInTransaction = 0x04;
  static constexpr std::uint16_t kCount = 0x10;
  static constexpr std::uint16_t kAttention = 0x20;

  DoneKind kind = DoneKind::kDone;
  std::uint16_t status = 0;
  std::uint16_t command = 0;
  std::uint64_t count = 0;
};
void AppendDone(ByteWriter& out, const Done& done);

void AppendReturnStatus(ByteWriter& out, int status);

struct ReturnValue {
  std::uint16_t ordinal = 0;
  std::string name;
  TypeInfo type;
  Value value;
};
Status AppendReturnValue(ByteWriter& out, const ReturnValue& value);

}  // namespace milink::sim::tds
