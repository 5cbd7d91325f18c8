// The answers to all questions about a replica, and what they have in common. Pure.
#pragma once

#include <string>
#include <vector>

#include "controllers/replica/observation.h"
#include "controllers/replica/plan/checks.h"
#include "controllers/replica/steps.h"

namespace milink::replica {

struct Named {
  const char* type = nullptr;  // of the condition
  Finding finding;
};

bool Ok(const Finding& finding);

// All questions, answered. What cannot be known is Unknown, never False.
std::vector<Named> Findings(const Observation& observed);

// Does it count for Ready? Trace flags only make a link faster: they do when the spec says so.
bool Required(const Named& named, const Observation& observed);

// Key before certificate before endpoint, then what only makes a link faster, and last what keeps a
// prepared instance so: only the first.
std::vector<Step> NextSteps(const std::vector<Named>& findings);
// All that is open, in that order.
std::vector<Step> OpenSteps(const std::vector<Named>& findings);
// What needs a person before that: no step mends it.
std::vector<std::string> Blockers(const std::vector<Named>& findings, const Finding& identity,
                                  const Observation& observed);

// A change that is not made now must not be announced as being made.
void HoldBack(std::vector<Named>& findings, const std::vector<Step>& steps);
// What would be done is left to a person, who is told all of it at once.
void LeaveToPerson(std::vector<Named>& findings, const char* reason, const std::string& why);

}  // namespace milink::replica
