#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "controllers/link/plan/concerns.h"
#include "controllers/link/plan/database_status.h"
#include "controllers/link/plan/measures.h"
#include "controllers/link/reasons.h"
#include "core/base/text.h"

namespace milink::link {
namespace {

const Finding* WorstOf(const Topics& topics) {
  const Finding* worst = nullptr;
  for (const Topic* topic : topics) {
    const Finding* finding = topic->Worst();
    if (finding != nullptr && (worst == nullptr || finding->severity < worst->severity)) {
      worst = finding;
    }
  }
  return worst;
}

// All findings as bad as the worst one: every cause at once, no consequences.
std::string TextOf(const Topics& topics, Severity severity) {
  std::vector<std::string> texts;
  for (const Topic* topic : topics) {
    for (const Finding& finding : topic->findings) {
      const std::string text = Text(finding);
      if (finding.severity == severity &&
          std::find(texts.begin(), texts.end(), text) == texts.end()) {
        texts.push_back(text);
      }
    }
  }
  return Shorten(Join(texts, "; "), 2048);
}

bool BothAreSeen(const Draft& draft) {
  return draft.seen.sql != nullptr && draft.seen.Shows(azure::InstancePart::kLinks);
}

std::string PrimaryOfAll(const Draft& draft) {
  std::vector<Primary> seen;
  for (const DatabaseSpec& names : draft.spec.databases) {
    const Primary primary = PrimaryOf(LookAt(draft.seen, names));
    if (primary != Primary::kNotLinked) seen.push_back(primary);
  }
  const auto has = [&](Primary primary) {
    return std::find(seen.begin(), seen.end(), primary) != seen.end();
  };
  if (!BothAreSeen(draft) || seen.empty()) return "Unknown";
  if (has(Primary::kBoth)) return "Both";
  if (has(Primary::kUnknown)) return "Unknown";
  const bool same = std::all_of(seen.begin(), seen.end(),
                                [&](Primary primary) { return primary == seen.front(); });
  return same ? ToString(seen.front()) : "Mixed";
}

Boxed<api::ManagedInstanceLinkStatus::Trust> TrustOf(const Draft& draft) {
  const Observation& seen = draft.seen;
  if (seen.sql == nullptr || !seen.Shows(azure::InstancePart::kTrustCertificates)) {
    return draft.stored.trust;
  }
  api::ManagedInstanceLinkStatus::Trust trust;
  for (const azure::PublicCertificate& certificate : seen.instance->trust_certificates) {
    if (seen.sql->FindCertificateByThumbprint(certificate.thumbprint) != nullptr) {
      trust.sql_thumbprints.push_back(certificate.thumbprint);
    }
  }
  std::sort(trust.sql_thumbprints.begin(), trust.sql_thumbprints.end());
  const auto* imported = seen.sql->FindCertificate(CertificateName(seen.instance->instance.fqdn));
  if (imported != nullptr) trust.managed_instance_thumbprint = imported->thumbprint;
  for (const pki::RootAuthority& root : seen.roots) {
    if (seen.sql->FindCertificateByThumbprint(root.thumbprint) != nullptr) {
      trust.root_thumbprints.push_back(root.thumbprint);
    }
  }
  return trust;
}

void SummarizeDatabases(const Draft& draft, api::ManagedInstanceLinkStatus& status) {
  auto& summary = status.summary.emplace();
  std::size_t good = 0;
  int seeding = 0;
  int percent = 0;
  for (const DatabaseSpec& names : draft.spec.databases) {
    DatabaseStatus database = StatusOf(draft, names);
    if (database.phase == "Replicating") ++good;
    if (database.seeding_percent.has_value()) {
      ++seeding;
      percent += *database.seeding_percent;
    }
    summary.lag = WorseLag(summary.lag, database.lag);
    status.databases.push_back(std::move(database));
  }
  summary.databases = fmt::format("{}/{}", good, draft.spec.databases.size());
  if (seeding > 0) summary.seeding = fmt::format("{}%", percent / seeding);
}

api::Condition Make(std::string type, api::ConditionStatus status, std::string reason,
                    std::string message) {
  api::Condition condition;
  condition.type = std::move(type);
  condition.status = status;
  condition.reason = std::move(reason);
  condition.message = std::move(message);
  return condition;
}

api::Condition SplitBrainCondition(const Draft& draft, const std::string& primary) {
  if (const Finding* finding = draft.split_brain.Worst(); finding != nullptr) {
    return Make(api::condition_type::kSplitBrain, api::ConditionStatus::kTrue, finding->reason,
                TextOf({&draft.split_brain}, finding->severity));
  }
  if (primary == "Unknown" && !draft.stored.records.empty() && !BothAreSeen(draft)) {
    return Make(api::condition_type::kSplitBrain, api::ConditionStatus::kUnknown, reason::kWaiting,
                "both sides must be readable");
  }
  return Make(api::condition_type::kSplitBrain, api::ConditionStatus::kFalse, reason::kOnePrimary,
              "no database is writable on both sides");
}

bool IsProgress(Severity severity) {
  return severity == Severity::kProgressing || severity == Severity::kRetrying;
}

// kstatus: Reconciling while something goes on, Stalled when only a person can help, never both.
void AddKstatus(const Draft& draft, const Topics& topics, std::vector<api::Condition>& conditions) {
  if (draft.spec.suspend && !draft.seen.link->meta.deletion_time.has_value()) return;
  for (const Topic* topic : topics) {
    for (const Finding& finding : topic->findings) {
      if (!IsProgress(finding.severity)) continue;
      conditions.push_back(Make(api::condition_type::kReconciling, api::ConditionStatus::kTrue,
                                finding.reason, Text(finding)));
      return;
    }
  }
  const Finding* worst = WorstOf(topics);
  if (worst == nullptr || worst->severity != Severity::kBlocked) return;
  conditions.push_back(Make(api::condition_type::kStalled, api::ConditionStatus::kTrue,
                            worst->reason, TextOf(topics, Severity::kBlocked)));
}

// Both topics as one condition.
Topic Together(const Topic& a, const Topic& b) {
  Topic all = a;
  all.findings.insert(all.findings.end(), b.findings.begin(), b.findings.end());
  return all;
}

std::string NoteOf(const Topic& topic) {
  std::string note;
  for (const Finding& finding : topic.findings) note += "; " + Text(finding);
  return Shorten(note, 2048);
}

api::Condition ReadyCondition(const Draft& draft, const Topics& topics) {
  const Finding* worst = WorstOf(topics);
  if (worst == nullptr) {
    return Make(api::condition_type::kReady, api::ConditionStatus::kTrue,
                draft.spec.suspend ? reason::kSuspended : reason::kReplicating,
                fmt::format("{} of {} databases replicate{}{}", draft.spec.databases.size(),
                            draft.spec.databases.size(),
                            draft.spec.suspend ? "; suspended, nothing will be changed" : "",
                            NoteOf(draft.upkeep)));
  }
  const auto status = worst->severity == Severity::kUnknown ? api::ConditionStatus::kUnknown
                                                            : api::ConditionStatus::kFalse;
  const std::string text = TextOf(topics, worst->severity);
  if (!draft.spec.suspend) return Make(api::condition_type::kReady, status, worst->reason, text);
  const std::string_view prefix = text.starts_with("suspended; ") ? "" : "suspended; ";
  return Make(api::condition_type::kReady, status, reason::kSuspended,
              fmt::format("{}{}", prefix, text));
}

std::string InstanceText(const Draft& draft) {
  const std::string& name = draft.spec.managed_instance.name;
  if (draft.seen.instance == nullptr || draft.seen.sql == nullptr) return {};
  const std::string& there = draft.seen.instance->instance.collation;
  const std::string& here = draft.seen.sql->properties.collation;
  if (SameName(there, here)) return fmt::format("managed instance {} is ready", name);
  return fmt::format(
      "managed instance {} is ready; its collation {} differs from SQL Server's {}, "
      "which makes names compare differently",
      name, there, here);
}

void Finish(const Draft& draft, Plan& plan) {
  plan.status.observed_generation = draft.seen.link->meta.generation;
  for (api::Condition& condition : plan.status.conditions) {
    condition.observed_generation = draft.seen.link->meta.generation;
  }
}

}  // namespace

void Summarize(const Draft& draft, Plan& plan) {
  api::ManagedInstanceLinkStatus& status = plan.status;
  const Topics topics = AllTopics(draft);
  status.primary = PrimaryOfAll(draft);
  SummarizeDatabases(draft, status);
  status.trust = TrustOf(draft);
  status.phase = draft.spec.suspend ? "Suspended" : PhaseOf(WorstOf(topics));
  const auto add = [&](const Topic& topic, const std::string& text) {
    status.conditions.push_back(ToCondition(topic, reason::kSucceeded, text));
  };
  add(draft.replica, fmt::format("replica {} is ready", draft.spec.replica));
  add(draft.instance, InstanceText(draft));
  add(draft.authorized, draft.authorized_text);
  add(draft.network, draft.network_test ? draft.network_test->message : "");
  add(draft.trust, "each side holds the other's certificate" + NoteOf(draft.renewal));
  add(Together(draft.prepared, draft.upkeep), "the databases can be linked");
  add(draft.groups, "the availability groups exist");
  add(draft.link, "the links are established");
  add(draft.synchronized, "all changes flow to the managed instance");
  status.conditions.push_back(SplitBrainCondition(draft, status.primary));
  status.conditions.push_back(ReadyCondition(draft, topics));
  AddKstatus(draft, topics, status.conditions);
  Finish(draft, plan);
}

void SummarizeDeletion(const Draft& draft, const Topic& deletion, Plan& plan) {
  api::ManagedInstanceLinkStatus& status = plan.status;
  const Finding* worst = deletion.Worst();
  // What was reported last stays, but for what the deletion itself says.
  status.primary = draft.stored.primary;
  status.databases = draft.stored.databases;
  if (draft.stored.summary) status.summary.emplace().databases = draft.stored.summary->databases;
  status.trust = draft.stored.trust;
  status.phase =
      worst != nullptr && worst->severity == Severity::kBlocked ? "DeletionBlocked" : "Unlinking";
  for (const api::Condition& condition : draft.stored.conditions) {
    if (condition.type != api::condition_type::kReady &&
        condition.type != api::condition_type::kReconciling &&
        condition.type != api::condition_type::kStalled) {
      status.conditions.push_back(condition);
    }
  }
  status.conditions.push_back(
      Make(api::condition_type::kReady, api::ConditionStatus::kFalse,
           worst == nullptr ? reason::kUnlinking : worst->reason,
           worst == nullptr ? "unlinked" : TextOf({&deletion}, worst->severity)));
  AddKstatus(draft, {&deletion}, status.conditions);
  Finish(draft, plan);
}

}  // namespace milink::link
