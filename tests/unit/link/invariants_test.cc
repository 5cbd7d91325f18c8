// What holds for every plan, over thousands of worlds made at random.
#include <algorithm>

#include <gtest/gtest.h>

#include "controllers/link/reasons.h"
#include "core/api/codec.h"
#include "core/api/condition.h"
#include "tests/unit/link/model_world.h"

namespace milink::link {
namespace {

using gen::ModelWorld;

constexpr int kWorlds = 2'000;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(MakeSeededRandom(seed)) {}

  bool OneIn(int n) { return Pick(n) == 0; }
  int Pick(int n) { return static_cast<int>(random_->Bits() % static_cast<std::uint64_t>(n)); }
  std::string Of(const std::vector<std::string>& texts) {
    return texts.at(static_cast<std::size_t>(Pick(static_cast<int>(texts.size()))));
  }

 private:
  std::unique_ptr<Random> random_;
};

void DamageSpec(Dice& dice, ModelWorld& world) {
  auto& spec = world.link.spec;
  spec.deletion_policy =
      dice.OneIn(2) ? api::DeletionPolicy::kRetain : api::DeletionPolicy::kUnlink;
  spec.suspend = dice.OneIn(6);
  spec.preparation.set_full_recovery = dice.OneIn(2);
  spec.preparation.migrate_tde_certificates = dice.OneIn(2);
  spec.preparation.make_initial_backup = dice.OneIn(2);
  spec.preparation.replace_instance_certificate = dice.OneIn(2);
  spec.preparation.initial_backup_path = dice.Of({"", "/backup", "C:\\backup"});
  if (dice.OneIn(8)) spec.databases.pop_back();
  if (dice.OneIn(12)) spec.primary = "ManagedInstance";
  if (dice.OneIn(4)) world.link.meta.deletion_time = world.now;
  if (dice.OneIn(12)) world.link.meta.finalizers.clear();
  if (dice.OneIn(10)) world.link.meta.annotations[api::kAbandonAnnotation] = "true";
}

void DamageSql(Dice& dice, ModelWorld& world) {
  for (auto& database : world.sql.databases) {
    database.state = dice.Of({"ONLINE", "ONLINE", "ONLINE", "RESTORING", ""});
    database.recovery_model = dice.Of({"FULL", "FULL", "SIMPLE", ""});
    database.read_only = dice.OneIn(8);
    database.log_chain_started = !dice.OneIn(3);
    if (dice.OneIn(10)) gen::Encrypt(world.sql, database.name.str());
    if (dice.OneIn(20)) database.encrypted = !database.encrypted;
  }
  for (auto& group : world.sql.groups) {
    for (auto& member : group.replicas) {
      if (dice.OneIn(5)) member.role = dice.Of({"PRIMARY", "SECONDARY", "RESOLVING", ""});
      if (dice.OneIn(4)) member.connected_state = dice.Of({"CONNECTED", "DISCONNECTED", ""});
      if (dice.OneIn(12)) member.endpoint_url = "tcp://elsewhere:5022;Server=[x]";
      if (dice.OneIn(12)) member.local = !member.local;
    }
    if (dice.OneIn(15)) group.replicas.clear();
    if (dice.OneIn(15)) group.distributed = !group.distributed;
    if (dice.OneIn(15)) group.group_id = "another";
  }
  if (dice.OneIn(6) && !world.sql.groups.empty()) world.sql.groups.pop_back();
  if (dice.OneIn(6)) world.sql.database_states.clear();
  if (dice.OneIn(8)) world.sql.databases.clear();
  if (dice.OneIn(8)) world.sql.files.clear();
  if (dice.OneIn(8)) world.sql.endpoints.clear();
  if (dice.OneIn(6)) world.sql.certificates.resize(1);
  for (auto& certificate : world.sql.certificates) {
    if (dice.OneIn(8)) certificate.thumbprint = "another";
    if (dice.OneIn(8)) certificate.private_key = dice.Of({"NA", "MK", ""});
    if (dice.OneIn(20)) certificate.name = CertificateName("by hand");
  }
  if (dice.OneIn(10)) world.sql.properties.product_version = dice.Of({"", "x", "17.0.1.2"});
}

void DamageInstance(Dice& dice, ModelWorld& world) {
  for (auto& link : world.instance.links) {
    if (dice.OneIn(5)) link.instance_role = dice.Of({"Primary", "Secondary", ""});
    if (dice.OneIn(10)) link.partner_group = GroupName("AG_theirs");
    if (dice.OneIn(8)) link.databases.clear();
    if (dice.OneIn(8)) link.partner_endpoint.clear();
  }
  if (dice.OneIn(5) && !world.instance.links.empty()) world.instance.links.pop_back();
  if (dice.OneIn(8)) world.instance.trust_certificates.clear();
  if (dice.OneIn(8)) world.instance.endpoint_certificate.reset();
  if (dice.OneIn(8)) world.instance.permissions.clear();
  for (const auto part : {azure::InstancePart::kLinks, azure::InstancePart::kTrustCertificates,
                          azure::InstancePart::kEndpointCertificate,
                          azure::InstancePart::kDatabaseNames, azure::InstancePart::kPermissions}) {
    if (dice.OneIn(10)) gen::Hide(world.instance, part);
  }
  if (dice.OneIn(8)) world.instance.instance.state = dice.Of({"Stopped", ""});
  if (dice.OneIn(8)) world.instance.instance.fqdn.clear();
}

void DamageJournal(Dice& dice, ModelWorld& world) {
  auto& status = world.link.status;
  for (auto& entry : status.owned_objects) {
    if (dice.OneIn(5)) entry.identity = dice.Of({"", "another"});
    if (dice.OneIn(5)) entry.state = api::OwnedState::kPending;
  }
  if (dice.OneIn(5) && !status.owned_objects.empty()) status.owned_objects.pop_back();
  for (auto& record : status.records) {
    record.established = !dice.OneIn(3);
    if (dice.OneIn(6)) record.accepted_primary = dice.Of({"", "ManagedInstance", "nonsense"});
    if (!dice.OneIn(4)) continue;
    record.operation = api::ManagedInstanceLinkStatus::Operation{
        "Azure", dice.Of({"CreateLink", "DeleteLink", "nonsense"}), "DAG_" + record.name.str(),
        dice.Of({"", "https://arm/op"}), std::nullopt};
    if (dice.OneIn(2)) record.operation->start_time = world.now - std::chrono::seconds(60);
  }
  if (dice.OneIn(8)) status.records.clear();
}

struct Generated {
  ModelWorld world{{"sales", "hr"}};
  Observation seen;
};

// Every state of a life: from nothing to replicating, and through the unlinking.
std::vector<ModelWorld> Stages() {
  std::vector<ModelWorld> stages;
  ModelWorld world({"sales", "hr"});
  for (int pass = 0; pass < 40 && !world.gone; ++pass) {
    stages.push_back(world);
    if (pass == 20) {
      world.link.spec.deletion_policy = api::DeletionPolicy::kUnlink;
      world.link.meta.deletion_time = world.now;
    }
    world.Pass();
    world.Wait(std::chrono::seconds(20));
  }
  return stages;
}

// Somewhere on the way, then damaged.
Generated Generate(std::uint64_t seed) {
  static const std::vector<ModelWorld> stages = Stages();
  Dice dice(seed);
  const auto stage = static_cast<std::size_t>(dice.Pick(static_cast<int>(stages.size())));
  Generated made{.world = stages[stage], .seen = {}};
  ModelWorld& world = made.world;
  if (dice.OneIn(2)) world.Restart();
  if (dice.OneIn(2)) DamageSpec(dice, world);
  if (dice.OneIn(2)) DamageSql(dice, world);
  if (dice.OneIn(2)) DamageInstance(dice, world);
  if (dice.OneIn(2)) DamageJournal(dice, world);
  made.seen = world.Observe();
  if (dice.OneIn(10)) made.seen.sql = nullptr;
  if (dice.OneIn(10)) made.seen.replica = nullptr;
  if (dice.OneIn(10)) {
    made.seen.instance = nullptr;
    const ErrorKind kind = dice.OneIn(2) ? ErrorKind::kNotFound : ErrorKind::kUnauthorized;
    if (dice.OneIn(2)) made.seen.instance_error = Error{kind, "Reason", "text", ""};
  }
  return made;
}

// Does the spec hold the consent that the step names?
bool Permitted(const Step& step, const api::ManagedInstanceLink& link) {
  const std::string_view field = PermittedBy(step);
  if (field == "preparation.setFullRecovery") return link.spec.preparation.set_full_recovery;
  if (field == "preparation.initialBackup.policy") {
    return link.spec.preparation.make_initial_backup;
  }
  if (field == "preparation.tdeCertificates") {
    return link.spec.preparation.migrate_tde_certificates;
  }
  if (field == "preparation.replaceInstanceCertificate") {
    return link.spec.preparation.replace_instance_certificate;
  }
  if (field == "deletionPolicy") return link.spec.deletion_policy == api::DeletionPolicy::kUnlink;
  return field.empty();
}

bool InStoredJournal(const api::ManagedInstanceLink& link, const ObjectRef& ref) {
  for (const auto& entry : link.status.owned_objects) {
    if (entry.side == ref.side && entry.kind == ref.kind && entry.name == ref.name) {
      return entry.state == api::OwnedState::kPending;
    }
  }
  return false;
}

void CheckStep(const Step& step, const Observation& seen) {
  SCOPED_TRACE(Describe(step));
  const api::ManagedInstanceLink& link = *seen.link;
  EXPECT_FALSE(link.spec.suspend);
  EXPECT_TRUE(Permitted(step, link));
  EXPECT_NE(ClassOf(step), StepClass::kRoleChange);
  if (ClassOf(step) == StepClass::kAlter || ClassOf(step) == StepClass::kDrop) {
    EXPECT_FALSE(PermittedBy(step).empty());
  }
  if (const auto entry = EntryOf(step); entry.has_value()) {
    EXPECT_TRUE(InStoredJournal(link, *entry));
  }
  if (ClassOf(step) == StepClass::kDrop) {
    const bool leaving =
        std::none_of(link.spec.databases.begin(), link.spec.databases.end(),
                     [&](const auto& names) { return names.name == DatabaseOf(step); });
    EXPECT_TRUE(link.meta.deletion_time.has_value() || leaving);
  }
  if (!IsAzureStep(step)) {
    EXPECT_NE(seen.sql, nullptr);
  }
  if (IsAzureStep(step)) {
    EXPECT_NE(seen.instance, nullptr);
  }
  // What may not be seen is neither absent nor nobody's: nothing is made, nothing taken away.
  if (seen.instance != nullptr && ClassOf(step) != StepClass::kAlter) {
    EXPECT_TRUE(seen.Shows(azure::InstancePart::kLinks));
  }
  if (std::holds_alternative<UploadCertificate>(step) ||
      std::holds_alternative<DeleteTrustCertificate>(step)) {
    EXPECT_TRUE(seen.Shows(azure::InstancePart::kTrustCertificates));
  }
  if (const auto* drop = std::get_if<DropCertificate>(&step)) {
    const sql::Certificate* there = seen.sql->FindCertificate(drop->name);
    ASSERT_NE(there, nullptr);
    EXPECT_EQ(there->thumbprint, drop->thumbprint);
    if (drop->foreign) {
      EXPECT_EQ(there->private_key, "NA");
    }
  }
  if (const auto* drop = std::get_if<DropGroup>(&step)) {
    const bool owned = std::any_of(
        link.status.owned_objects.begin(), link.status.owned_objects.end(), [&](const auto& entry) {
          return entry.state == api::OwnedState::kCreated && entry.identity == drop->group_id;
        });
    EXPECT_TRUE(owned);
  }
}

void CheckConditions(const Plan& plan, const Observation& seen) {
  std::set<std::string> types;
  for (const auto& condition : plan.status.conditions) {
    EXPECT_TRUE(types.insert(condition.type).second) << condition.type;
    EXPECT_FALSE(condition.reason.empty()) << condition.type;
  }
  EXPECT_FALSE(types.contains("Reconciling") && types.contains("Stalled"));
  const auto* ready = api::FindCondition(plan.status.conditions, "Ready");
  ASSERT_NE(ready, nullptr);
  if (seen.sql == nullptr || seen.instance == nullptr) {
    EXPECT_NE(ready->status, api::ConditionStatus::kTrue) << ready->message;
  }
}

// The journal forgets nothing of what may be there unseen, unless a person gives it up.
void CheckJournal(const Plan& plan, const Observation& seen) {
  if (seen.instance == nullptr || seen.Shows(azure::InstancePart::kTrustCertificates)) return;
  const auto count = [](const auto& journal) {
    return std::ranges::count_if(
        journal, [](const auto& entry) { return entry.kind == "TrustCertificate"; });
  };
  EXPECT_EQ(count(plan.status.owned_objects), count(seen.link->status.owned_objects));
}

TEST(Invariants, HoldInEveryWorld) {
  int with_steps = 0;
  for (std::uint64_t seed = 1; seed <= kWorlds; ++seed) {
    SCOPED_TRACE(seed);
    const Generated made = Generate(seed);
    const Plan plan = PlanLink(made.seen);
    const bool finished =
        made.seen.link->meta.deletion_time.has_value() && made.seen.link->meta.finalizers.empty();
    for (const Step& step : plan.steps) CheckStep(step, made.seen);
    if (!finished) CheckConditions(plan, made.seen);
    CheckJournal(plan, made.seen);
    if (plan.write_journal || plan.add_finalizer) {
      EXPECT_TRUE(plan.steps.empty());
    }
    with_steps += plan.steps.empty() ? 0 : 1;
    ASSERT_FALSE(testing::Test::HasFailure());
  }
  EXPECT_GT(with_steps, kWorlds / 20) << "the worlds are too broken to say anything";
}

TEST(Invariants, APlanIsAFunctionOfWhatIsSeen) {
  for (std::uint64_t seed = 1; seed <= kWorlds / 10; ++seed) {
    const Generated made = Generate(seed);
    const Plan first = PlanLink(made.seen);
    const Plan second = PlanLink(made.seen);
    EXPECT_EQ(first.steps, second.steps);
    EXPECT_EQ(first.status, second.status);
  }
}

TEST(Invariants, TheJournalComesToRestInAFewWrites) {
  for (std::uint64_t seed = 1; seed <= kWorlds; ++seed) {
    Generated made = Generate(seed);
    Plan plan = PlanLink(made.seen);
    int writes = 0;
    while (plan.write_journal && writes < 6) {
      api::ManagedInstanceLink link = *made.seen.link;
      NoteJournal(made.seen.facts, link.status, plan.status);
      link.status.owned_objects = plan.status.owned_objects;
      link.status.records = plan.status.records;
      link.status.network_test = plan.status.network_test;
      made.seen.link = std::make_shared<const api::ManagedInstanceLink>(link);
      plan = PlanLink(made.seen);
      ++writes;
    }
    ASSERT_FALSE(plan.write_journal) << "seed " << seed;
  }
}

// What one pass made, no later pass takes away again: not before a person asks for it.
TEST(Invariants, NoStepIsUndoneLater) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    ModelWorld world({"sales", "hr"});
    world.link.spec.preparation.migrate_tde_certificates = true;
    if (dice.OneIn(2)) gen::Encrypt(world.sql, "sales");
    if (dice.OneIn(2)) gen::Encrypt(world.sql, "hr");
    for (int pass = 0; pass < 40; ++pass) {
      if (dice.OneIn(10)) world.Restart();
      world.Pass(static_cast<std::size_t>(dice.Pick(3)));
      if (dice.OneIn(2)) world.Wait(std::chrono::seconds(20));
    }
    ASSERT_TRUE(world.Settle());
    std::map<std::string, int> times;
    for (const std::string& step : world.done) {
      EXPECT_FALSE(step.starts_with("drop") || step.starts_with("delete")) << step;
      ++times[step];
    }
    for (const auto& [step, count] : times) {
      // Asked for again after a restart: those that are harmless twice.
      const bool repeatable = step.starts_with("let ") || step.starts_with("upload ") ||
                              step.starts_with("export ") || step.starts_with("create link ");
      if (!repeatable) {
        EXPECT_EQ(count, 1) << step;
      }
    }
    EXPECT_EQ(world.link.status.summary->databases, "2/2");
  }
}

}  // namespace
}  // namespace milink::link
