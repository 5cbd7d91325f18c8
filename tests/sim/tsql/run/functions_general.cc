// Times, NULL handling and what CATCH can ask.
#include <optional>

#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/datetime.h"
#include "tests/sim/tsql/run/functions.h"
#include "tests/sim/tsql/run/session.h"
#include "tests/sim/world/world.h"

namespace milink::sim::tsql {
namespace {

TypeInfo DateTime(const TypeList&) { return {.type = SqlType::kDateTime}; }
TypeInfo DateTime2(const TypeList&) { return {.type = SqlType::kDateTime2, .scale = 7}; }

Value Now(const Environment& environment, const ValueList&, const TypeList&) {
  return environment.world->now;
}
Value NowRounded(const Environment& environment, const ValueList&, const TypeList&) {
  return RoundToDateTime(environment.world->now);
}

DatePart PartArgument(const ValueList& values, const char* function) {
  const std::string& name = std::get<std::string>(values[0]);
  const std::optional<DatePart> part = DatePartNamed(name);
  if (!part) Fail(155, {name, function});
  return *part;
}

TimePoint TimeArgument(const ValueList& values, const TypeList& types, std::size_t index) {
  return std::get<TimePoint>(
      ConvertValue(values[index], types[index], {.type = SqlType::kDateTime2, .scale = 7}));
}

TypeInfo AddedType(const TypeList& types) {
  return IsTime(types[2].type) ? types[2] : TypeInfo{.type = SqlType::kDateTime};
}
Value AddTime(const Environment&, const ValueList& v, const TypeList& t) {
  return DateAdd(PartArgument(v, "dateadd"), IntegerArgument(v, t, 1), TimeArgument(v, t, 2));
}
Value DiffTime(const Environment&, const ValueList& v, const TypeList& t) {
  const std::int64_t count =
      DateDiff(PartArgument(v, "datediff"), TimeArgument(v, t, 1), TimeArgument(v, t, 2));
  if (count > INT32_MAX || count < INT32_MIN) Fail(535, {"datediff"});
  return count;
}
Value DiffTimeBig(const Environment&, const ValueList& v, const TypeList& t) {
  return DateDiff(PartArgument(v, "datediff_big"), TimeArgument(v, t, 1), TimeArgument(v, t, 2));
}
Value PartOfTime(const Environment&, const ValueList& v, const TypeList& t) {
  return PartOf(PartArgument(v, "datepart"), TimeArgument(v, t, 1));
}

// ISNULL keeps the type of its first argument; COALESCE finds a common one.
TypeInfo First(const TypeList& types) { return types[0]; }
Value IsNullFunction(const Environment&, const ValueList& v, const TypeList& t) {
  return IsNullValue(v[0]) ? ConvertValue(v[1], t[1], t[0]) : v[0];
}

TypeInfo Common(const TypeList& types) {
  TypeInfo result = types[0];
  for (const TypeInfo& type : types) result = CommonType(result, type);
  return result;
}
Value Coalesce(const Environment&, const ValueList& v, const TypeList& t) {
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (!IsNullValue(v[i])) return ConvertValue(v[i], t[i], Common(t));
  }
  return Null{};
}
Value NullIf(const Environment& environment, const ValueList& v, const TypeList& t) {
  if (IsNullValue(v[0]) || IsNullValue(v[1])) return v[0];
  const TypeInfo type = CommonType(t[0], t[1]);
  const bool same = CompareValues(ConvertValue(v[0], t[0], type), ConvertValue(v[1], t[1], type),
                                  environment.collation) == 0;
  return same ? Value(Null{}) : v[0];
}
Value Abs(const Environment&, const ValueList& v, const TypeList& t) {
  const Value number = ConvertValue(v[0], t[0], {.type = SqlType::kFloat});
  if (std::get<double>(number) >= 0) return v[0];
  if (const auto* integer = std::get_if<std::int64_t>(&v[0])) return -*integer;
  return ConvertValue(-std::get<double>(number), {.type = SqlType::kFloat}, t[0]);
}

template <typename Field>
Value Caught(const Environment& environment, Field field) {
  if (!environment.caught) return Null{};
  return field(*environment.caught);
}

}  // namespace

const std::vector<Function>& TimeFunctions() {
  static const std::vector<Function> kFunctions = {
      {"SYSUTCDATETIME", 0, 0, true, DateTime2, Now},
      {"SYSDATETIME", 0, 0, true, DateTime2, Now},
      {"GETUTCDATE", 0, 0, true, DateTime, NowRounded},
      {"GETDATE", 0, 0, true, DateTime, NowRounded},  // the server's zone is UTC
      {"DATEADD", 3, 3, true, AddedType, AddTime},
      {"DATEDIFF", 3, 3, true, IntResult, DiffTime},
      {"DATEDIFF_BIG", 3, 3, true,
       [](const TypeList&) { return TypeInfo{.type = SqlType::kBigInt}; }, DiffTimeBig},
      {"DATEPART", 2, 2, true, IntResult, PartOfTime},
  };
  return kFunctions;
}

const std::vector<Function>& GeneralFunctions() {
  static const std::vector<Function> kFunctions = {
      {"ISNULL", 2, 2, false, First, IsNullFunction},
      {"COALESCE", 2, 254, false, Common, Coalesce},
      {"NULLIF", 2, 2, false, First, NullIf},
      {"ABS", 1, 1, true, First, Abs},
  };
  return kFunctions;
}

const std::vector<Function>& ErrorFunctions() {
  static const auto kProcedure = [](const TypeList&) {
    return TypeInfo{.type = SqlType::kNVarChar, .length = 128};
  };
  static const auto kText = [](const TypeList&) {
    return TypeInfo{.type = SqlType::kNVarChar, .length = 4000};
  };
  static const std::vector<Function> kFunctions = {
      {"ERROR_NUMBER", 0, 0, true, IntResult,
       [](const Environment& e, const ValueList&, const TypeList&) {
         return Caught(e, [](const ServerMessage& m) { return Value(std::int64_t{m.number}); });
       }},
      {"ERROR_SEVERITY", 0, 0, true, IntResult,
       [](const Environment& e, const ValueList&, const TypeList&) {
         return Caught(e, [](const ServerMessage& m) { return Value(std::int64_t{m.severity}); });
       }},
      {"ERROR_STATE", 0, 0, true, IntResult,
       [](const Environment& e, const ValueList&, const TypeList&) {
         return Caught(e, [](const ServerMessage& m) { return Value(std::int64_t{m.state}); });
       }},
      {"ERROR_LINE", 0, 0, true, IntResult,
       [](const Environment& e, const ValueList&, const TypeList&) {
         return Caught(e, [](const ServerMessage& m) { return Value(std::int64_t{m.line}); });
       }},
      {"ERROR_MESSAGE", 0, 0, true, kText,
       [](const Environment& e, const ValueList&, const TypeList&) {
         return Caught(e, [](const ServerMessage& m) { return Value(m.text); });
       }},
      {"ERROR_PROCEDURE", 0, 0, true, kProcedure,
       [](const Environment& e, const ValueList&, const TypeList&) {
         return Caught(e, [](const ServerMessage& m) {
           return m.procedure.empty() ? Value(Null{}) : Value(m.procedure);
         });
       }},
      {"XACT_STATE", 0, 0, true,
       [](const TypeList&) { return TypeInfo{.type = SqlType::kSmallInt}; },
       [](const Environment& e, const ValueList&, const TypeList&) -> Value {
         return std::int64_t{e.session->transaction_depth > 0 ? 1 : 0};
       }},
  };
  return kFunctions;
}

}  // namespace milink::sim::tsql
