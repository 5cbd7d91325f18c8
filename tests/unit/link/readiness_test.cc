#include "controllers/link/reasons.h"
#include "core/api/error_reasons.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::kTrue;
using gen::kUnknown;
using gen::Row;
using gen::Scene;
using Part = azure::InstancePart;
namespace type = api::condition_type;

std::vector<Row> ReadinessRows() {
  return {
      {"A replica that does not exist is waited for",
       [](Scene& s) { s.replica_missing = true; },
       type::kReplicaReady,
       kFalse,
       reason::kReplicaNotFound,
       "create it",
       {}},
      {"A replica in another shard is another operator's business",
       [](Scene& s) {
         s.replica_missing = true;
         s.replica_shard = "blue";
       },
       type::kReplicaReady,
       kFalse,
       reason::kReplicaNotInShard,
       "is in shard blue",
       {}},
      {"Whether a replica exists is unknown while the API server does not tell",
       [](Scene& s) {
         s.replica_missing = true;
         s.replica_error = Error{ErrorKind::kTransient, "ServerUnreachable", "no answer", ""};
       },
       type::kReplicaReady,
       kUnknown,
       "ServerUnreachable",
       "cannot be told whether SqlServerReplica sql1 exists: no answer",
       {}},
      {"A replica without a shard is not in ours",
       [](Scene& s) {
         s.replica_missing = true;
         s.replica_shard = "";
       },
       type::kStalled,
       kTrue,
       reason::kReplicaNotInShard,
       "is in no shard",
       {}},
      {"A replica that is not ready is waited for with its own words",
       [](Scene& s) {
         s.world.replica.status.conditions = {
             {"Ready", kFalse, "LoginFailed", "login sa was refused", 1, gen::Start()}};
       },
       type::kReplicaReady,
       kFalse,
       reason::kReplicaNotReady,
       "login sa was refused",
       {}},
      {"A replica whose newest spec was not looked at is not ready",
       [](Scene& s) { s.world.replica.meta.generation = 2; },
       type::kReplicaReady,
       kFalse,
       reason::kReplicaNotReady,
       "newest spec",
       {}},
      {"An unreachable SQL Server is unknown and not absent",
       [](Scene& s) {
         s.Established();
         s.sql_unreachable = true;
       },
       type::kReplicaReady,
       kUnknown,
       reason::kReplicaUnreachable,
       "cannot be read",
       {}},
      {"A server that the replica does not stand for is not looked at",
       [](Scene& s) {
         s.Established();
         s.AddressLeadsElsewhere();
       },
       type::kReplicaReady,
       kFalse,
       reason::kDifferentInstance,
       "sql1.corp.example leads to instance SQL9 instead of SQL1; correct the address",
       {}},
      {"A replica that does not know its server yet is waited for",
       [](Scene& s) { s.world.replica.status.identity.reset(); },
       type::kReplicaReady,
       kFalse,
       reason::kReplicaNotReady,
       "it is not known yet which instance answers",
       {}},
      {"An unreachable SQL Server does not make an established link lost",
       [](Scene& s) {
         s.Established();
         s.sql_unreachable = true;
       },
       type::kReady,
       kUnknown,
       reason::kReplicaUnreachable,
       "",
       {}},
      {"A deleting replica gets nothing new",
       [](Scene& s) {
         s.Trust();
         s.world.replica.meta.deletion_time = s.world.now;
       },
       type::kReplicaReady,
       kFalse,
       reason::kReplicaDeleting,
       "nothing new",
       {}},
      {"An instance that was not read yet is unknown",
       [](Scene& s) { s.instance_unread = true; },
       type::kManagedInstanceReady,
       kUnknown,
       reason::kManagedInstanceNotRead,
       "not been read",
       {}},
      {"An instance that does not exist is said to be missing",
       [](Scene& s) {
         s.instance_error = Error{ErrorKind::kNotFound, "ManagedInstanceNotFound", "404", ""};
       },
       type::kManagedInstanceReady,
       kFalse,
       reason::kManagedInstanceNotFound,
       "sqlmi1",
       {}},
      {"A subscription that is out of sight says nothing of the instance in it",
       [](Scene& s) {
         s.instance_error = Error{ErrorKind::kNotFound, "SubscriptionNotFound",
                                  "The requested subscription was not found.", ""};
       },
       type::kManagedInstanceReady,
       kUnknown,
       reason::kManagedInstanceUnreachable,
       "to this identity (SubscriptionNotFound: The requested subscription was not found.); "
       "correct spec.managedInstance.subscriptionId",
       {}},
      {"A 404 of somebody on the way says nothing of the instance",
       [](Scene& s) {
         s.instance_error =
             Error{ErrorKind::kNotFound, "HttpStatus404", "Azure answered HTTP 404", ""};
       },
       type::kManagedInstanceReady,
       kUnknown,
       reason::kManagedInstanceUnreachable,
       "404 (HttpStatus404: Azure answered HTTP 404), which does not say that the instance is gone",
       {}},
      {"An instance that cannot be reached is unknown",
       [](Scene& s) {
         s.instance_error = Error{ErrorKind::kTransient, "Unreachable", "no route", ""};
       },
       type::kManagedInstanceReady,
       kUnknown,
       reason::kManagedInstanceUnreachable,
       "no route",
       {}},
      {"A refused identity is an authorization problem",
       [](Scene& s) {
         s.instance_error =
             Error{ErrorKind::kUnauthorized, "AuthorizationFailed", "403 for client x", ""};
       },
       type::kAzureAuthorized,
       kFalse,
       reason::kAuthorizationFailed,
       "403 for client x",
       {}},
      {"A refused sign-in is shown in Azure's own words",
       [](Scene& s) {
         s.instance_error =
             Error{ErrorKind::kUnauthorized, "CredentialExpired", "AADSTS7000222: ended", ""};
       },
       type::kAzureAuthorized,
       kFalse,
       reason::kCredentialExpired,
       "AADSTS7000222",
       {}},
      {"A federated credential that is not known yet is waited for",
       [](Scene& s) {
         s.instance_error =
             Error{ErrorKind::kTransient, "CredentialPending", "AADSTS70021: no match", ""};
       },
       type::kAzureAuthorized,
       kFalse,
       reason::kCredentialPending,
       "AADSTS70021",
       {}},
      {"A missing Secret stalls and is named",
       [](Scene& s) {
         s.instance_error = Error{ErrorKind::kInvalid, "SecretNotFound", "Secret a/b", ""};
       },
       type::kStalled,
       kTrue,
       reason::kSecretNotFound,
       "Secret a/b",
       {}},
      {"A sign-in that does not answer is no verdict",
       [](Scene& s) {
         s.instance_error = Error{ErrorKind::kTransient, "TokenServiceFailed", "503", ""};
       },
       type::kAzureAuthorized,
       kUnknown,
       reason::kTokenServiceFailed,
       "503",
       {}},
      {"An identity that the link may not have is refused",
       [](Scene& s) {
         s.instance_error = Error{ErrorKind::kUnauthorized, "IdentityNotAllowed", "not here", ""};
       },
       type::kAzureAuthorized,
       kFalse,
       reason::kIdentityNotAllowed,
       "not here",
       {}},
      {"Missing rights are named and stop everything",
       [](Scene& s) {
         s.Trust();
         s.world.instance.permissions = {
             {{"*"}, {"Microsoft.Sql/managedInstances/distributedAvailabilityGroups/write"}}};
       },
       type::kAzureAuthorized,
       kFalse,
       reason::kActionsMissing,
       "distributedAvailabilityGroups/write; grant them",
       {}},
      {"A suspended link needs no right to change anything",
       [](Scene& s) {
         s.world.link.spec.suspend = true;
         s.world.instance.permissions = {{{"*/read"}, {}}};
       },
       type::kAzureAuthorized,
       kTrue,
       reason::kSucceeded,
       "has the rights",
       {}},
      {"A link that is to be removed one day needs the right to it now",
       [](Scene& s) {
         s.Trust();
         s.world.link.spec.deletion_policy = api::DeletionPolicy::kUnlink;
         s.world.instance.permissions = {
             {{"*"}, {"Microsoft.Sql/managedInstances/distributedAvailabilityGroups/delete"}}};
       },
       type::kAzureAuthorized,
       kFalse,
       reason::kActionsMissing,
       "distributedAvailabilityGroups/delete",
       {}},
      {"What Azure's documentation alone asks for is advice",
       [](Scene& s) {
         s.Established();
         s.world.instance.permissions = {{{"*"}, {"Microsoft.Sql/managedInstances/hybridLink/*"}}};
       },
       type::kAzureAuthorized,
       kTrue,
       reason::kSucceeded,
       "only if a request is refused: Microsoft.Sql/managedInstances/hybridLink/read",
       {}},
      {"A part that is refused although the rights allow it is told with the right it takes",
       [](Scene& s) {
         s.Established();
         s.Hide(Part::kDatabaseNames);
       },
       type::kAzureAuthorized,
       kFalse,
       reason::kActionsMissing,
       "does not show its databases without the right Microsoft.Sql/managedInstances/databases/"
       "read (client c1 may not",
       {}},
      {"Who may not list his rights is told so",
       [](Scene& s) {
         s.Established();
         s.Hide(Part::kPermissions);
       },
       type::kAzureAuthorized,
       kTrue,
       reason::kSucceeded,
       "may not list its rights (Microsoft.Authorization/permissions/read)",
       {}},
      {"Who may not list his rights keeps a link in order",
       [](Scene& s) {
         s.Established();
         s.Hide(Part::kPermissions);
       },
       type::kReady,
       kTrue,
       reason::kReplicating,
       "",
       {}},
      {"Who may not list his rights makes links until a request is refused",
       [](Scene& s) {
         s.Distributed();
         s.Hide(Part::kPermissions);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kCreatingLink,
       "",
       {"create link DAG_sales on the managed instance for database sales"}},
      {"A stopped instance is waited for",
       [](Scene& s) { s.world.instance.instance.state = "Stopped"; },
       type::kManagedInstanceReady,
       kFalse,
       reason::kManagedInstanceNotReady,
       "Stopped",
       {}},
      {"An instance with an older format than SQL Server is refused",
       [](Scene& s) { s.world.sql.properties.product_version = "17.0.1000.7"; },
       type::kManagedInstanceReady,
       kFalse,
       reason::kInstanceFormatTooOld,
       "SQLServer2022",
       {}},
      {"An always up to date instance takes every version",
       [](Scene& s) {
         s.Established();
         s.world.sql.properties.product_version = "17.0.1000.7";
         s.world.instance.instance.database_format = "AlwaysUpToDate";
       },
       type::kManagedInstanceReady,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
  };
}

class PlanReadinessTable : public testing::TestWithParam<Row> {};

TEST_P(PlanReadinessTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanReadinessTable, testing::ValuesIn(ReadinessRows()), gen::CaseName);

TEST(PlanReadiness, ARefusedPartThatTheRightsNameIsToldOnce) {
  Scene scene;
  scene.Established();
  scene.world.instance.permissions = {
      {{"*"}, {"Microsoft.Sql/managedInstances/distributedAvailabilityGroups/read"}}};
  scene.Hide(Part::kLinks);
  const Plan plan = scene.Decide();
  const auto* told = api::FindCondition(plan.status.conditions, type::kAzureAuthorized);
  EXPECT_EQ(told->message,
            "the identity lacks these rights on managed instance sqlmi1: "
            "Microsoft.Sql/managedInstances/distributedAvailabilityGroups/read; grant them, for "
            "example with the role SQL Managed Instance Contributor");
}

TEST(PlanReadiness, AReplicaThatCannotBeReadIsNotCalledAbsent) {
  Scene scene;
  scene.replica_missing = true;
  Observation seen = scene.Observe();
  seen.undecodable = {"SqlServerReplica sql1"};
  const Plan plan = PlanLink(seen);
  const auto* found = api::FindCondition(plan.status.conditions, type::kReplicaReady);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->reason, reason::kUndecodable);
}

}  // namespace
}  // namespace milink::link
