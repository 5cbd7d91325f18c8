// LEN, REPLACE, CHARINDEX and the like. Lengths and positions count UTF-16 units.
#include <algorithm>

#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/functions.h"

namespace milink::sim::tsql {
namespace {

// The text type of the first argument; a number becomes text.
TypeInfo Same(const TypeList& types) {
  if (IsText(types[0].type)) return types[0];
  return {.type = SqlType::kVarChar, .length = 8000};
}
TypeInfo Widest(const TypeList& types) {
  TypeInfo type = Same(types);
  type.length = type.length == -1 ? -1 : (type.type == SqlType::kNVarChar ? 4000 : 8000);
  return type;
}
TypeInfo QuotedName(const TypeList&) { return {.type = SqlType::kNVarChar, .length = 258}; }

std::u16string Units(const ValueList& values, const TypeList& types, std::size_t index) {
  return ToUtf16(TextArgument(values, types, index));
}

Value Len(const Environment&, const ValueList& v, const TypeList& t) {
  std::u16string text = Units(v, t, 0);
  while (!text.empty() && text.back() == u' ') text.pop_back();
  return static_cast<std::int64_t>(text.size());
}

Value DataLength(const Environment&, const ValueList& v, const TypeList& t) {
  if (const auto* bytes = std::get_if<Bytes>(&v[0])) {
    return static_cast<std::int64_t>(bytes->data.size());
  }
  switch (t[0].type) {
    case SqlType::kBit:
    case SqlType::kTinyInt:
      return std::int64_t{1};
    case SqlType::kSmallInt:
      return std::int64_t{2};
    case SqlType::kInt:
    case SqlType::kReal:
      return std::int64_t{4};
    case SqlType::kUniqueIdentifier:
      return std::int64_t{16};
    case SqlType::kChar:
    case SqlType::kVarChar:
      return static_cast<std::int64_t>(Units(v, t, 0).size());
    case SqlType::kNVarChar:
      return static_cast<std::int64_t>(Units(v, t, 0).size() * 2);
    default:
      return std::int64_t{8};
  }
}

Value Substring(const Environment&, const ValueList& v, const TypeList& t) {
  const std::int64_t start = IntegerArgument(v, t, 1);
  const std::int64_t length = IntegerArgument(v, t, 2);
  if (length < 0) Fail(537, {"SUBSTRING"});
  if (const auto* bytes = std::get_if<Bytes>(&v[0])) {
    const auto size = static_cast<std::int64_t>(bytes->data.size());
    const std::int64_t from = std::clamp<std::int64_t>(start - 1, 0, size);
    const std::int64_t to = std::clamp<std::int64_t>(start - 1 + length, from, size);
    return Bytes{
        bytes->data.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from))};
  }
  const std::u16string text = Units(v, t, 0);
  const auto size = static_cast<std::int64_t>(text.size());
  const std::int64_t from = std::clamp<std::int64_t>(start - 1, 0, size);
  const std::int64_t to = std::clamp<std::int64_t>(start - 1 + length, from, size);
  return FromUtf16(
      text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
}

Value Left(const Environment&, const ValueList& v, const TypeList& t) {
  const std::int64_t length = IntegerArgument(v, t, 1);
  if (length < 0) Fail(536, {"left"});
  return FromUtf16(Units(v, t, 0).substr(0, static_cast<std::size_t>(length)));
}

Value Right(const Environment&, const ValueList& v, const TypeList& t) {
  const std::int64_t length = IntegerArgument(v, t, 1);
  if (length < 0) Fail(536, {"right"});
  const std::u16string text = Units(v, t, 0);
  const std::size_t count = std::min(text.size(), static_cast<std::size_t>(length));
  return FromUtf16(text.substr(text.size() - count));
}

Value CharIndex(const Environment& environment, const ValueList& v, const TypeList& t) {
  const int start = v.size() > 2 ? static_cast<int>(IntegerArgument(v, t, 2)) : 1;
  return static_cast<std::int64_t>(
      FindText(Units(v, t, 1), Units(v, t, 0), start, environment.collation));
}

Value Replace(const Environment& environment, const ValueList& v, const TypeList& t) {
  std::u16string text = Units(v, t, 0);
  const std::u16string from = Units(v, t, 1);
  const std::u16string to = Units(v, t, 2);
  int at = FindText(text, from, 1, environment.collation);
  while (at > 0) {
    text.replace(static_cast<std::size_t>(at - 1), from.size(), to);
    at = FindText(text, from, at + static_cast<int>(to.size()), environment.collation);
  }
  return FromUtf16(text);
}

Value Upper(const Environment&, const ValueList& v, const TypeList& t) {
  return ToUpperText(TextArgument(v, t, 0));
}
Value Lower(const Environment&, const ValueList& v, const TypeList& t) {
  return ToLowerText(TextArgument(v, t, 0));
}

Value Trimmed(const ValueList& v, const TypeList& t, bool left, bool right) {
  std::string text = TextArgument(v, t, 0);
  if (left) text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  if (right) text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

Value Reverse(const Environment&, const ValueList& v, const TypeList& t) {
  std::u16string text = Units(v, t, 0);
  std::reverse(text.begin(), text.end());
  return FromUtf16(text);
}

Value Character(const Environment&, const ValueList& v, const TypeList& t) {
  const std::int64_t code = IntegerArgument(v, t, 0);
  if (code < 0 || code > 65535) return Null{};
  return FromUtf16(std::u16string(1, static_cast<char16_t>(code)));
}

Value QuoteName(const Environment&, const ValueList& v, const TypeList& t) {
  const std::u16string name = Units(v, t, 0);
  const std::string kind = v.size() > 1 ? TextArgument(v, t, 1) : "[";
  if (name.size() > 128 || kind.size() != 1) return Null{};
  const bool bracket = kind == "[" || kind == "]";
  if (!bracket && kind != "'" && kind != "\"") return Null{};
  const char16_t close = bracket ? u']' : static_cast<char16_t>(kind[0]);
  std::u16string quoted(1, bracket ? u'[' : close);
  for (const char16_t unit : name) quoted.append(unit == close ? 2U : 1U, unit);
  return FromUtf16(quoted + close);
}

Value Replicate(const Environment&, const ValueList& v, const TypeList& t) {
  const std::int64_t count = IntegerArgument(v, t, 1);
  if (count < 0) return Null{};
  const std::string unit = TextArgument(v, t, 0);
  std::string text;
  for (std::int64_t i = 0; i < count && text.size() < 8000; ++i) text += unit;
  return text;
}

TypeInfo ConcatType(const TypeList& types) {
  const bool unicode = std::any_of(types.begin(), types.end(), [](const TypeInfo& type) {
    return type.type == SqlType::kNVarChar;
  });
  return {.type = unicode ? SqlType::kNVarChar : SqlType::kVarChar,
          .length = unicode ? 4000 : 8000};
}

Value Concat(const Environment&, const ValueList& v, const TypeList& t) {
  std::string text;
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (!IsNullValue(v[i])) text += TextArgument(v, t, i);
  }
  return text;
}

}  // namespace

