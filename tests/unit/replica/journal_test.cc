#include "controllers/replica/plan/journal.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/replica/row.h"

namespace milink::replica {
namespace {

using testing::Observe;
using testing::PreparedInstance;
using testing::Replica;

constexpr auto kPending = api::OwnedState::kPending;
constexpr auto kCreated = api::OwnedState::kCreated;
const std::string kName = "database_mirroring_endpoint";
const Step kCreateEndpoint =
    CreateEndpoint{EndpointName(kName), 5022, CertificateName("Cert_SQL1_endpoint")};

api::OwnedObject Entry(const char* kind, const std::string& name, const std::string& identity,
                       api::OwnedState state) {
  return {kSqlServerSide, kind, name, identity, state};
}

struct JournalRow {
  std::string name;
  std::vector<api::OwnedObject> stored;
  std::set<std::string> confirmed;
  std::vector<Step> steps;
  std::vector<api::OwnedObject> wanted;
};

std::vector<JournalRow> JournalRows() {
  const auto pending = Entry(kEndpointKind, kName, "", kPending);
  return {
      {"an object is written down before it is made", {}, {}, {kCreateEndpoint}, {pending}},
      {"what an earlier process began is not ours by its name alone", {pending}, {}, {}, {pending}},
      {"an endpoint that this process made gets its identity",
       {pending},
       {"Endpoint/" + kName},
       {},
       {Entry(kEndpointKind, kName, "65536", kCreated)}},
      {"a certificate that this process made gets its thumbprint",
       {Entry(kCertificateKind, "Cert_SQL1_endpoint", "", kPending)},
       {"Certificate/Cert_SQL1_endpoint"},
       {},
       {Entry(kCertificateKind, "Cert_SQL1_endpoint", "AB12", kCreated)}},
      {"the master key has no identity of its own",
       {Entry(kMasterKeyKind, kMasterKeyName, "", kPending)},
       {std::string(kMasterKeyKind) + "/" + kMasterKeyName},
       {},
       {Entry(kMasterKeyKind, kMasterKeyName, "", kCreated)}},
      {"an object that cannot be seen yet stays pending",
       {Entry(kCertificateKind, "elsewhere", "", kPending)},
       {"Certificate/elsewhere"},
       {},
       {Entry(kCertificateKind, "elsewhere", "", kPending)}},
      {"an object of ours that is gone is kept in the journal",
       {Entry(kEndpointKind, "gone", "7", kCreated)},
       {},
       {},
       {Entry(kEndpointKind, "gone", "7", kCreated)}},
      {"what makes no object is not in the journal", {}, {}, {EnableTraceFlags{{1800}}}, {}},
      {"one that is made again is another object",
       {Entry(kEndpointKind, kName, "7", kCreated)},
       {},
       {kCreateEndpoint},
       {pending}},
  };
}

TEST(ReplicaJournal, KeepsWhatTheSentenceSays) {
  for (const auto& row : JournalRows()) {
    SCOPED_TRACE(row.name);
    auto replica = Replica();
    replica.status.owned_objects = row.stored;
    auto observed = Observe(replica, PreparedInstance());
    observed.confirmed = row.confirmed;
    EXPECT_EQ(WantedJournal(observed, row.steps), row.wanted);
  }
}

TEST(ReplicaJournal, OnlyACreatedObjectOfTheSameIdentityIsOurs) {
  const std::vector<api::OwnedObject> journal = {
      Entry(kEndpointKind, kName, "65536", kCreated),
      Entry(kCertificateKind, "Cert_SQL1_endpoint", "AB12", kPending)};
  EXPECT_TRUE(Owns(journal, kEndpointKind, kName, "65536"));
  EXPECT_FALSE(Owns(journal, kEndpointKind, kName, "65537"));
  EXPECT_FALSE(Owns(journal, kEndpointKind, "other", "65536"));
  EXPECT_FALSE(Owns(journal, kCertificateKind, "Cert_SQL1_endpoint", "AB12"));
}

TEST(ReplicaJournal, StatusTellsWhatIsOurs) {
  auto replica = Replica();
  const auto owned = [&] { return PlanReplica(Observe(replica, PreparedInstance())).status; };
  EXPECT_FALSE(owned().endpoint->owned);
  replica.status.owned_objects = {Entry(kEndpointKind, kName, "65536", kCreated)};
  EXPECT_TRUE(owned().endpoint->owned);
  EXPECT_FALSE(owned().certificate->owned);
}

struct IdentityRow {
  std::string name;
  std::function<void(sql::InstanceProperties&)> change;
  std::vector<std::string> same_instance;
  std::vector<std::string> left;  // kinds
};

std::vector<IdentityRow> IdentityRows() {
  return {
      {"the journal forgets what the instance lacks",
       [](sql::InstanceProperties&) {},
       {},
       {kMasterKeyKind}},
      {"what a server of another name lacks is not gone",
       [](sql::InstanceProperties& seen) { seen.server_name = "SQL9"; },
       {},
       {kMasterKeyKind, kCertificateKind, kEndpointKind}},
      {"nor what another server of the name lacks",
       [](sql::InstanceProperties& seen) { seen.service_master_key_guid = "KEY-9"; },
       {},
       {kMasterKeyKind, kCertificateKind, kEndpointKind}},
      {"nor what a server without a name lacks",
       [](sql::InstanceProperties& seen) { seen.server_name.clear(); },
       {},
       {kMasterKeyKind, kCertificateKind, kEndpointKind}},
      {"nor what an instance lacks that another resource stands for",
       [](sql::InstanceProperties&) {},
       {"prod/older"},
       {kMasterKeyKind, kCertificateKind, kEndpointKind}},
  };
}

// Everything was made by the operator, and nothing of it is on the instance that answers.
Plan PlanFor(const IdentityRow& row, bool deleting) {
  auto replica = Replica();
  replica.spec.deletion_policy = "RemoveOwned";
  replica.status.owned_objects = {Entry(kMasterKeyKind, kMasterKeyName, "", kCreated),
                                  Entry(kCertificateKind, "Cert_SQL1_endpoint", "AB12", kCreated),
                                  Entry(kEndpointKind, kName, "65536", kCreated)};
  if (deleting) {
    replica.meta.deletion_time = testing::Now();
  } else {
    replica.spec.mode = "Observe";  // so that nothing is made in its place
  }
  auto snapshot = testing::FreshInstance();
  snapshot.master_key = {true, true};
  row.change(snapshot.properties);
  Observation observed = Observe(replica, std::move(snapshot));
  observed.same_instance = row.same_instance;
  return PlanReplica(observed);
}

std::vector<std::string> KindsOf(const std::vector<api::OwnedObject>& journal) {
  std::vector<std::string> kinds;
  for (const auto& entry : journal) kinds.push_back(entry.kind);
  return kinds;
}

TEST(ReplicaJournal, AnotherInstanceTellsNothingOfOurObjects) {
  for (const auto& row : IdentityRows()) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(KindsOf(PlanFor(row, true).status.owned_objects), row.left);
    auto left = row.left;
    if (left.size() == 1) left.emplace_back(kEndpointKind);  // of which only a deletion is sure
    EXPECT_EQ(KindsOf(PlanFor(row, false).status.owned_objects), left);
  }
}

}  // namespace
}  // namespace milink::replica
