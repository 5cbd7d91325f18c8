#include "controllers/replica/plan/removal.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controllers/replica/plan/plan.h"
#include "controllers/replica/reasons.h"
#include "tests/unit/replica/row.h"

namespace milink::replica {
namespace {

using testing::ConditionOf;
using testing::kTrue;
using testing::Now;
using testing::Observe;
using testing::PreparedInstance;
using testing::Replica;

constexpr char kEndpointName[] = "database_mirroring_endpoint";
constexpr char kDropEndpoint[] = "drop mirroring endpoint database_mirroring_endpoint";
constexpr char kDropCertificate[] = "drop certificate Cert_SQL1_endpoint";

// All on the instance was made by the operator, and the replica is being deleted.
struct Leaving {
  api::SqlServerReplica replica = Replica();
  sql::InstanceSnapshot sql = PreparedInstance();
  std::optional<Error> sql_error;
  std::optional<Error> refusal;  // of the next step
  int links = 0;

  Leaving() {
    replica.meta.deletion_time = Now();
    replica.spec.deletion_policy = "RemoveOwned";
    Own(kMasterKeyKind, kMasterKeyName, "", api::OwnedState::kCreated);
    Own(kCertificateKind, "Cert_SQL1_endpoint", "AB12", api::OwnedState::kCreated);
    Own(kEndpointKind, kEndpointName, "65536", api::OwnedState::kCreated);
  }
  void Own(const char* kind, const std::string& name, const std::string& identity,
           api::OwnedState state) {
    replica.status.owned_objects.push_back({kSqlServerSide, kind, name, identity, state});
  }
  api::OwnedObject& Entry(std::size_t index) { return replica.status.owned_objects.at(index); }
  Plan Decide() const {
    Observation observed = Observe(replica, sql);
    observed.links = links;
    if (sql_error) {
      observed.sql = nullptr;
      observed.sql_error = sql_error;
    }
    if (refusal) {
      observed.failed = FailedStep{PlanReplica(observed).steps.at(0), *refusal};
    }
    return PlanReplica(observed);
  }
};

struct RemovalRow {
  std::string name;
  std::function<void(Leaving&)> change;
  std::string step;    // beginning of its description; empty: none
  bool gone = false;   // the object may go
  std::string reason;  // of Ready; for !gone
  std::string says = "";
};

class RemovalTable : public ::testing::TestWithParam<RemovalRow> {};

TEST_P(RemovalTable, AnswersAsTheSentenceSays) {
  Leaving leaving;
  GetParam().change(leaving);
  const Plan plan = leaving.Decide();
  EXPECT_EQ(
      plan.steps.empty() ? "" : Describe(plan.steps.front()).substr(0, GetParam().step.size()),
      GetParam().step);
  EXPECT_EQ(plan.remove_finalizer, GetParam().gone);
  if (!GetParam().gone) {
    const auto ready = ConditionOf(plan, kReady);
    EXPECT_EQ(ready.reason, GetParam().reason);
    EXPECT_NE(ready.message.find(GetParam().says), std::string::npos) << ready.message;
    EXPECT_EQ(ConditionOf(plan, kStalled).status == kTrue,
              GetParam().reason == reason::kDeletionBlocked);
  }
}

std::vector<RemovalRow> RemovalRows() {
  const auto retains = [](const std::string& name, std::function<void(Leaving&)> change) {
    return RemovalRow{name, std::move(change), "", true, ""};
  };
  const auto blocked = [](const std::string& name, std::function<void(Leaving&)> change,
                          const std::string& says) {
    return RemovalRow{name, std::move(change), "", false, reason::kDeletionBlocked, says};
  };
  return {
      {"the endpoint goes first", [](Leaving&) {}, kDropEndpoint, false, reason::kRemoving},
      {"then the certificate", [](Leaving& l) { l.sql.endpoints.clear(); }, kDropCertificate, false,
       reason::kRemoving},
      retains("the master key stays",
              [](Leaving& l) {
                l.replica.status.owned_objects.resize(1);
                l.sql.endpoints.clear();
                l.sql.certificates.clear();
              }),
      {"it stays until the journal knows what is gone",
       [](Leaving& l) {
         l.sql.endpoints.clear();
         l.sql.certificates.clear();
       },
       "", false, reason::kRemoving},
      {"links are served first", [](Leaving& l) { l.links = 1; }, "", false, reason::kStillInUse},
      retains("Retain leaves all in place",
              [](Leaving& l) { l.replica.spec.deletion_policy = "Retain"; }),
      retains("a suspended replica leaves all in place",
              [](Leaving& l) { l.replica.spec.suspend = true; }),
      retains("a replica that only observes leaves all in place",
              [](Leaving& l) { l.replica.spec.mode = "Observe"; }),
      retains("an abandoned replica needs no instance",
              [](Leaving& l) {
                l.replica.meta.annotations[api::kAbandonAnnotation] = "true";
                l.sql_error = Error{ErrorKind::kTransient, "ServerUnreachable", "down", ""};
              }),
      retains("what somebody else made stays",
              [](Leaving& l) { l.replica.status.owned_objects.clear(); }),
      retains("who made only the master key needs no instance",
              [](Leaving& l) {
                l.replica.status.owned_objects.resize(1);
                l.sql_error = Error{ErrorKind::kTransient, "ServerUnreachable", "down", ""};
              }),
      retains("what may be somebody else's stays",
              [](Leaving& l) {
                l.Entry(1).state = api::OwnedState::kPending;
                l.Entry(2).state = api::OwnedState::kPending;
              }),
      retains("another endpoint of the name stays, and the certificate that it uses",
              [](Leaving& l) { l.Entry(2).identity = "65999"; }),
      {"another certificate of the name stays",
       [](Leaving& l) {
         l.Entry(1).identity = "EE";
         l.Own(kCertificateKind, "Cert_SQL1_endpoint_2", "CD34", api::OwnedState::kCreated);
         auto next = testing::EndpointCertificate();
         next.name = CertificateName("Cert_SQL1_endpoint_2");
         next.thumbprint = "CD34";
         l.sql.certificates.push_back(next);
         l.sql.endpoints.clear();
       },
       "drop certificate Cert_SQL1_endpoint_2", false, reason::kRemoving},
      retains("what an availability group uses stays",
              [](Leaving& l) { l.sql.groups.emplace_back().name = GroupName("AG_sales"); }),
      blocked(
          "an instance that cannot be read holds the deletion",
          [](Leaving& l) {
            l.sql_error = Error{ErrorKind::kTransient, "ServerUnreachable", "no answer", ""};
          },
          "no answer"),
      blocked(
          "on another instance nothing is removed",
          [](Leaving& l) { l.sql.properties.server_name = "SQL9"; }, "SQL9"),
      blocked(
          "a login that cannot see all removes nothing",
          [](Leaving& l) { l.sql.properties.sysadmin = false; }, "sysadmin"),
      {"a refusal is told, and tried again",
       [](Leaving& l) {
         l.refusal = Error{ErrorKind::kUnauthorized, "PermissionDenied", "not allowed", ""};
       },
       kDropEndpoint, false, reason::kDeletionBlocked, "not allowed"},
  };
}

INSTANTIATE_TEST_SUITE_P(, RemovalTable, ::testing::ValuesIn(RemovalRows()), [](const auto& info) {
  std::string name;
  for (const char c : info.param.name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  }
  return name;
});

TEST(RemovalTest, WhatIsGoneIsTakenOutOfTheJournal) {
  Leaving leaving;
  leaving.sql.endpoints.clear();
  std::vector<std::string> kinds;
  for (const auto& entry : leaving.Decide().status.owned_objects) kinds.push_back(entry.kind);
  EXPECT_EQ(kinds, (std::vector<std::string>{kMasterKeyKind, kCertificateKind}));
}

}  // namespace
}  // namespace milink::replica
