#include "controllers/link/reasons.h"
#include "core/api/codec.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::kTrue;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

std::vector<Row> DeletionRows() {
  return {
      {"Unlink without SQL Server is blocked and says how to get out",
       [](Scene& s) {
         s.Established();
         s.sql_unreachable = true;
         s.Delete("Unlink");
       },
       type::kStalled,
       kTrue,
       reason::kDeletionBlocked,
       "milink.dev/abandon",
       {}},
      {"Unlink while the address leads to another server is blocked and names it",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.AddressLeadsElsewhere();
         s.Delete("Unlink");
       },
       type::kStalled,
       kTrue,
       reason::kDeletionBlocked,
       "sql1.corp.example leads to instance SQL9 instead of SQL1",
       {}},
      {"Unlink while another server of the name answers is blocked",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.AddressLeadsElsewhere();
         s.world.sql.properties.server_name = "SQL1";
         s.world.sql.properties.service_master_key_guid = "KEY-9";
         s.Delete("Unlink");
       },
       type::kStalled,
       kTrue,
       reason::kDeletionBlocked,
       "another server of the name SQL1",
       {}},
      {"Unlink before it is known which server answers is blocked",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.world.replica.status.identity.reset();
         s.world.sql.groups.clear();
         s.Delete("Unlink");
       },
       type::kStalled,
       kTrue,
       reason::kDeletionBlocked,
       "it is not known yet which instance answers",
       {}},
      {"A database that left the spec is not unlinked while another server answers",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.world.link.spec.databases = {gen::Names("hr")};
         s.world.link.spec.deletion_policy = api::DeletionPolicy::kUnlink;
         s.AddressLeadsElsewhere();
       },
       type::kLinkEstablished,
       kFalse,
       reason::kWaiting,
       "sales: cannot be unlinked now: SQL Server of replica sql1 cannot be read: ",
       {}},
      {"Unlink without Azure is blocked",
       [](Scene& s) {
         s.Established();
         s.instance_error = Error{ErrorKind::kTransient, "Unreachable", "no route", ""};
         s.Delete("Unlink");
       },
       type::kStalled,
       kTrue,
       reason::kDeletionBlocked,
       "no route",
       {}},
      {"Unlink without the right to see links is blocked and names it",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.Hide(azure::InstancePart::kLinks);
         s.Delete("Unlink");
       },
       type::kStalled,
       kTrue,
       reason::kDeletionBlocked,
       "Microsoft.Sql/managedInstances/distributedAvailabilityGroups/read",
       {}},
      {"Unlink without the right to see the certificate that we uploaded is blocked",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.Hide(azure::InstancePart::kTrustCertificates);
         s.Delete("Unlink");
       },
       type::kStalled,
       kTrue,
       reason::kDeletionBlocked,
       "Microsoft.Sql/managedInstances/serverTrustCertificates/read",
       {}},
      {"All rights that a deletion lacks are named at once",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.Hide(azure::InstancePart::kTrustCertificates);
         s.Hide(azure::InstancePart::kLinks);
         s.Delete("Unlink");
       },
       type::kStalled,
       kTrue,
       reason::kDeletionBlocked,
       "distributedAvailabilityGroups/read'); managed instance sqlmi1 does not show the "
       "certificates",
       {}},
      {"A deletion needs no right to see certificates that others uploaded",
       [](Scene& s) {
         s.Established();
         s.world.instance.links.clear();
         s.Hide(azure::InstancePart::kTrustCertificates);
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "DAG_sales",
       {"drop distributed availability group DAG_sales"}},
      {"A database that left the spec is not unlinked while its link is hidden",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.world.link.spec.databases = {gen::Names("hr")};
         s.world.link.spec.deletion_policy = api::DeletionPolicy::kUnlink;
         s.Hide(azure::InstancePart::kLinks);
       },
       type::kLinkEstablished,
       gen::kUnknown,
       reason::kActionsMissing,
       "sales: cannot be unlinked now: managed instance sqlmi1 does not show its links",
       {}},
      {"A subscription that is out of sight blocks a deletion",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.instance_error = Error{ErrorKind::kNotFound, "SubscriptionNotFound", "not found", ""};
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kDeletionBlocked,
       "(SubscriptionNotFound: not found); correct spec.managedInstance.subscriptionId",
       {}},
      {"A 404 of something below the instance blocks a deletion",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.instance_error = Error{ErrorKind::kNotFound, "ResourceNotFound", "not found", ""};
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kDeletionBlocked,
       "404 (ResourceNotFound: not found), which does not say that the instance is gone",
       {}},
      {"When the instance itself is gone only SQL Server is cleaned",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.instance_error = Error{ErrorKind::kNotFound, "ManagedInstanceNotFound", "404", ""};
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "DAG_sales",
       {"drop distributed availability group DAG_sales"}},
  };
}

class PlanTeardownTable : public testing::TestWithParam<Row> {};

TEST_P(PlanTeardownTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanTeardownTable, testing::ValuesIn(DeletionRows()), gen::CaseName);

TEST(PlanTeardown, DeletingWhileSuspendedActsAsRetain) {
  Scene scene;
  scene.Established();
  scene.world.link.spec.suspend = true;
  scene.Delete("Unlink");
  const Plan plan = PlanLink(scene.Observe());
  EXPECT_TRUE(plan.remove_finalizer);
  EXPECT_TRUE(plan.steps.empty());
}

TEST(PlanTeardown, ADeletionThatMayNotSeeIsAbandonedLikeAnyOther) {
  Scene scene;
  scene.Established();
  scene.OwnAll();
  scene.Hide(azure::InstancePart::kLinks);
  scene.Hide(azure::InstancePart::kTrustCertificates);
  scene.Delete("Unlink");
  EXPECT_FALSE(PlanLink(scene.Observe()).remove_finalizer);
  scene.world.link.meta.annotations[api::kAbandonAnnotation] = "true";
  EXPECT_TRUE(PlanLink(scene.Observe()).remove_finalizer);
}

TEST(PlanTeardown, AnAbandonedDeletionEndsWithoutAnySystem) {
  Scene scene;
  scene.Established();
  scene.sql_unreachable = true;
  scene.instance_unread = true;
  scene.world.link.meta.annotations[api::kAbandonAnnotation] = "true";
  scene.Delete("Unlink");
  EXPECT_TRUE(PlanLink(scene.Observe()).remove_finalizer);
}

TEST(PlanTeardown, AnObjectThatWasNeverLookedAtIsDeletedAtOnce) {
  Scene scene;
  scene.replica_missing = true;
  scene.instance_unread = true;
  scene.Delete("Unlink");
  EXPECT_TRUE(PlanLink(scene.Observe()).remove_finalizer);
}

}  // namespace
}  // namespace milink::link
