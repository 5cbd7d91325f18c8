#include "controllers/link/plan/findings.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"

namespace milink::link {
namespace {

// The CRD allows 32 KiB; what nobody reads to the end is cut well before.
constexpr std::size_t kMessageLimit = 2048;

}  // namespace

void Topic::Add(Severity severity, std::string reason, std::string message, DatabaseName database) {
  findings.push_back({severity, std::move(reason), std::move(message), std::move(database)});
}

bool Topic::ClearFor(const DatabaseName& database) const {
  return std::none_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.database.empty() || finding.database == database;
  });
}

bool Topic::Has(Severity severity) const {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const Finding& finding) { return finding.severity == severity; });
}

bool Topic::HasFor(const DatabaseName& database, Severity severity) const {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.database == database && finding.severity == severity;
  });
}

const Finding* Topic::Worst() const {
  const auto worst =
      std::min_element(findings.begin(), findings.end(),
                       [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
  return worst == findings.end() ? nullptr : &*worst;
}

api::Condition ToCondition(const Topic& topic, const std::string& reason_when_clear,
                           const std::string& what_is_true) {
  api::Condition condition;
  condition.type = topic.type;
  const Finding* worst = topic.Worst();
  if (worst == nullptr) {
    condition.status = api::ConditionStatus::kTrue;
    condition.reason = reason_when_clear;
    condition.message = what_is_true;
    return condition;
  }
  condition.status = worst->severity == Severity::kUnknown ? api::ConditionStatus::kUnknown
                                                           : api::ConditionStatus::kFalse;
  condition.reason = worst->reason;
  std::vector<Finding> sorted = topic.findings;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
  std::vector<std::string> texts;
  for (const Finding& finding : sorted) {
    const std::string text = Text(finding);
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }
  condition.message = Shorten(Join(texts, "; "), kMessageLimit);
  return condition;
}

std::string Text(const Finding& finding) {
  return finding.database.empty() ? finding.message
                                  : finding.database.str() + ": " + finding.message;
}

}  // namespace milink::link
