#include <set>

#include <nlohmann/json.hpp>

#include "core/base/time_format.h"
#include "tests/sim/control/control_service.h"

namespace milink::sim {
namespace {

using nlohmann::json;

Error Bad(const std::string& what) {
  return {.kind = ErrorKind::kInvalid, .reason = "BadFault", .message = what};
}

template <typename Enum>
bool Pick(const json& object, const char* key,
          std::initializer_list<std::pair<std::string_view, Enum>> choices, Enum& into) {
  if (!object.contains(key)) {
    return true;
  }
  for (const auto& [text, value] : choices) {
    if (object.at(key) == text) {
      into = value;
      return true;
    }
  }
  return false;
}

void FillHttp(const json& object, HttpFailure& http) {
  http.status = object.value("status", 500);
  http.code = object.value("code", "");
  http.message = object.value("message", "");
  if (object.contains("retryAfter")) {
    http.retry_after_seconds = object.at("retryAfter").get<int>();
  }
}

Result<Fault> Parse(const json& object) {
  static const std::set<std::string> kKeys = {
      "kind", "target", "operation", "pattern",      "mutation", "nth",  "times",
      "when", "what",   "sqlNumber", "sqlArguments", "http",     "delay"};
  for (const auto& [key, value] : object.items()) {
    if (!kKeys.contains(key)) {
      return Bad("a fault has no '" + key + "'");
    }
  }
  Fault fault;
  if (object.contains("kind")) {
    fault.kind = CallKind::kBatch;
    if (!Pick<CallKind>(object, "kind",
                        {{"login", CallKind::kLogin},
                         {"batch", CallKind::kBatch},
                         {"statement", CallKind::kStatement},
                         {"request", CallKind::kRequest}},
                        *fault.kind)) {
      return Bad("unknown kind");
    }
  }
  if (!Pick<Fault::When>(object, "when", {{"before", Fault::kBefore}, {"after", Fault::kAfter}},
                         fault.when) ||
      !Pick<Fault::What>(object, "what",
                         {{"fail", Fault::kFail},
                          {"close", Fault::kClose},
                          {"delay", Fault::kDelay},
                          {"hold", Fault::kHold}},
                         fault.what)) {
    return Bad("unknown 'when' or 'what'");
  }
  if (object.contains("mutation")) {
    fault.mutation = object.at("mutation").get<bool>();
  }
  fault.target = object.value("target", "");
  fault.operation = object.value("operation", "");
  fault.pattern = object.value("pattern", "");
  fault.nth = object.value("nth", 1);
  fault.times = object.value("times", 1);
  fault.sql_number = object.value("sqlNumber", 0);
  fault.sql_arguments = object.value("sqlArguments", std::vector<std::string>{});
  FillHttp(object.value("http", json::object()), fault.http);
  const std::string delay = object.value("delay", "0s");
  const auto parsed = ParseDuration(delay);
  if (!parsed) {
    return Bad("no duration: " + delay);
  }
  fault.delay = *parsed;
  return fault;
}

}  // namespace

Result<Fault> ParseFault(const json& object) {
  if (!object.is_object()) {
    return Bad("a fault is an object");
  }
  try {
    return Parse(object);
  } catch (const json::exception& exception) {
    return Bad(exception.what());
  }
}

}  // namespace milink::sim
