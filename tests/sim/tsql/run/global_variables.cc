#include "tests/sim/tsql/run/global_variables.h"

#include <map>

#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/session.h"
#include "tests/sim/world/world.h"

namespace milink::sim::tsql {
namespace {

int YearOf(int major) {
  static const std::map<int, int> kYears = {
      {13, 2016}, {14, 2017}, {15, 2019}, {16, 2022}, {17, 2025}};
  const auto found = kYears.find(major);
  return found == kYears.end() ? 0 : found->second;
}

}  // namespace

std::string VersionText(const SqlServerInstance& instance) {
  std::string text = "Microsoft SQL Server " + std::to_string(YearOf(instance.MajorVersion())) +
                     " (" + instance.product_level;
  if (!instance.update_level.empty()) text += "-" + instance.update_level;
  text += ")";
  if (!instance.update_reference.empty()) text += " (" + instance.update_reference + ")";
  return text + " - " + instance.product_version + " (X64) \n\t" + instance.edition + " on " +
         instance.platform + " (" + instance.distribution + ")";
}

Compiled CompileGlobalVariable(const std::string& name) {
  using Getter = Value (*)(const Environment&);
  struct Entry {
    TypeInfo type;
    Getter get;
  };
  static const std::map<std::string, Entry> kVariables = {
      {"@@servername",
       {{.type = SqlType::kNVarChar, .length = 128},
        [](const Environment& e) -> Value {
          const auto own = e.instance->registered_name.value_or(e.instance->server_name);
          return own.empty() ? Value(Null{}) : Value(own);
        }}},
      {"@@servicename",
       {{.type = SqlType::kNVarChar, .length = 128},
        [](const Environment& e) -> Value {
          return e.instance->instance_name.empty() ? "MSSQLSERVER" : e.instance->instance_name;
        }}},
      {"@@version",
       {{.type = SqlType::kNVarChar, .length = 300},
        [](const Environment& e) -> Value { return VersionText(*e.instance); }}},
      {"@@spid",
       {{.type = SqlType::kSmallInt},
        [](const Environment& e) -> Value { return std::int64_t{e.session->spid()}; }}},
      {"@@rowcount",
       {{.type = SqlType::kInt}, [](const Environment& e) -> Value { return e.row_count; }}},
      {"@@error",
       {{.type = SqlType::kInt},
        [](const Environment& e) -> Value { return std::int64_t{e.last_error}; }}},
      {"@@trancount",
       {{.type = SqlType::kInt},
        [](const Environment& e) -> Value { return std::int64_t{e.session->transaction_depth}; }}},
      {"@@microsoftversion",
       {{.type = SqlType::kInt},
        [](const Environment& e) -> Value {
          // Major version in the highest byte, build in the lower two.
          const std::string& version = e.instance->product_version;
          const auto build = version.find('.', version.find('.') + 1);
          return (std::int64_t{e.instance->MajorVersion()} << 24) |
                 std::stoll(version.substr(build + 1));
        }}},
      {"@@max_precision",
       {{.type = SqlType::kTinyInt}, [](const Environment&) -> Value { return std::int64_t{38}; }}},
      {"@@language",
       {{.type = SqlType::kNVarChar, .length = 128},
        [](const Environment&) -> Value { return std::string("us_english"); }}},
      {"@@lock_timeout",
       {{.type = SqlType::kInt}, [](const Environment&) -> Value { return std::int64_t{-1}; }}},
  };
  const auto found = kVariables.find(name);
  if (found == kVariables.end()) Fail(137, {name}, 2);
  return {found->second.type,
          [get = found->second.get](const Frame& frame) { return get(*frame.environment); }};
}

}  // namespace milink::sim::tsql
