// Values and types of the simulated SQL Server, shared by the T-SQL engine (which makes them) and
// the TDS server (which writes them to the wire). Plain values, no thread rule.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/base/clock.h"

namespace milink::sim {

enum class SqlType {
  kBit,
  kTinyInt,
  kSmallInt,
  kInt,
  kBigInt,
  kReal,
  kFloat,
  kNumeric,
  kChar,
  kVarChar,
  kNVarChar,
  kVarBinary,
  kUniqueIdentifier,
  kDate,
  kDateTime,
  kDateTime2,
  kSqlVariant,
};

struct TypeInfo {
  SqlType type = SqlType::kInt;
  int length = 0;  // characters or bytes; -1 means (max)
  int precision = 0;
  int scale = 0;
  bool nullable = true;

  bool operator==(const TypeInfo&) const = default;
};

struct Null {
  bool operator==(const Null&) const = default;
};
struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};
// Digits with optional sign and point: numeric(25,0) does not fit in 64 bits.
struct Decimal {
  std::string text;
  bool operator==(const Decimal&) const = default;
};
// Upper case with dashes, as SQL Server shows it.
struct Guid {
  std::string text;
  bool operator==(const Guid&) const = default;
};

// Text is UTF-8; every integer type and bit is int64.
using Value =
    std::variant<Null, std::int64_t, double, std::string, Bytes, Decimal, Guid, TimePoint>;

struct Column {
  std::string name;  // empty: unnamed
  TypeInfo type;
};

}  // namespace milink::sim
