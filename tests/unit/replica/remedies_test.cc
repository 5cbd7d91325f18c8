#include "controllers/replica/plan/remedies.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/sql/errors.h"
#include "tests/unit/replica/row.h"

namespace milink::replica {
namespace {

const CertificateName kServing("Cert_SQL1_endpoint");

Step CertificateCreation() { return CreateCertificate{kServing, "subject", {}, {}}; }
Step EndpointCreation() { return CreateEndpoint{EndpointName("e"), 5022, kServing}; }
Step EndpointAlteration() {
  sql::EndpointChange change;
  change.certificate = kServing;
  return AlterEndpoint{std::move(change)};
}

struct RemedyRow {
  const char* name;
  Step step;
  int number;
  std::vector<std::string> says;  // none: the server's words are enough
};

std::vector<RemedyRow> RemedyRows() {
  return {
      {"a key that the catalog calls usable and that does not open",
       CertificateCreation(),
       15581,
       {"OPEN MASTER KEY", "ADD ENCRYPTION BY SERVICE MASTER KEY"}},
      {"a decryption that fails at a certificate is not the Secret's fault",
       CertificateCreation(),
       15466,
       {"OPEN MASTER KEY"}},
      {"a certificate that the endpoint does not take",
       EndpointCreation(),
       28055,
       {"Cert_SQL1_endpoint", "clock (UTC)", "master key"}},
      {"the same at an endpoint that is altered",
       EndpointAlteration(),
       28055,
       {"Cert_SQL1_endpoint"}},
      {"a port that is taken",
       EndpointCreation(),
       26023,
       {"free port 5022", "spec.endpoint.port", "ALTER ENDPOINT"}},
      {"a port that is taken when the endpoint is started",
       EndpointAlteration(),
       26023,
       {"free its port", "ALTER ENDPOINT"}},
      {"a right that is missing", CertificateCreation(), 262, {"sysadmin", "Secret sql1-login"}},
      {"a certificate that serves something else",
       DropCertificate{kServing, "AB12"},
       15352,
       {"something else on the instance uses it"}},
      {"a wrong password", RepairMasterKey{}, 15313, {"another password than that in Secret"}},
      {"a password that is too weak",
       CreateMasterKey{},
       15118,
       {"put a longer password", "Secret sql1-dmk"}},
      {"no password is blamed where none was sent", CertificateCreation(), 15313, {}},
      {"what only time helps", EndpointCreation(), 1205, {}},
  };
}

TEST(ReplicaRemedies, ARefusalIsFollowedByWhatHelps) {
  const auto replica = testing::WithMasterKeySecret();
  for (const auto& row : RemedyRows()) {
    SCOPED_TRACE(row.name);
    const FailedStep failed{row.step, sql::ErrorOf({{row.number, 16, "words"}}, "'DDL'")};
    const std::string remedy = RemedyOf(failed, replica);
    EXPECT_EQ(remedy.empty(), row.says.empty()) << remedy;
    for (const auto& part : row.says) {
      EXPECT_NE(remedy.find(part), std::string::npos) << remedy;
    }
  }
}

TEST(ReplicaRemedies, TheConditionTellsThem) {
  const auto observed = testing::Refused(
      testing::Changed([](auto& seen) {
        seen.certificates.clear();
        seen.endpoints.clear();
      }),
      sql::ErrorOf({{15581, 16, "Please create a master key in the database"}}, "'DDL'"));
  const auto condition = testing::ConditionOf(PlanReplica(observed), "CertificateReady");
  EXPECT_EQ(condition.reason, "MasterKeyRequired");
  EXPECT_NE(condition.message.find("OPEN MASTER KEY"), std::string::npos) << condition.message;
}

TEST(ReplicaRemedies, SoDoesADeletionThatIsBlocked) {
  auto replica = testing::Replica();
  replica.spec.deletion_policy = "RemoveOwned";
  replica.meta.deletion_time = testing::Now();
  replica.status.owned_objects = {
      {kSqlServerSide, kCertificateKind, kServing.str(), "AB12", api::OwnedState::kCreated}};
  auto instance = testing::PreparedInstance();
  instance.endpoints.clear();
  const auto observed =
      testing::Refused(testing::Observe(replica, instance),
                       sql::ErrorOf({{15352, 16, "The certificate cannot be dropped"}}, "'DDL'"));
  const auto ready = testing::ConditionOf(PlanReplica(observed), "Ready");
  EXPECT_EQ(ready.reason, "DeletionBlocked");
  EXPECT_NE(ready.message.find("something else on the instance"), std::string::npos);
}

}  // namespace
}  // namespace milink::replica
