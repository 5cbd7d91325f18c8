#include "controllers/link/reasons.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

std::vector<Row> TrustTeardownRows() {
  return {
      {"At last the certificates go",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.world.instance.links.clear();
         s.world.sql.groups.clear();
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "certificate",
       {"drop certificate sqlmi1.73d19f36a420a.database.windows.net from SQL Server",
        "delete certificate Cert_SQL1_endpoint from the managed instance"}},
      {"A running deletion of a certificate is waited for",
       [](Scene& s) {
         s.Established();
         s.Own("ManagedInstance", "TrustCertificate", gen::kSqlCertificate, gen::kSqlThumbprint);
         s.world.instance.links.clear();
         s.world.sql.groups.clear();
         s.world.facts.operations["DeleteTrustCertificate/Cert_SQL1_endpoint"].poll_url =
             "https://op";
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "is deleting certificate",
       {}},
      {"Why nobody knows how far the removal of a certificate is stands beside it",
       [](Scene& s) {
         s.Established();
         s.Own("ManagedInstance", "TrustCertificate", gen::kSqlCertificate, gen::kSqlThumbprint);
         s.world.instance.links.clear();
         s.world.sql.groups.clear();
         s.Unread("DeleteTrustCertificate/Cert_SQL1_endpoint");
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "Cert_SQL1_endpoint; how far it is cannot be read",
       {}},
  };
}

class PlanTrustTeardownTable : public testing::TestWithParam<Row> {};

TEST_P(PlanTrustTeardownTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanTrustTeardownTable, testing::ValuesIn(TrustTeardownRows()),
                         gen::CaseName);

TEST(PlanTrustTeardown, CertificatesThatAnotherLinkUsesStay) {
  Scene scene;
  scene.Established();
  scene.OwnAll();
  scene.world.instance.links.clear();
  scene.world.sql.groups.clear();
  scene.OtherLink("hr", std::chrono::seconds(60));
  scene.Delete("Unlink");
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_TRUE(plan.remove_finalizer);
  EXPECT_NE(plan.notes.at(0).message.find("ManagedInstanceLink other uses it"), std::string::npos);
}

// Unknown is not absent.
TEST(PlanTrustTeardown, CertificatesStayWhileALinkThatMayUseThemCannotBeRead) {
  Scene scene;
  scene.Established();
  scene.OwnAll();
  scene.world.instance.links.clear();
  scene.world.sql.groups.clear();
  scene.Delete("Unlink");
  Observation seen = scene.Observe();
  seen.undecodable = {"ManagedInstanceLink newer"};
  const Plan plan = PlanLink(seen);
  EXPECT_TRUE(plan.steps.empty());
  ASSERT_EQ(plan.notes.size(), 3U);
  EXPECT_NE(plan.notes[0].message.find("ManagedInstanceLink newer may use it"), std::string::npos);
  EXPECT_NE(plan.notes[1].message.find("ManagedInstanceLink newer may use it"), std::string::npos);
}

TEST(PlanTrustTeardown, ALinkOfAnotherSqlServerOnTheInstanceDoesNotHoldTheCertificate) {
  Scene scene;
  scene.Established();
  scene.OwnAll();
  scene.world.instance.links.clear();
  scene.world.instance.links.push_back(gen::AzureLink("other"));
  scene.link().partner_endpoint = "tcp://10.9.9.9:5022";
  scene.world.sql.groups.clear();
  scene.Delete("Unlink");
  EXPECT_EQ(scene.Decide().steps.size(), 2U);
}

struct KeptRow {
  const char* name;
  std::function<void(Scene&)> arrange;
  const char* why;
};

// All links are gone; something else stands in the way of one certificate.
std::vector<KeptRow> KeptRows() {
  return {
      {"a certificate that may not be ours",
       [](Scene& s) { s.world.link.status.owned_objects.at(0).state = api::OwnedState::kPending; },
       "not certain that the operator made it"},
      {"other bytes under the name",
       [](Scene& s) { s.world.link.status.owned_objects.at(0).identity = "EE"; },
       "not certain that the operator made it"},
      {"another distributed group with the instance",
       [](Scene& s) {
         s.world.sql.groups.push_back(gen::DistributedGroup("DAG_hr", "AG_hr", "AG_hr_MI"));
       },
       "distributed availability group DAG_hr uses it"},
      {"another link of ours on the replica",
       [](Scene& s) { s.OtherLink("hr", std::chrono::seconds(60)); },
       "ManagedInstanceLink other uses it"},
  };
}

TEST(PlanTrustTeardown, LeavesOnSqlServerWhatIsNotOursAlone) {
  for (const KeptRow& row : KeptRows()) {
    SCOPED_TRACE(row.name);
    Scene scene;
    scene.Established();
    scene.Own("SqlServer", "Certificate", gen::kFqdn, gen::kInstanceThumbprint);
    scene.world.instance.links.clear();
    scene.world.sql.groups.clear();
    row.arrange(scene);
    scene.Delete("Unlink");
    const Plan plan = scene.Decide();
    EXPECT_TRUE(plan.steps.empty());
    EXPECT_TRUE(plan.remove_finalizer);
    ASSERT_FALSE(plan.notes.empty());
    EXPECT_NE(plan.notes[0].message.find(row.why), std::string::npos) << plan.notes[0].message;
  }
}

TEST(PlanTrustTeardown, ALinkOfAnotherReplicaHoldsNothing) {
  Scene scene;
  scene.Established();
  scene.Own("SqlServer", "Certificate", gen::kFqdn, gen::kInstanceThumbprint);
  scene.world.instance.links.clear();
  scene.world.sql.groups.clear();
  scene.OtherLink("hr", std::chrono::seconds(60), "sql2");
  scene.Delete("Unlink");
  EXPECT_EQ(scene.Decide().steps.size(), 1U);
}

// A root vouches for every instance, so a link with any of them needs it.
TEST(PlanTrustTeardown, ARootStaysWhileAnyInstanceIsLinked) {
  Scene scene;
  scene.Established();
  scene.Own("SqlServer", "Certificate", "MicrosoftPKI", gen::Roots().front().thumbprint);
  scene.world.instance.links.clear();
  auto elsewhere = gen::DistributedGroup("DAG_hr", "AG_hr", "AG_hr_MI");
  elsewhere.replicas.at(1).endpoint_url =
      "tcp://mi2.0123456789ab.database.windows.net:5022;Server=[mi2]";
  scene.world.sql.groups = {elsewhere};
  scene.Delete("Unlink");
  EXPECT_TRUE(scene.Decide().steps.empty());
  scene.world.sql.groups.clear();
  EXPECT_EQ(scene.Decide().steps.size(), 1U);
}

// The file of authorities may have changed since.
TEST(PlanTrustTeardown, ARootThatIsNotListedAnyMoreStaysTooWhileAnyInstanceIsLinked) {
  Scene scene;
  scene.Established();
  scene.Own("SqlServer", "Certificate", "Former_Root_ABABABAB", "AB");
  scene.world.sql.certificates.back().name = CertificateName("Former_Root_ABABABAB");
  scene.world.sql.certificates.back().thumbprint = "AB";
  scene.world.instance.links.clear();
  auto elsewhere = gen::DistributedGroup("DAG_hr", "AG_hr", "AG_hr_MI");
  elsewhere.replicas.at(1).endpoint_url =
      "tcp://mi2.0123456789ab.database.windows.net:5022;Server=[mi2]";
  scene.world.sql.groups = {elsewhere};
  scene.Delete("Unlink");
  EXPECT_TRUE(scene.Decide().steps.empty());
}

TEST(PlanTrustTeardown, WithTheInstanceItsCertificatesAreGone) {
  Scene scene;
  scene.Established();
  scene.Own("ManagedInstance", "TrustCertificate", gen::kSqlCertificate, gen::kSqlThumbprint);
  scene.instance_error = Error{ErrorKind::kNotFound, "ManagedInstanceNotFound", "404", ""};
  scene.world.sql.groups.clear();
  scene.Delete("Unlink");
  EXPECT_TRUE(scene.Decide().remove_finalizer);
}

}  // namespace
}  // namespace milink::link
