#include <utility>

#include "controllers/link/reasons.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::kTrue;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

constexpr char kNextName[] = "Cert_SQL1_endpoint_2";
constexpr char kNextThumbprint[] = "C9C9C9C9C9C9C9C9C9C9C9C9C9C9C9C9C9C9C9C9";

sql::Certificate NextOf(const Scene& s) {
  sql::Certificate next;
  next.name = CertificateName(kNextName);
  next.thumbprint = kNextThumbprint;
  next.der = "next-der";
  next.not_after = s.world.now + std::chrono::hours(24 * 700);
  return next;
}

// The replica has made its next certificate and tells so.
void MakeNext(Scene& s) {
  s.Established();
  s.world.sql.certificates.push_back(NextOf(s));
  api::SqlServerReplicaStatus::Certificate shown;
  shown.current = {.name = gen::kSqlCertificate, .thumbprint = gen::kSqlThumbprint};
  shown.next = {.name = kNextName, .thumbprint = kNextThumbprint};
  s.world.replica.status.certificate = std::move(shown);
}

// The endpoint shows it, and the instance holds both.
void Switch(Scene& s) {
  MakeNext(s);
  s.world.sql.endpoints.at(0).certificate = CertificateName(kNextName);
  s.world.replica.status.certificate->current = *s.world.replica.status.certificate->next;
  s.world.replica.status.certificate->next.reset();
  s.world.instance.trust_certificates.push_back({kNextName, "next-der", kNextThumbprint});
  s.Own("ManagedInstance", "TrustCertificate", gen::kSqlCertificate, gen::kSqlThumbprint);
  s.Own("ManagedInstance", "TrustCertificate", kNextName, kNextThumbprint);
}

