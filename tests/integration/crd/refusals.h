// Objects that the schema must refuse, with what the server says. One table per kind; the schema
// test holds them against the CRDs, so that no rule is without a case.
#pragma once

#include <span>
#include <string>

namespace milink::test {

struct Refusal {
  const char* name;     // as a sentence
  const char* patch;    // JSON merge patch on a valid object, making it bad
  const char* field;    // the field the server must name, without list indexes
  const char* message;  // and what it must say about it
  // For rules about changes: merge patch that makes the object as it was before. Null: the rule
  // is about the object alone.
  const char* before = nullptr;
};

std::span<const Refusal> ReplicaRefusals();
std::span<const Refusal> LinkRefusals();

}  // namespace milink::test
