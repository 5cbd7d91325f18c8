#include "controllers/link/reasons.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::kTrue;
using gen::kUnknown;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

std::vector<Row> SummaryRows() {
  return {
      {"A suspended link tells what it would do and does nothing",
       [](Scene& s) {
         s.Trust();
         s.world.link.spec.suspend = true;
       },
       type::kReady,
       kFalse,
       reason::kSuspended,
       "would create availability group AG_sales",
       {}},
      {"Different collations are told and stop nothing",
       [](Scene& s) {
         s.Established();
         s.world.instance.instance.collation = "Latin1_General_100_BIN2";
       },
       type::kManagedInstanceReady,
       kTrue,
       reason::kSucceeded,
       "Latin1_General_100_BIN2",
       {}},
  };
}

class PlanSummaryTable : public testing::TestWithParam<Row> {};

TEST_P(PlanSummaryTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanSummaryTable, testing::ValuesIn(SummaryRows()), gen::CaseName);

const api::Condition& ConditionOf(const Plan& plan, const char* type) {
  static const api::Condition kNone;
  const auto* found = api::FindCondition(plan.status.conditions, type);
  return found == nullptr ? kNone : *found;
}

TEST(PlanSummary, ReadyTellsEveryCauseAndNoConsequence) {
  Scene scene;
  scene.Trust();
  scene.database().read_only = true;
  scene.files().log_files = 2;
  const Plan plan = scene.Decide();
  const std::string text = ConditionOf(plan, type::kReady).message;
  EXPECT_NE(text.find("read-only"), std::string::npos) << text;
  EXPECT_NE(text.find("2 log files"), std::string::npos) << text;
  EXPECT_EQ(text.find("waiting"), std::string::npos) << text;
}

TEST(PlanSummary, SomethingThatGoesOnIsReconcilingEvenBesideWhatIsStuck) {
  Scene scene;
  scene.world = gen::ModelWorld({"sales", "hr"});
  scene.Trust();
  scene.world.sql.databases.front().read_only = true;
  const Plan plan = scene.Decide();
  EXPECT_EQ(ConditionOf(plan, type::kReconciling).status, kTrue);
  EXPECT_EQ(ConditionOf(plan, type::kStalled).type, "");
}

TEST(PlanSummary, PercentAndDatabasesAreThoseOfAll) {
  Scene scene;
  scene.world = gen::ModelWorld({"sales", "hr", "crm"});
  for (const char* name : {"sales", "hr", "crm"}) {
    gen::Linked(scene.world.sql, scene.world.instance, name);
  }
  gen::Trust(scene.world.sql, scene.world.instance, scene.world.facts);
  gen::Established(scene.world.link, "crm");
  scene.world.sql.database_states.back().lag_seconds = 90;
  for (const auto& [name, bytes] : {std::pair{"sales", 40}, std::pair{"hr", 20}}) {
    sql::Seeding seeding;
    seeding.group_id = "id-of-DAG_" + std::string(name);
    seeding.database = DatabaseName(name);
    seeding.state = "SEEDING";
    seeding.database_bytes = 100;
    seeding.transferred_bytes = bytes;
    scene.world.sql.seedings.push_back(seeding);
    std::erase_if(scene.world.sql.database_states,
                  [&](const auto& state) { return state.database == seeding.database; });
  }
  const auto status = scene.Decide().status;
  EXPECT_EQ(status.summary->seeding, "30%");
  EXPECT_EQ(status.summary->databases, "1/3");
  EXPECT_EQ(status.summary->lag, "<5m");
  EXPECT_EQ(status.phase, "Seeding");
}

struct PrimaryRow {
  const char* name;
  std::function<void(Scene&)> arrange;
  const char* primary;
};

std::vector<PrimaryRow> PrimaryRows() {
  return {
      {"nothing is linked", [](Scene& s) { s.world.sql.groups.resize(0); }, "Unknown"},
      {"all on SQL Server", [](Scene&) {}, "SqlServer"},
      {"one side was not read", [](Scene& s) { s.instance_unread = true; }, "Unknown"},
      {"links that may not be seen", [](Scene& s) { s.Hide(azure::InstancePart::kLinks); },
       "Unknown"},
      {"one database elsewhere",
       [](Scene& s) {
         s.distributed().replicas.at(0).role = "SECONDARY";
         s.link().instance_role = "Primary";
       },
       "Mixed"},
      {"one database on both sides", [](Scene& s) { s.link().instance_role = "Primary"; }, "Both"},
      {"one database with a resolving role",
       [](Scene& s) { s.distributed().replicas.at(0).role = "RESOLVING"; }, "Unknown"},
  };
}

TEST(PlanSummary, ThePrimaryIsThatOfAllDatabases) {
  for (const PrimaryRow& row : PrimaryRows()) {
    SCOPED_TRACE(row.name);
    Scene scene;
    scene.world = gen::ModelWorld({"sales", "hr"});
    scene.Trust();
    gen::Linked(scene.world.sql, scene.world.instance, "sales");
    gen::Linked(scene.world.sql, scene.world.instance, "hr");
    row.arrange(scene);
    if (scene.world.sql.groups.empty()) scene.world.instance.links.clear();
    EXPECT_EQ(scene.Decide().status.primary, row.primary);
  }
}

TEST(PlanSummary, TrustNamesTheThumbprintsThatBothSidesHold) {
  Scene scene;
  scene.Established();
  scene.world.instance.trust_certificates.push_back({"of-another-server", "x", "FF"});
  const auto trust = scene.Decide().status.trust.value();
  EXPECT_EQ(trust.sql_thumbprints, std::vector<std::string>{gen::kSqlThumbprint});
  EXPECT_EQ(trust.managed_instance_thumbprint, gen::kInstanceThumbprint);
  EXPECT_EQ(trust.root_thumbprints.size(), 2U);
}

TEST(PlanSummary, WhatCannotBeReadIsNotForgotten) {
  Scene scene;
  scene.Established();
  scene.world.link.status.trust = scene.Decide().status.trust;
  scene.sql_unreachable = true;
  const Plan plan = scene.Decide();
  EXPECT_EQ(plan.status.trust, scene.world.link.status.trust);
  EXPECT_EQ(ConditionOf(plan, type::kSplitBrain).status, kUnknown);
}

TEST(PlanSummary, TrustThatMayNotBeSeenIsNotForgotten) {
  Scene scene;
  scene.Established();
  scene.world.link.status.trust = scene.Decide().status.trust;
  scene.Hide(azure::InstancePart::kTrustCertificates);
  EXPECT_EQ(scene.Decide().status.trust, scene.world.link.status.trust);
}

TEST(PlanSummary, ADeletionKeepsWhatWasReportedAndSaysWhatItWaitsFor) {
  Scene scene;
  scene.Established();
  scene.OwnAll();
  scene.world.link.status = scene.Decide().status;
  scene.Delete("Unlink");
  scene.world.link.meta.generation = 7;
  const Plan plan = scene.Decide();
  EXPECT_EQ(plan.status.phase, "Unlinking");
  EXPECT_EQ(plan.status.databases, scene.world.link.status.databases);
  EXPECT_EQ(ConditionOf(plan, type::kLinkEstablished).status, kTrue);
  EXPECT_EQ(ConditionOf(plan, type::kReady).status, kFalse);
  EXPECT_EQ(ConditionOf(plan, type::kReady).observed_generation, 7);
  scene.sql_unreachable = true;
  EXPECT_EQ(scene.Decide().status.phase, "DeletionBlocked");
}

}  // namespace
}  // namespace milink::link
