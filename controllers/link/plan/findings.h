// What the planner found out, collected per condition, so that all causes are reported at once.
//
// Plain values, no thread rule.
#pragma once

#include <string>
#include <vector>

#include "core/api/condition.h"
#include "core/base/strong.h"

namespace milink::link {

// From worst to best. All but kUnknown make a condition False.
enum class Severity {
  kBlocked,      // a person must change something
  kDegraded,     // wrong now; nothing of ours helps
  kRetrying,     // failed, will be tried again
  kProgressing,  // under way
  kWaiting,      // for something else that is reported elsewhere
  kUnknown,      // cannot be seen
};

struct Finding {
  Severity severity = Severity::kUnknown;
  std::string reason;
  std::string message;
  DatabaseName database;  // empty: not about one database

  bool operator==(const Finding&) const = default;
};

// One condition while it is being made. No findings: True.
struct Topic {
  std::string type;
  std::vector<Finding> findings;

  void Add(Severity severity, std::string reason, std::string message, DatabaseName database = {});
  bool Clear() const { return findings.empty(); }
  // Clear for this database: neither its own findings nor general ones.
  bool ClearFor(const DatabaseName& database) const;
  bool Has(Severity severity) const;
  // The same among this database's own findings.
  bool HasFor(const DatabaseName& database, Severity severity) const;
  // Null when there are none.
  const Finding* Worst() const;
};

// The condition: reason of the worst finding, messages of all, the worst first. `what_is_true` is
// the message of a clear topic.
api::Condition ToCondition(const Topic& topic, const std::string& reason_when_clear,
                           const std::string& what_is_true);

// "sales: text", or the text alone.
std::string Text(const Finding& finding);

}  // namespace milink::link
