// The mistakes of users, all made at once in one world: per kind what is applied and how each must
// be told.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/e2e/stack.h"

namespace milink::e2e {

// A mistake and how it must be told.
struct Case {
  const char* name;
  const char* kind;
  const char* object;
  const char* condition;
  const char* status_and_reason;
  std::vector<std::string> words;  // in the condition's message: what, where, what to do
  const char* event = nullptr;     // its reason, where it is not the condition's
};

// Two of the replicas, "sql1" and "shared", are in order.
std::vector<Case> ReplicaCases();
std::vector<nlohmann::json> ReplicaInputs(Stack& stack);

// Between those replicas and the instances of BadInputWorld(); one link, "good", is in order.
std::vector<Case> LinkCases();
std::vector<nlohmann::json> LinkInputs(Stack& stack);

// SQL1 and sqlmi1 are in order; on all others nothing may be changed.
nlohmann::json BadInputWorld();
// What other people have made under the names that we would use.
void AddForeignObjects(sim::Simulator& simulator);

nlohmann::json SecretManifest(const std::string& name, const nlohmann::json& data);

}  // namespace milink::e2e
