// Mistakes in a ManagedInstanceLink, in its databases, or in the instance that it names.
#include "tests/e2e/bad_input.h"

namespace milink::e2e {
namespace {

using nlohmann::json;

constexpr char kLink[] = "ManagedInstanceLink";

json Link(Stack& stack, const std::string& name, const std::string& replica,
          const std::string& instance, const std::string& database, const json& preparation) {
  json manifest = stack.LinkManifest();
  manifest["metadata"]["name"] = name;
  json& spec = manifest["spec"];
  spec["sqlServerReplicaRef"]["name"] = replica;
  spec["managedInstance"]["name"] = instance;
  spec["databases"] = {{{"name", database}}};
  if (!preparation.is_null()) spec["preparation"] = preparation;
  return manifest;
}

}  // namespace

std::vector<Case> LinkCases() {
  return {
      {"The database is missing",
       kLink,
       "database-missing",
       "DatabasesPrepared",
       "False DatabaseNotFound",
       {"nothere", "SQL Server"}},
      {"Simple recovery, and it may not be changed",
       kLink,
       "recovery-simple",
       "DatabasesPrepared",
       "False NotFullRecovery",
       {"simple", "SIMPLE", "preparation.setFullRecovery"}},
      {"No backup, and none may be taken",
       kLink,
       "backup-missing",
       "DatabasesPrepared",
       "False NoFullBackup",
       {"fresh", "full backup", "preparation.initialBackup"}},
      {"The database is in another availability group",
       kLink,
       "database-grouped",
       "DatabasesPrepared",
       "False InOtherAvailabilityGroup",
       {"grouped", "AG_elsewhere", "availabilityGroup: AG_elsewhere"}},
      {"The managed instance does not exist",
       kLink,
       "instance-missing",
       "ManagedInstanceReady",
       "False ManagedInstanceNotFound",
       {"sqlmi-none", "rg-sql", "spec.managedInstance"}},
      {"The identity may not even read the instance",
       kLink,
       "rights-none",
       "AzureAuthorized",
       "False AuthorizationFailed",
       {"sqlmi-forbidden", "Microsoft.Sql/managedInstances/read"}},
      {"The identity may only read",
       kLink,
       "rights-few",
       "AzureAuthorized",
       "False ActionsMissing",
       {"sqlmi-readonly", "distributedAvailabilityGroups/write",
        "SQL Managed Instance Contributor"}},
      {"The group's name is taken by a group with another database",
       kLink,
       "group-taken",
       "AvailabilityGroupsReady",
       "False AvailabilityGroupDiffers",
       {"AG_sales", "other", "availabilityGroup"}},
      {"The instance's certificate name holds other bytes",
       kLink,
       "certificate-taken",
       "TrustEstablished",
       "False InstanceCertificateDiffers",
       {"sqlmi2.", "thumbprint", "DROP CERTIFICATE"}},
      {"The distributed group's name is taken",
       kLink,
       "distributed-taken",
       "AvailabilityGroupsReady",
       "False DistributedGroupDiffers",
       {"DAG_stock", "no member AG_stock", "distributedAvailabilityGroup"}},
      {"The Azure link's name is taken",
       kLink,
       "link-taken",
       "LinkEstablished",
       "False AzureLinkDiffers",
       {"DAG_crm", "AG_foreign", "distributedAvailabilityGroup"}},
      {"The replica is there, and its password is wrong",
       kLink,
       "replica-bad",
       "ReplicaReady",
       "Unknown ReplicaUnreachable",
       {"wrong-password", "18456"},
       ""},
      {"The replica does not exist",
       kLink,
       "replica-missing",
       "ReplicaReady",
       "False ReplicaNotFound",
       {"nobody", "shop", "create it"},
       ""},
  };
}

std::vector<json> LinkInputs(Stack& stack) {
  const json any = nullptr;  // everything is permitted
  const json none = {{"setFullRecovery", false}, {"initialBackup", {{"policy", "Never"}}}};
  const auto shared = [&](const char* name, const char* database, const json& preparation) {
    return Link(stack, name, "shared", "sqlmi-shared", database, preparation);
  };
  const auto on = [&](const char* name, const char* instance) {
    return Link(stack, name, "shared", instance, "hr", any);
  };
  return {
      Link(stack, "good", "sql1", "sqlmi1", "good", any),
      shared("database-missing", "nothere", any),
      shared("recovery-simple", "simple", none),
      shared("backup-missing", "fresh", none),
      shared("database-grouped", "grouped", any),
      shared("group-taken", "sales", any),
      shared("distributed-taken", "stock", any),
      shared("link-taken", "crm", any),
      on("instance-missing", "sqlmi-none"),
      on("rights-none", "sqlmi-forbidden"),
      on("rights-few", "sqlmi-readonly"),
      on("certificate-taken", "sqlmi2"),
      Link(stack, "replica-bad", "wrong-password", "sqlmi-shared", "good", any),
      Link(stack, "replica-missing", "nobody", "sqlmi-shared", "good", any),
  };
}

}  // namespace milink::e2e
