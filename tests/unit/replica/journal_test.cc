#include "controllers/replica/plan/journal.h"

#include <functional>

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

}  // namespace
}  // namespace milink::replica
