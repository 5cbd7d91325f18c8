// How a view is written down: where its rows come from (some plain struct) and a table of columns,
// each with its name, type, value and the version that brought it.
//
//   MakeView<Certificate>({"sys", "certificates", Access::kDefinition}, Rows,
//                         Columns<Certificate>().Name("name", &Certificate::name).Null(..));
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "tests/sim/tsql/catalog/catalog.h"
#include "tests/sim/world/world.h"

namespace milink::sim::tsql {

inline constexpr TypeInfo kBitType{.type = SqlType::kBit};
inline constexpr TypeInfo kTinyIntType{.type = SqlType::kTinyInt};
inline constexpr TypeInfo kSmallIntType{.type = SqlType::kSmallInt};
inline constexpr TypeInfo kIntType{.type = SqlType::kInt};
inline constexpr TypeInfo kBigIntType{.type = SqlType::kBigInt};
inline constexpr TypeInfo kRealType{.type = SqlType::kReal};
inline constexpr TypeInfo kFloatType{.type = SqlType::kFloat};
inline constexpr TypeInfo kGuidType{.type = SqlType::kUniqueIdentifier};
inline constexpr TypeInfo kDateTimeType{.type = SqlType::kDateTime};
inline constexpr TypeInfo kNameType{.type = SqlType::kNVarChar, .length = 128};
inline constexpr TypeInfo kDescType{.type = SqlType::kNVarChar, .length = 60};
inline constexpr TypeInfo kLsnType{.type = SqlType::kNumeric, .precision = 25};
constexpr TypeInfo TextType(int length) { return {.type = SqlType::kNVarChar, .length = length}; }
constexpr TypeInfo CharType(int length) { return {.type = SqlType::kChar, .length = length}; }
constexpr TypeInfo BinaryType(int length) {
  return {.type = SqlType::kVarBinary, .length = length};
}

// C++ values as SQL values; what is absent is NULL.
inline Value ToValue(Value value) { return value; }
inline Value ToValue(bool value) { return static_cast<std::int64_t>(value); }
inline Value ToValue(std::string_view text) { return std::string(text); }
inline Value ToValue(const std::string& text) { return text; }
inline Value ToValue(const char* text) { return std::string(text); }
inline Value ToValue(double value) { return value; }
inline Value ToValue(TimePoint time) { return time; }
template <typename Number>
  requires((std::is_integral_v<Number> || std::is_enum_v<Number>) && !std::is_same_v<Number, bool>)
Value ToValue(Number value) {
  return static_cast<std::int64_t>(value);
}
template <typename T>
Value ToValue(const std::optional<T>& value) {
  return value ? ToValue(*value) : Value(Null{});
}

template <typename Enum>
Value DescOf(Enum value) {
  return std::string(Desc(value));
}
template <typename Enum>
Value DescOf(const std::optional<Enum>& value) {
  return value ? DescOf(*value) : Value(Null{});
}

// `get` is a member pointer or a function of the row.
template <typename R>
class Columns {
 public:
  struct Entry {
    Column column;
    std::function<Value(const R&)> value;
    int since = 0;
  };

  template <typename Get>
  Columns& Add(std::string name, TypeInfo type, Get get, int since = 0) {
    entries_.push_back({{std::move(name), type},
                        [get](const R& row) { return ToValue(std::invoke(get, row)); },
                        since});
    return *this;
  }
  template <typename Get>
  Columns& Name(std::string name, Get get) {
    return Add(std::move(name), kNameType, get);
  }
  template <typename Get>
  Columns& Text(std::string name, int length, Get get) {
    return Add(std::move(name), TextType(length), get);
  }
  // Empty text is NULL.
  template <typename Get>
  Columns& TextOrNull(std::string name, int length, Get get) {
    return Add(std::move(name), TextType(length), [get](const R& row) {
      const std::string text(std::invoke(get, row));
      return text.empty() ? Value(milink::sim::Null{}) : Value(text);
    });
  }
  template <typename Get>
  Columns& Guid(std::string name, Get get) {
    return Add(std::move(name), kGuidType, [get](const R& row) {
      const std::string text = ToUpperAscii(std::invoke(get, row));
      return text.empty() ? Value(milink::sim::Null{}) : Value(milink::sim::Guid{text});
    });
  }
  template <typename Get>
  Columns& Lsn(std::string name, Get get) {
    return Add(std::move(name), kLsnType, [get](const R& row) {
      const std::string text(std::invoke(get, row));
      return text.empty() ? Value(milink::sim::Null{}) : Value(Decimal{text});
    });
  }
  template <typename Get>
  Columns& Bit(std::string name, Get get, int since = 0) {
    return Add(std::move(name), kBitType, get, since);
  }
  template <typename Get>
  Columns& Int(std::string name, Get get, int since = 0) {
    return Add(std::move(name), kIntType, get, since);
  }
  template <typename Get>
  Columns& BigInt(std::string name, Get get) {
    return Add(std::move(name), kBigIntType, get);
  }
  template <typename Get>
  Columns& Time(std::string name, Get get) {
    return Add(std::move(name), kDateTimeType, get);
  }
  // The number and its `_desc` companion.
  template <typename Get>
  Columns& Enum(const std::string& name, Get get, int since = 0) {
    Add(name, kTinyIntType, get, since);
    return Add(
        name + "_desc", kDescType, [get](const R& row) { return DescOf(std::invoke(get, row)); },
        since);
  }
  Columns& Null(std::string name, TypeInfo type, int since = 0) {
    return Add(std::move(name), type, [](const R&) { return Value(milink::sim::Null{}); }, since);
  }
  Columns& Fixed(std::string name, TypeInfo type, Value value, int since = 0) {
    return Add(
        std::move(name), type, [value = std::move(value)](const R&) { return value; }, since);
  }
  Columns& FixedBit(std::string name, bool value, int since = 0) {
    return Fixed(std::move(name), kBitType, std::int64_t{value}, since);
  }

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

struct ViewName {
  std::string schema;
  std::string name;
  Access access = Access::kPublic;
  int since = 0;
  std::string database;
};

template <typename R>
View MakeView(const ViewName& name, std::function<std::vector<R>(const Environment&)> rows,
              const Columns<R>& columns) {
  View view{name.schema, name.name, name.access, name.since, name.database, nullptr};
  view.read = [rows = std::move(rows), entries = columns.entries()](const Environment& env) {
    const int version = env.instance->MajorVersion();
    Table table;
    for (const auto& entry : entries) {
      if (entry.since <= version) table.columns.push_back(entry.column);
    }
    for (const R& source : rows(env)) {
      Row& row = table.rows.emplace_back();
      for (const auto& entry : entries) {
        if (entry.since <= version) row.push_back(entry.value(source));
      }
    }
    return table;
  };
  return view;
}

inline constexpr int kSqlServer2017 = 14;
inline constexpr int kSqlServer2019 = 15;
inline constexpr int kSqlServer2022 = 16;
inline constexpr int kSqlServer2025 = 17;

}  // namespace milink::sim::tsql