std::vector<Row> UploadRows() {
  return {
      {"The replica's next certificate is uploaded while the link goes on",
       MakeNext,
       type::kReady,
       kTrue,
       reason::kReplicating,
       "",
       {"upload SQL Server's certificate to the managed instance as Cert_SQL1_endpoint_2"}},
      {"What becomes of the next certificate is told without failing anything",
       MakeNext,
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "going to upload",
       {"upload SQL Server's certificate to the managed instance as Cert_SQL1_endpoint_2"}},
      {"A next certificate whose name is taken is uploaded under another",
       [](Scene& s) {
         MakeNext(s);
         s.world.instance.trust_certificates.push_back({kNextName, "x", "EE"});
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {"upload SQL Server's certificate to the managed instance as "
        "Cert_SQL1_endpoint_2_C9C9C9C9"}},
      {"A next certificate that cannot be uploaded is told and fails nothing",
       [](Scene& s) {
         MakeNext(s);
         s.world.facts.failures[std::string("UploadCertificate/") + kNextName] = {
             {ErrorKind::kUnauthorized, "AuthorizationFailed", "no right to write", ""},
             1,
             s.world.now + std::chrono::minutes(1),
             1};
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "no right to write",
       {}},
      {"A next certificate that the server does not show yet is waited for",
       [](Scene& s) {
         MakeNext(s);
         s.world.sql.certificates.pop_back();
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"A suspended link uploads nothing",
       [](Scene& s) {
         MakeNext(s);
         s.world.link.spec.suspend = true;
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "suspended; would upload",
       {}},
      {"The certificate before goes once the endpoint shows the new one",
       Switch,
       type::kReady,
       kTrue,
       reason::kReplicating,
       "",
       {"delete certificate Cert_SQL1_endpoint from the managed instance"}},
      {"Why nobody knows how far its removal is stands beside it",
       [](Scene& s) {
         Switch(s);
         s.Unread(std::string("DeleteTrustCertificate/") + gen::kSqlCertificate);
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "deleting certificate Cert_SQL1_endpoint; how far it is cannot be read",
       {}},
      {"It stays while nobody can see who else uses it",
       [](Scene& s) {
         Switch(s);
         s.Hide(azure::InstancePart::kLinks);
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"Nothing is uploaded beside certificates that may not be seen",
       [](Scene& s) {
         MakeNext(s);
         s.Hide(azure::InstancePart::kTrustCertificates);
       },
       type::kTrustEstablished,
       gen::kUnknown,
       reason::kActionsMissing,
       "serverTrustCertificates/read",
       {}},
      {"It stays while the link is not connected",
       [](Scene& s) {
         Switch(s);
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"It stays while a link of the instance does not tell its partner",
       [](Scene& s) {
         Switch(s);
         s.world.instance.links.push_back(gen::AzureLink("theirs"));
         s.world.instance.links.back().partner_endpoint.clear();
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"It stays when somebody else uploaded it",
       [](Scene& s) {
         Switch(s);
         s.world.link.status.owned_objects.erase(s.world.link.status.owned_objects.begin());
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"It stays when it is not certain that we uploaded it",
       [](Scene& s) {
         Switch(s);
         s.world.link.status.owned_objects.front().state = api::OwnedState::kPending;
         s.world.link.status.owned_objects.front().identity.clear();
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"It stays when other bytes have its name now",
       [](Scene& s) {
         Switch(s);
         s.world.instance.trust_certificates.front().thumbprint = "EE";
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"It stays until the replica has seen its endpoint switched",
       [](Scene& s) {
         Switch(s);
         s.world.replica.status.certificate->current.thumbprint = gen::kSqlThumbprint;
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"It stays when it is the newer one, as after a change by hand",
       [](Scene& s) {
         Switch(s);
         const auto old = s.world.sql.FindCertificateByThumbprint(gen::kSqlThumbprint);
         ASSERT_NE(old, nullptr);
         for (auto& certificate : s.world.sql.certificates) {
           if (certificate.thumbprint == gen::kSqlThumbprint) {
             certificate.not_after = s.world.now + std::chrono::hours(24 * 900);
           }
         }
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
  };
}

class PlanUploadsTable : public testing::TestWithParam<Row> {};

TEST_P(PlanUploadsTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanUploadsTable, testing::ValuesIn(UploadRows()), gen::CaseName);

TEST(PlanUploads, TheCertificateBeforeStaysWhileAnotherReplicaShowsIt) {
  Scene scene;
  Switch(scene);
  Observation seen = scene.Observe();
  seen.used_elsewhere = {gen::kSqlThumbprint};
  EXPECT_TRUE(PlanLink(seen).steps.empty());
}

TEST(PlanUploads, TheCertificateBeforeStaysWhileAnObjectThatMayUseItCannotBeRead) {
  Scene scene;
  Switch(scene);
  Observation seen = scene.Observe();
  EXPECT_FALSE(PlanLink(seen).steps.empty());
  seen.undecodable = {"SqlServerReplica newer"};
  EXPECT_TRUE(PlanLink(seen).steps.empty());
}

TEST(PlanUploads, TheReportNamesBothCertificatesOnceTheInstanceHoldsThem) {
  Scene scene;
  MakeNext(scene);
  scene.world.instance.trust_certificates.push_back({kNextName, "next-der", kNextThumbprint});
  EXPECT_EQ(scene.Decide().status.trust->sql_thumbprints,
            (std::vector<std::string>{gen::kSqlThumbprint, kNextThumbprint}));
}

TEST(PlanUploads, WhatMayNotBeSeenStaysInTheJournal) {
  Scene scene;
  Switch(scene);
  scene.Hide(azure::InstancePart::kTrustCertificates);
  const Plan plan = PlanLink(scene.Observe());
  EXPECT_FALSE(plan.write_journal);
  EXPECT_EQ(plan.status.owned_objects, scene.world.link.status.owned_objects);
}

TEST(PlanUploads, WhatWasDeletedLeavesTheJournal) {
  Scene scene;
  Switch(scene);
  scene.world.instance.trust_certificates.erase(scene.world.instance.trust_certificates.begin());
  const Plan plan = PlanLink(scene.Observe());
  EXPECT_TRUE(plan.write_journal);
  ASSERT_EQ(plan.status.owned_objects.size(), 1U);
  EXPECT_EQ(plan.status.owned_objects.front().name, kNextName);
}

}  // namespace
}  // namespace milink::link
