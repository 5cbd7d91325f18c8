// The built-in functions, by name in upper case. One table per subject; see functions_*.cc.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/sim/tsql/run/environment.h"

namespace milink::sim::tsql {

using TypeList = std::vector<TypeInfo>;
using ValueList = std::vector<Value>;

struct Function {
  const char* name = "";
  int min_arguments = 0;
  int max_arguments = 0;
  // Does a NULL argument make the result NULL, so that `run` never sees one?
  bool strict = true;
  std::function<TypeInfo(const TypeList&)> type;
  std::function<Value(const Environment&, const ValueList&, const TypeList&)> run;
};

// The type of a function whose result is an int.
inline TypeInfo IntResult(const TypeList&) { return {.type = SqlType::kInt}; }

// Null when there is none: 195.
const Function* FindFunction(const std::string& upper_name);

const std::vector<Function>& TextFunctions();
const std::vector<Function>& TimeFunctions();
const std::vector<Function>& GeneralFunctions();
const std::vector<Function>& ServerFunctions();
const std::vector<Function>& DatabaseFunctions();
const std::vector<Function>& ErrorFunctions();

bool IsAggregate(const std::string& upper_name);
TypeInfo AggregateType(const std::string& name, const TypeInfo& argument);
// `values` without NULLs.
Value RunAggregate(const std::string& name, const ValueList& values, const TypeInfo& from,
                   const TypeInfo& type, Collation collation);

// An argument as text, number of characters and so on, converted as the server would.
std::string TextArgument(const ValueList& values, const TypeList& types, std::size_t index);
std::int64_t IntegerArgument(const ValueList& values, const TypeList& types, std::size_t index);

}  // namespace milink::sim::tsql
