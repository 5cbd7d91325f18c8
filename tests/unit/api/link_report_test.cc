#include "core/api/link_report.h"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "tests/gen/objects.h"
#include "tests/gen/statuses.h"

namespace milink::api {
namespace {

using Status = ManagedInstanceLinkStatus;

ManagedInstanceLink Reported() {
  ManagedInstanceLink link = gen::Link("sales");
  link.status = gen::FullLinkStatus();
  link.meta.generation = link.status.observed_generation;
  return link;
}

TEST(DigestOfReport, ChangesWithWhatIsReported) {
  const struct {
    const char* name;
    std::function<void(Status&)> change;
  } kRows[] = {
      {"the generation", [](Status& s) { ++s.observed_generation; }},
      {"a message", [](Status& s) { s.conditions.at(0).message += "x"; }},
      {"a condition's status",
       [](Status& s) { s.conditions.at(0).status = ConditionStatus::kUnknown; }},
      {"one condition less", [](Status& s) { s.conditions.pop_back(); }},
      {"the phase", [](Status& s) { s.phase += "x"; }},
      {"a database", [](Status& s) { s.databases.at(0).lag = "<1h"; }},
      {"a text that moved to the next field",
       [](Status& s) {
         s.databases.at(0).phase = {};
         s.databases.at(0).availability_group = "Seeding" + s.databases.at(0).availability_group;
       }},
      {"a backup", [](Status& s) { s.databases.at(0).last_full_backup_time.reset(); }},
      {"a seeding that ended", [](Status& s) { s.databases.at(0).seeding_percent.reset(); }},
      {"a summary", [](Status& s) { s.summary->seeding = "3%"; }},
      {"the trust", [](Status& s) { s.trust.reset(); }},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    Status changed = gen::FullLinkStatus();
    row.change(changed);
    EXPECT_NE(DigestOfReport(changed), DigestOfReport(gen::FullLinkStatus()));
  }
}

TEST(DigestOfReport, IsTheSameWhateverTheTransitionTimesAndTheJournal) {
  Status other = gen::FullLinkStatus();
  other.conditions.at(0).last_transition += std::chrono::hours(1);
  // The API server keeps whole seconds.
  *other.databases.at(0).last_full_backup_time += std::chrono::milliseconds(20);
  other.records.clear();
  other.owned_objects.clear();
  EXPECT_EQ(DigestOfReport(other), DigestOfReport(gen::FullLinkStatus()));
}

TEST(ForgetReport, LeavesTheDigestTheJournalTheTrustAndWhatMetricsShow) {
  ManagedInstanceLink link = Reported();
  link.status.conditions = {
      {.type = "Ready", .status = ConditionStatus::kTrue, .reason = "Replicating", .message = "m"},
      {.type = "SplitBrain", .status = ConditionStatus::kFalse, .reason = "OnePrimary"},
      {.type = "TrustEstablished", .status = ConditionStatus::kTrue, .reason = "Succeeded"}};
  const Status whole = link.status;
  ForgetReport(link);
  EXPECT_EQ(link.report_digest, DigestOfReport(whole));
  const Status left{.observed_generation = whole.observed_generation,
                    .conditions = {{.type = "Ready", .status = ConditionStatus::kTrue}},
                    .phase = whole.phase,
                    .primary = whole.primary,
                    .trust = whole.trust,
                    .owned_objects = whole.owned_objects,
                    .records = whole.records,
                    .network_test = whole.network_test};
  EXPECT_EQ(link.status, left);
}

TEST(ForgetReport, LeavesALinkThatHasNoReportYetAsItIs) {
  ManagedInstanceLink link = Reported();
  link.status.conditions.clear();
  const Status before = link.status;
  ForgetReport(link);
  EXPECT_EQ(link.status, before);
  EXPECT_FALSE(link.report_digest.has_value());
}

TEST(ForgetReport, LeavesALinkWhoseNextReportIsDueAsItIs) {
  ManagedInstanceLink link = Reported();
  ++link.meta.generation;
  ForgetReport(link);
  EXPECT_EQ(link.status, gen::FullLinkStatus());
  EXPECT_FALSE(link.report_digest.has_value());
}

TEST(ForgetReport, LeavesALinkThatIsBeingDeletedAsItIs) {
  ManagedInstanceLink link = Reported();
  link.meta.deletion_time = TimePoint();
  ForgetReport(link);
  EXPECT_EQ(link.status, gen::FullLinkStatus());
  EXPECT_FALSE(link.report_digest.has_value());
}

}  // namespace
}  // namespace milink::api
