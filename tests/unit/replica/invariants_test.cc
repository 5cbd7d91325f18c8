// What holds for every plan, over thousands of worlds made at random.
#include <algorithm>

#include "controllers/replica/reasons.h"
#include "core/api/codec.h"
#include "core/base/random.h"
#include "tests/unit/replica/row.h"

namespace milink::replica {
namespace {

using testing::ConditionOf;
using testing::FreshInstance;
using testing::kTrue;
using testing::Now;
using testing::Observe;
using testing::PreparedInstance;
using testing::Replica;
using testing::WithMasterKeySecret;

// Any mixture of what an instance can be.
Observation Generated(Random& random) {
  const auto pick = [&](std::initializer_list<const char*> values) {
    return std::string(
        *(values.begin() + static_cast<std::ptrdiff_t>(random.Bits() % values.size())));
  };
  const auto coin = [&] { return random.Bits() % 2 == 0; };
  auto snapshot = coin() ? PreparedInstance() : FreshInstance();
  if (coin()) {  // else all is well but the endpoint
    snapshot.properties.product_version =
        pick({"16.0.4125.3", "13.0.7000.253", "15.0.2155.2", "", "x.y"});
    snapshot.properties.server_name = pick({"SQL1", "SQL1", "SQL1", "OTHER", ""});
    snapshot.properties.engine_edition = coin() ? 3 : static_cast<int>(random.Bits() % 9);
    snapshot.properties.hadr_enabled = random.Bits() % 4 != 0;
    snapshot.properties.sysadmin = random.Bits() % 4 != 0;
    snapshot.master_key = {coin(), coin()};
    for (auto& certificate : snapshot.certificates) {
      certificate.private_key = pick({"MK", "MK", "NA", ""});
      certificate.name = CertificateName(pick({"Cert_SQL1_endpoint", "other"}));
    }
  }
  for (auto& endpoint : snapshot.endpoints) {
    endpoint.state = pick({"STARTED", "STOPPED", "DISABLED"});
    endpoint.authentication =
        pick({"CERTIFICATE", "NEGOTIATE", "KERBEROS", "NTLM, CERTIFICATE", ""});
    endpoint.certificate = endpoint.authentication.find("CERTIFICATE") == std::string::npos
                               ? CertificateName()
                               : CertificateName(pick({"Cert_SQL1_endpoint", "gone"}));
    endpoint.encryption = pick({"AES", "RC4", "NONE, AES", "RC4, AES"});
    endpoint.ip_address = pick({"", "10.0.0.4"});
    endpoint.role = pick({"ALL", "PARTNER", "WITNESS"});
  }
  snapshot.properties.trace_flags = coin() ? std::vector{1800, 9567} : std::vector<int>{};
  auto replica = coin() ? Replica() : WithMasterKeySecret();
  replica.spec.endpoint.adoption = pick({"AsIs", "Alter"});
  replica.spec.trace_flags = pick({"Warn", "Require", "Enable", "Ignore"});
  replica.spec.suspend = random.Bits() % 8 == 0;
  replica.spec.mode = pick({"Manage", "Manage", "Manage", "Plan", "Observe"});
  if (random.Bits() % 8 == 0) {
    replica.meta.deletion_time = Now();
  }
  auto observed = Observe(std::move(replica), std::move(snapshot));
  observed.links = static_cast<int>(random.Bits() % 2);
  if (random.Bits() % 8 == 0) {
    observed.sql = nullptr;
  }
  if (coin()) {  // and what it may ask for is approved
    replica = *observed.replica;
    if (const auto plan = PlanReplica(observed).status.plan) {
      replica.meta.annotations[api::kApprovePlanAnnotation] = plan->hash;
    }
    observed.replica = std::make_shared<const api::SqlServerReplica>(std::move(replica));
  }
  return observed;
}

TEST(ReplicaInvariants, HoldInGeneratedStates) {
  const auto random = MakeSeededRandom(42);
  int with_steps = 0;
  int alterations = 0;
  int approved = 0;
  for (int i = 0; i < 4'000; ++i) {
    const Observation observed = Generated(*random);
    const Plan plan = PlanReplica(observed);
    with_steps += plan.steps.empty() ? 0 : 1;
    alterations +=
        !plan.steps.empty() && std::holds_alternative<AlterEndpoint>(plan.steps.front()) ? 1 : 0;
    const bool ready = ConditionOf(plan, kReady).status == kTrue;
    ASSERT_LE(plan.steps.size(), 1U);
    // Ready means that there is nothing left to do.
    ASSERT_FALSE(ready && !plan.steps.empty());
    // Nothing is changed without knowledge, against the spec, or on another instance.
    if (observed.sql == nullptr || observed.replica->spec.suspend ||
        observed.replica->spec.mode == "Observe" || observed.replica->meta.deletion_time ||
        observed.sql->properties.server_name != "SQL1" || !observed.sql->properties.sysadmin) {
      ASSERT_TRUE(plan.steps.empty());
    }
    // With mode Plan nothing is done but what was approved, and that is journalled.
    if (observed.replica->spec.mode == "Plan" && !plan.steps.empty()) {
      ++approved;
      ASSERT_FALSE(observed.replica->meta.annotations.empty());
      ASSERT_TRUE(plan.status.approval);
      ASSERT_EQ(std::ranges::count(plan.status.approval->steps, Describe(plan.steps.front())), 1);
    }
    // Nothing that exists is made again.
    for (const auto& step : plan.steps) {
      ASSERT_FALSE(std::holds_alternative<CreateMasterKey>(step) &&
                   observed.sql->master_key.exists);
      ASSERT_FALSE(std::holds_alternative<CreateEndpoint>(step) &&
                   !observed.sql->endpoints.empty());
      // Nothing is altered without the field that permits it.
      ASSERT_FALSE(std::holds_alternative<EnableTraceFlags>(step) &&
                   observed.replica->spec.trace_flags != "Enable");
      if (const auto* alter = std::get_if<AlterEndpoint>(&step)) {
        const auto& seen = observed.sql->endpoints.front();
        ASSERT_EQ(observed.replica->spec.endpoint.adoption, "Alter");
        ASSERT_EQ(alter->change.port, seen.port);
        ASSERT_EQ(alter->change.role, seen.role);
        // What partners authenticate and encrypt with stays.
        ASSERT_TRUE(seen.certificate.empty() || alter->change.certificate == seen.certificate);
        ASSERT_NE(alter->change.encryption.find(seen.encryption), std::string::npos);
        ASSERT_TRUE(seen.authentication.find("CERTIFICATE") != std::string::npos
                        ? alter->change.authentication == seen.authentication
                        : alter->change.authentication.starts_with("NEGOTIATE"));
      }
      ASSERT_FALSE(std::holds_alternative<RepairMasterKey>(step) &&
                   !observed.replica->spec.master_key_password);
    }
    ASSERT_FALSE(api::FindCondition(plan.status.conditions, kStalled) != nullptr &&
                 api::FindCondition(plan.status.conditions, kReconciling) != nullptr);
    // Planning the same again changes nothing.
    auto replica = *observed.replica;
    replica.status = plan.status;
    auto again = observed;
    again.replica = std::make_shared<const api::SqlServerReplica>(replica);
    const Plan second = PlanReplica(again);
    ASSERT_EQ(second.steps, plan.steps);
    ASSERT_EQ(second.status.owned_objects, plan.status.owned_objects);
    ASSERT_EQ(second.status.approval, plan.status.approval);
  }
  EXPECT_GT(alterations, 10) << "no endpoint is altered";
  EXPECT_GT(approved, 10) << "no plan is approved";
  EXPECT_GT(with_steps, 10) << "the generator no longer reaches the states that matter";
}

}  // namespace
}  // namespace milink::replica