const std::vector<Function>& TextFunctions() {
  static const std::vector<Function> kFunctions = {
      {"LEN", 1, 1, true, IntResult, Len},
      {"DATALENGTH", 1, 1, true, IntResult, DataLength},
      {"SUBSTRING", 3, 3, true, Same, Substring},
      {"LEFT", 2, 2, true, Same, Left},
      {"RIGHT", 2, 2, true, Same, Right},
      {"CHARINDEX", 2, 3, true, IntResult, CharIndex},
      {"REPLACE", 3, 3, true, Widest, Replace},
      {"UPPER", 1, 1, true, Same, Upper},
      {"LOWER", 1, 1, true, Same, Lower},
      {"LTRIM", 1, 1, true, Same,
       [](const Environment&, const ValueList& v, const TypeList& t) {
         return Trimmed(v, t, true, false);
       }},
      {"RTRIM", 1, 1, true, Same,
       [](const Environment&, const ValueList& v, const TypeList& t) {
         return Trimmed(v, t, false, true);
       }},
      {"TRIM", 1, 1, true, Same,
       [](const Environment&, const ValueList& v, const TypeList& t) {
         return Trimmed(v, t, true, true);
       }},
      {"REVERSE", 1, 1, true, Same, Reverse},
      {"CHAR", 1, 1, true,
       [](const TypeList&) { return TypeInfo{.type = SqlType::kChar, .length = 1}; }, Character},
      {"NCHAR", 1, 1, true,
       [](const TypeList&) { return TypeInfo{.type = SqlType::kNVarChar, .length = 1}; },
       Character},
      {"QUOTENAME", 1, 2, true, QuotedName, QuoteName},
      {"REPLICATE", 2, 2, true, Widest, Replicate},
      {"CONCAT", 2, 254, false, ConcatType, Concat},
  };
  return kFunctions;
}

}  // namespace milink::sim::tsql
