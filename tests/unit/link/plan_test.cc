// The planner's decisions, one sentence each.
#include "controllers/link/plan/plan.h"

#include <cctype>
#include <functional>

#include <gtest/gtest.h>

#include "controllers/link/reasons.h"
#include "core/api/codec.h"
#include "core/api/condition.h"
#include "core/sql/statements.h"
#include "tests/unit/link/model_world.h"

namespace milink::link {
namespace {

using api::ConditionStatus;
using gen::ModelWorld;
namespace type = api::condition_type;

// A world and what of it can be seen.
struct Scene {
  ModelWorld world{{"sales"}};
  bool replica_missing = false;
  bool sql_unreachable = false;
  bool instance_unread = false;
  std::optional<Error> instance_error;

  sql::Database& database() { return world.sql.databases.front(); }
  sql::DatabaseFiles& files() { return world.sql.files.begin()->second; }
  sql::AvailabilityGroup& group() { return world.sql.groups.at(0); }
  sql::AvailabilityGroup& distributed() { return world.sql.groups.at(1); }
  azure::Link& link() { return world.instance.links.front(); }

  void Trust() { gen::Trust(world.sql, world.instance, world.facts); }
  void Group() {
    Trust();
    world.sql.groups.push_back(gen::Group("AG_sales", "sales"));
    database().group_database_id = "gdb";
  }
  void Distributed() {
    Group();
    world.sql.groups.push_back(gen::DistributedGroup("DAG_sales", "AG_sales", "AG_sales_MI"));
  }
  void Linked() {
    Trust();
    gen::Linked(world.sql, world.instance, "sales");
    world.link.status.records.push_back({DatabaseName("sales"), "SqlServer", false, std::nullopt});
  }
  void Established() {
    Linked();
    world.link.status.records.front().established = true;
  }
  void Own(const char* side, const char* kind, const std::string& name,
           const std::string& identity) {
    world.link.status.owned_objects.push_back(
        {side, kind, name, identity,
         identity.empty() ? api::OwnedState::kPending : api::OwnedState::kCreated});
  }
  void OwnAll() {
    Own("SqlServer", "AvailabilityGroup", "AG_sales", "id-of-AG_sales");
    Own("SqlServer", "DistributedAvailabilityGroup", "DAG_sales", "id-of-DAG_sales");
    Own("ManagedInstance", "Link", "DAG_sales", "AG_sales/AG_sales_MI");
    Own("SqlServer", "Certificate", gen::kFqdn, gen::kInstanceThumbprint);
    Own("ManagedInstance", "TrustCertificate", gen::kSqlCertificate, gen::kSqlThumbprint);
  }
  void Delete(const std::string& policy) {
    world.link.spec.deletion_policy = policy;
    world.link.meta.deletion_time = world.now;
  }
  void OtherLink(const std::string& database, std::chrono::seconds older,
                 const std::string& replica = "sql1") {
    api::ManagedInstanceLink other = gen::Link({database});
    other.meta.key.name = "other";
    other.meta.uid = "99999999-aaaa-4bbb-8ccc-000000000009";
    other.spec.replica = replica;
    other.meta.creation_time = gen::Start() - older;
    world.others.push_back(std::make_shared<const api::ManagedInstanceLink>(other));
  }

  Observation Observe() const {
    Observation seen = world.Observe();
    if (replica_missing) seen.replica = nullptr;
    if (sql_unreachable || replica_missing) seen.sql = nullptr;
    if (instance_unread || instance_error.has_value()) seen.instance = nullptr;
    seen.instance_error = instance_error;
    return seen;
  }
  // The plan once the journal says what it must.
  Plan Decide() {
    Plan plan = PlanLink(Observe());
    for (int i = 0; i < 4 && plan.write_journal; ++i) {
      world.link.status.owned_objects = plan.status.owned_objects;
      world.link.status.records = plan.status.records;
      plan = PlanLink(Observe());
    }
    return plan;
  }
};

struct Row {
  const char* name;
  std::function<void(Scene&)> arrange;
  const char* condition;
  ConditionStatus status;
  const char* reason;
  const char* text;                // part of the condition's message
  std::vector<std::string> steps;  // described; all of them
};

constexpr ConditionStatus kTrue = ConditionStatus::kTrue;
constexpr ConditionStatus kFalse = ConditionStatus::kFalse;
constexpr ConditionStatus kUnknown = ConditionStatus::kUnknown;

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

std::vector<Row> ReadinessRows() {
  return {
      {"A replica that does not exist is waited for",
       [](Scene& s) { s.replica_missing = true; },
       type::kReplicaReady,
       kFalse,
       reason::kReplicaNotFound,
       "create it",
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
       reason::kInstanceNotRead,
       "not been read",
       {}},
      {"An instance that does not exist is said to be missing",
       [](Scene& s) {
         s.instance_error = Error{ErrorKind::kNotFound, "ManagedInstanceNotFound", "404", ""};
       },
       type::kManagedInstanceReady,
       kFalse,
       reason::kInstanceNotFound,
       "sqlmi1",
       {}},
      {"An instance that cannot be reached is unknown",
       [](Scene& s) {
         s.instance_error = Error{ErrorKind::kTransient, "Unreachable", "no route", ""};
       },
       type::kManagedInstanceReady,
       kUnknown,
       reason::kInstanceUnreachable,
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
      {"Missing rights are named and stop everything",
       [](Scene& s) { s.world.instance.missing_actions = {"Microsoft.Sql/x/write"}; },
       type::kAzureAuthorized,
       kFalse,
       reason::kActionsMissing,
       "Microsoft.Sql/x/write",
       {}},
      {"A stopped instance is waited for",
       [](Scene& s) { s.world.instance.instance.state = "Stopped"; },
       type::kManagedInstanceReady,
       kFalse,
       reason::kInstanceNotReady,
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
      {"Different collations are told and stop nothing",
       [](Scene& s) {
         s.Established();
         s.world.instance.instance.collation = "Latin1_General_100_BIN2";
       },
       type::kManagedInstanceReady,
       kTrue,
       reason::kSucceeded,
       "Latin1_General_100_BIN2",
       {}},
  };
}

std::vector<Row> TrustRows() {
  return {
      {"An empty pair gets all certificates in one pass",
       [](Scene& /*s*/) {},
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "import",
       {"import the managed instance's certificate as sqlmi1.73d19f36a420a.database.windows.net "
        "into SQL Server",
        "import root authority MicrosoftPKI into SQL Server",
        "import root authority DigiCertPKI into SQL Server",
        "upload SQL Server's certificate to the managed instance as Cert_SQL1_endpoint"}},
      {"A root under another name serves as well",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(2).name = CertificateName("MyRoot");
         s.world.facts.issuers.clear();
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "MyRoot",
       {"let MyRoot vouch for *.database.windows.net on SQL Server",
        "let DigiCertPKI vouch for *.database.windows.net on SQL Server"}},
      {"Issuer entries of a link that replicates are not made again after a restart",
       [](Scene& s) {
         s.Established();
         s.world.facts.issuers.clear();
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"The instance's certificate under another name is named and left alone",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).name = CertificateName("MyInstance");
       },
       type::kTrustEstablished,
       kFalse,
       reason::kInstanceCertificateOtherName,
       "MyInstance",
       {}},
      {"A foreign certificate under the instance's name is left alone",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).thumbprint = "EE";
       },
       type::kTrustEstablished,
       kFalse,
       reason::kInstanceCertificateDiffers,
       "EE",
       {}},
      {"An outdated certificate of ours is replaced",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).thumbprint = "EE";
         s.Own("SqlServer", "Certificate", gen::kFqdn, "EE");
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "drop certificate",
       {"drop certificate sqlmi1.73d19f36a420a.database.windows.net from SQL Server"}},
      {"Something else under a root's name is named and left alone",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(2).thumbprint = "EE";
       },
       type::kTrustEstablished,
       kFalse,
       reason::kRootNameTaken,
       "MicrosoftPKI",
       {}},
      {"A taken certificate name on the instance gets a suffix",
       [](Scene& s) {
         s.Trust();
         s.world.instance.trust_certificates.front().thumbprint = "EE";
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "B2B2B2B2",
       {"upload SQL Server's certificate to the managed instance as Cert_SQL1_endpoint_B2B2B2B2"}},
      {"Two taken certificate names on the instance stop the trust",
       [](Scene& s) {
         s.Trust();
         s.world.instance.trust_certificates.front().thumbprint = "EE";
         s.world.instance.trust_certificates.push_back({"Cert_SQL1_endpoint_B2B2B2B2", "x", "FF"});
       },
       type::kTrustEstablished,
       kFalse,
       reason::kCertificateNameTaken,
       "remove one",
       {}},
      {"Our certificate under any name on the instance is enough",
       [](Scene& s) {
         s.Established();
         s.world.instance.trust_certificates.front().name = "uploaded-by-hand";
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"A running upload is waited for",
       [](Scene& s) {
         s.Trust();
         s.world.instance.trust_certificates.clear();
         s.world.facts.operations["UploadCertificate/Cert_SQL1_endpoint"].poll_at =
             s.world.now + std::chrono::seconds(15);
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "is taking",
       {}},
      {"An endpoint without certificate is waited for",
       [](Scene& s) {
         s.Trust();
         s.world.sql.endpoints.clear();
       },
       type::kTrustEstablished,
       kFalse,
       reason::kEndpointMissing,
       "",
       {}},
      {"Trust is not built before the instance is ready",
       [](Scene& s) { s.world.instance.instance.state = "Creating"; },
       type::kTrustEstablished,
       kFalse,
       reason::kWaiting,
       "waiting until both sides",
       {}},
      {"A failed import holds back for a while and says why",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.erase(s.world.sql.certificates.begin() + 1);
         s.world.facts.failures[std::string("ImportInstanceCertificate/") + gen::kFqdn] = {
             {ErrorKind::kUnauthorized, "PermissionDenied", "no right", "15247"},
             1,
             s.world.now + std::chrono::minutes(1),
             1};
       },
       type::kTrustEstablished,
       kFalse,
       "PermissionDenied",
       "no right",
       {}},
  };
}

std::vector<Row> DatabaseRows() {
  const auto ready = [](const std::function<void(Scene&)>& change) {
    return [change](Scene& s) {
      s.Trust();
      change(s);
    };
  };
  return {
      {"A database that does not exist is named",
       ready([](Scene& s) { s.world.sql.databases.clear(); }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseNotFound,
       "no user database sales",
       {}},
      {"A database that is not online stops its link",
       ready([](Scene& s) { s.database().state = "SUSPECT"; }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseNotOnline,
       "SUSPECT",
       {}},
      {"A read-only database stops its link",
       ready([](Scene& s) { s.database().read_only = true; }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseAccess,
       "READ_WRITE",
       {}},
      {"A single-user database stops its link",
       ready([](Scene& s) { s.database().user_access = "SINGLE_USER"; }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseAccess,
       "MULTI_USER",
       {}},
      {"Auto-close stops the link",
       ready([](Scene& s) { s.database().auto_close = true; }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseAccess,
       "AUTO_CLOSE",
       {}},
      {"An encrypted database is not supported yet",
       ready([](Scene& s) { s.database().encrypted = true; }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseEncrypted,
       "TDE",
       {}},
      {"Simple recovery without permission stops the link and changes nothing",
       ready([](Scene& s) { s.database().recovery_model = "SIMPLE"; }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kNotFullRecovery,
       "preparation.setFullRecovery",
       {}},
      {"Simple recovery is changed where permitted",
       ready([](Scene& s) {
         s.database().recovery_model = "SIMPLE";
         s.world.link.spec.preparation.set_full_recovery = true;
       }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kPreparing,
       "FULL",
       {"set recovery model of database sales to FULL"}},
      {"The recovery model is not changed while anything else is wrong",
       ready([](Scene& s) {
         s.database().recovery_model = "SIMPLE";
         s.database().log_chain_started = false;
         s.world.link.spec.preparation.set_full_recovery = true;
       }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kNoFullBackup,
       "COPY_ONLY",
       {}},
      {"A missing backup without permission stops the link",
       ready([](Scene& s) { s.database().log_chain_started = false; }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kNoFullBackup,
       "preparation.initialBackup",
       {}},
      {"A missing backup is taken where permitted",
       ready([](Scene& s) {
         s.database().log_chain_started = false;
         s.world.link.spec.preparation.initial_backup_policy = "IfMissing";
         s.world.link.spec.preparation.initial_backup_path = "/backup";
       }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kPreparing,
       "/backup/",
       {"back up database sales to " +
        sql::BackupFile("/backup", DatabaseName("sales"), "11111111")}},
      {"A running backup is waited for",
       ready([](Scene& s) {
         s.database().log_chain_started = false;
         s.world.link.spec.preparation.initial_backup_policy = "IfMissing";
         s.world.link.spec.preparation.initial_backup_path = "/backup";
         s.world.facts.backups_running.insert(DatabaseName("sales"));
       }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kBackingUp,
       "running",
       {}},
      {"A second log file stops the link",
       ready([](Scene& s) { s.files().log_files = 2; }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseFiles,
       "41948",
       {}},
      {"Filestream stops the link",
       ready([](Scene& s) { s.files().filestream_files = 1; }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseFiles,
       "41950",
       {}},
      {"Full-text files stop the link",
       ready([](Scene& s) { s.files().fulltext_files = 1; }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseFiles,
       "41999",
       {}},
      {"Defunct files stop the link",
       ready([](Scene& s) { s.files().defunct_files = 1; }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseFiles,
       "41951",
       {}},
      {"Files that were not read yet are asked for",
       ready([](Scene& s) { s.world.sql.files.clear(); }),
       type::kDatabasesPrepared,
       kUnknown,
       reason::kFilesNotRead,
       "",
       {}},
      {"All causes are reported at once",
       ready([](Scene& s) {
         s.database().read_only = true;
         s.files().log_files = 2;
       }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseAccess,
       "sales: the database is read-only; set READ_WRITE; sales: it has 2 log files",
       {}},
      {"A database in another group names that group",
       ready([](Scene& s) {
         s.database().group_database_id = "gdb";
         s.world.sql.groups.push_back(gen::Group("AG_old", "sales"));
       }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kInOtherGroup,
       "availabilityGroup: AG_old",
       {}},
      {"A database of that name on the instance stops the link",
       ready([](Scene& s) { s.world.instance.database_names = {"Sales"}; }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kExistsOnInstance,
       "already has a database",
       {}},
      {"The same database to the same instance twice is refused to the younger link",
       ready([](Scene& s) { s.OtherLink("sales", std::chrono::seconds(60)); }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kLinkedTwice,
       "shop/other",
       {}},
  };
}

std::vector<Row> GroupRows() {
  return {
      {"A prepared database gets its availability group",
       [](Scene& s) { s.Trust(); },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kCreatingGroups,
       "AG_sales",
       {"create availability group AG_sales for database sales"}},
      {"The older of two links with the same database goes on",
       [](Scene& s) {
         s.Trust();
         s.OtherLink("sales", std::chrono::seconds(-60));
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kCreatingGroups,
       "AG_sales",
       {"create availability group AG_sales for database sales"}},
      {"An availability group that fits is used",
       [](Scene& s) { s.Group(); },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kCreatingGroups,
       "DAG_sales",
       {"create distributed availability group DAG_sales of AG_sales and AG_sales_MI"}},
      {"A basic availability group is refused",
       [](Scene& s) {
         s.Group();
         s.group().basic = true;
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kGroupDiffers,
       "basic",
       {}},
      {"A contained availability group is refused",
       [](Scene& s) {
         s.Group();
         s.group().contained = true;
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kGroupDiffers,
       "contained",
       {}},
      {"A group with a second database is refused and the database named",
       [](Scene& s) {
         s.Group();
         s.group().databases.emplace_back("hr");
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kGroupDiffers,
       "also holds database hr",
       {}},
      {"A group whose local role is not primary is refused",
       [](Scene& s) {
         s.Group();
         s.group().replicas.front().role = "SECONDARY";
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kGroupDiffers,
       "SECONDARY",
       {}},
      {"A distributed group of our name with another partner is refused",
       [](Scene& s) {
         s.Distributed();
         s.distributed().replicas.at(1).endpoint_url = "tcp://elsewhere:5022;Server=[other]";
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kDistributedGroupDiffers,
       "elsewhere",
       {}},
      {"An ordinary group under the link's name is refused",
       [](Scene& s) {
         s.Group();
         s.world.sql.groups.push_back(gen::Group("DAG_sales", "hr"));
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kDistributedGroupDiffers,
       "ordinary",
       {}},
      {"An endpoint that listens elsewhere is dialled where it listens",
       [](Scene& s) {
         s.Distributed();
         s.world.sql.endpoints.front().port = 5099;
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kDistributedGroupDiffers,
       "TCP://10.0.0.4:5099",
       {}},
  };
}

std::vector<Row> LinkRows() {
  return {
      {"With both groups there the link is created",
       [](Scene& s) { s.Distributed(); },
       type::kLinkEstablished,
       kFalse,
       reason::kCreatingLink,
       "DAG_sales",
       {"create link DAG_sales on the managed instance for database sales"}},
      {"A link that is being created is not asked for again",
       [](Scene& s) {
         s.Distributed();
         s.world.link.status.records.push_back(
             {DatabaseName("sales"), "SqlServer", false,
              api::ManagedInstanceLinkStatus::Operation{"Azure", "CreateLink", "DAG_sales",
                                                        "https://arm/op", s.world.now}});
       },
       type::kLinkEstablished,
       kFalse,
       reason::kCreatingLink,
       "is creating",
       {}},
      {"A refused creation is told and tried again later",
       [](Scene& s) {
         s.Distributed();
         s.world.facts.failures["CreateLink/DAG_sales"] = {
             {ErrorKind::kInvalid, "LinkRefused", "41987: the name is used", ""},
             1,
             s.world.now + std::chrono::minutes(5),
             1};
       },
       type::kLinkEstablished,
       kFalse,
       "LinkRefused",
       "41987",
       {}},
      {"After a change of the spec a refused creation is tried at once",
       [](Scene& s) {
         s.Distributed();
         s.world.link.meta.generation = 2;
         s.world.facts.failures["CreateLink/DAG_sales"] = {
             {ErrorKind::kInvalid, "LinkRefused", "41987: the name is used", ""},
             1,
             s.world.now + std::chrono::minutes(5),
             1};
       },
       type::kLinkEstablished,
       kFalse,
       reason::kCreatingLink,
       "DAG_sales",
       {"create link DAG_sales on the managed instance for database sales"}},
      {"A link of our name with another partner is refused",
       [](Scene& s) {
         s.Distributed();
         s.world.instance.links.push_back(gen::AzureLink("sales"));
         s.link().partner_group = GroupName("AG_theirs");
       },
       type::kLinkEstablished,
       kFalse,
       reason::kLinkDiffers,
       "AG_theirs",
       {}},
      {"A young link without databases and endpoint is ours all the same",
       [](Scene& s) {
         s.Linked();
         s.link().databases.clear();
         s.link().partner_endpoint.clear();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
       },
       type::kLinkEstablished,
       kFalse,
       reason::kConnecting,
       "waiting",
       {}},
      {"A missing connection is no problem in the first two minutes",
       [](Scene& s) {
         s.Linked();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
         s.distributed().replicas.at(1).last_connect_error = 10060;
         s.world.facts.disconnected_since[DatabaseName("sales")] =
             s.world.now - std::chrono::seconds(119);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kConnecting,
       "waiting",
       {}},
      {"A missing connection is a problem after two minutes, with its error",
       [](Scene& s) {
         s.Linked();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
         s.distributed().replicas.at(1).last_connect_error = 10060;
         s.world.facts.disconnected_since[DatabaseName("sales")] =
             s.world.now - std::chrono::seconds(120);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kConnectionProblem,
       "10060",
       {}},
      {"Seeding shows its progress",
       [](Scene& s) {
         s.Linked();
         s.world.sql.database_states.clear();
         sql::Seeding seeding;
         seeding.group_id = "id-of-DAG_sales";
         seeding.database = DatabaseName("sales");
         seeding.state = "SEEDING";
         seeding.database_bytes = 200;
         seeding.transferred_bytes = 91;
         s.world.sql.seedings.push_back(seeding);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kSeeding,
       "45%",
       {}},
      {"Failed seeding waits for a person",
       [](Scene& s) {
         s.Linked();
         s.world.sql.database_states.clear();
         sql::Seeding seeding;
         seeding.group_id = "id-of-DAG_sales";
         seeding.database = DatabaseName("sales");
         seeding.state = "FAILED";
         seeding.failure_state = "Seeding Check Message Timeout";
         s.world.sql.seedings.push_back(seeding);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kSeedingFailed,
       "Timeout",
       {}},
      {"A healthy link is ready",
       [](Scene& s) { s.Established(); },
       type::kReady,
       kTrue,
       reason::kReplicating,
       "1 of 1",
       {}},
      {"A link that a person made is adopted",
       [](Scene& s) {
         s.Linked();
         s.world.link.status.records.clear();
       },
       type::kReady,
       kTrue,
       reason::kReplicating,
       "1 of 1",
       {}},
      {"An interrupted link stays established and is not synchronized",
       [](Scene& s) {
         s.Established();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
       },
       type::kSynchronized,
       kFalse,
       reason::kDisconnected,
       "is down",
       {}},
      {"An interrupted link is still established",
       [](Scene& s) {
         s.Established();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
       },
       type::kLinkEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"Suspended data movement is told with its reason",
       [](Scene& s) {
         s.Established();
         s.world.sql.database_states.front().suspended = true;
         s.world.sql.database_states.front().suspend_reason = "SUSPEND_FROM_USER";
       },
       type::kSynchronized,
       kFalse,
       reason::kDataMovementSuspended,
       "SUSPEND_FROM_USER",
       {}},
      {"An unhealthy copy is told",
       [](Scene& s) {
         s.Established();
         s.world.sql.database_states.front().synchronization_state = "NOT SYNCHRONIZING";
       },
       type::kSynchronized,
       kFalse,
       reason::kUnhealthy,
       "NOT SYNCHRONIZING",
       {}},
      {"A link that vanished from Azure is lost and not created again",
       [](Scene& s) {
         s.Established();
         s.world.instance.links.clear();
       },
       type::kLinkEstablished,
       kFalse,
       reason::kLinkLost,
       "on the managed instance",
       {}},
      {"A link whose distributed group was dropped is lost",
       [](Scene& s) {
         s.Established();
         s.world.sql.groups.pop_back();
       },
       type::kLinkEstablished,
       kFalse,
       reason::kLinkLost,
       "on SQL Server",
       {}},
      {"A lost link stalls",
       [](Scene& s) {
         s.Established();
         s.world.instance.links.clear();
       },
       type::kStalled,
       kTrue,
       reason::kLinkLost,
       "",
       {}},
      {"A primary that moved is reported and not moved back",
       [](Scene& s) {
         s.Established();
         s.distributed().replicas.at(0).role = "SECONDARY";
         s.link().instance_role = "Primary";
       },
       type::kStalled,
       kTrue,
       reason::kPrimaryDrifted,
       "the primary is ManagedInstance",
       {}},
      {"Two primaries are a split brain and nothing is done",
       [](Scene& s) {
         s.Established();
         s.link().instance_role = "Primary";
       },
       type::kSplitBrain,
       kTrue,
       reason::kBothPrimary,
       "writable on SQL Server and",
       {}},
      {"No primary is waited for",
       [](Scene& s) {
         s.Established();
         s.distributed().replicas.at(0).role = "SECONDARY";
       },
       type::kLinkEstablished,
       kFalse,
       reason::kRoleUnclear,
       "SECONDARY",
       {}},
      {"A resolving role is waited for",
       [](Scene& s) {
         s.Established();
         s.distributed().replicas.at(0).role = "RESOLVING";
       },
       type::kLinkEstablished,
       kFalse,
       reason::kRoleUnclear,
       "RESOLVING",
       {}},
      {"A suspended link tells what it would do and does nothing",
       [](Scene& s) {
         s.Trust();
         s.world.link.spec.suspend = true;
       },
       type::kReady,
       kFalse,
       reason::kSuspended,
       "would create availability group AG_sales",
       {}},
  };
}

std::vector<Row> DeletionRows() {
  return {
      {"Unlink asks Azure first",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "delete link DAG_sales",
       {"delete link DAG_sales on the managed instance"}},
      {"Once Azure's link is gone the distributed group goes",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.world.instance.links.clear();
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "DAG_sales",
       {"drop distributed availability group DAG_sales"}},
      {"Then the availability group that we made goes",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.world.instance.links.clear();
         s.world.sql.groups.pop_back();
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "AG_sales",
       {"drop availability group AG_sales"}},
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
      {"A link is not deleted while the instance is primary",
       [](Scene& s) {
         s.Established();
         s.distributed().replicas.at(0).role = "SECONDARY";
         s.link().instance_role = "Primary";
         s.Delete("Unlink");
       },
       type::kStalled,
       kTrue,
       reason::kDeletionBlocked,
       "ManagedInstance",
       {}},
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
      {"A creation without answer is given time before the delete",
       [](Scene& s) {
         s.Distributed();
         s.world.link.status.records.push_back(
             {DatabaseName("sales"), "SqlServer", false,
              api::ManagedInstanceLinkStatus::Operation{"Azure", "CreateLink", "DAG_sales", "",
                                                        s.world.now - std::chrono::seconds(30)}});
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "waiting for the end",
       {}},
  };
}

std::vector<Row> AllRows() {
  std::vector<Row> all;
  for (const auto& rows :
       {ReadinessRows(), TrustRows(), DatabaseRows(), GroupRows(), LinkRows(), DeletionRows()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

class PlannerTable : public testing::TestWithParam<Row> {};

TEST_P(PlannerTable, DecidesAsTheSentenceSays) {
  const Row& row = GetParam();
  SCOPED_TRACE(row.name);
  Scene scene;
  row.arrange(scene);
  const Plan plan = scene.Decide();
  EXPECT_FALSE(plan.write_journal) << "the journal never comes to rest";
  const auto* condition = api::FindCondition(plan.status.conditions, row.condition);
  ASSERT_NE(condition, nullptr) << row.condition;
  EXPECT_EQ(condition->status, row.status) << condition->message;
  EXPECT_EQ(condition->reason, row.reason) << condition->message;
  EXPECT_NE(condition->message.find(row.text), std::string::npos) << condition->message;
  std::vector<std::string> steps;
  for (const Step& step : plan.steps) steps.push_back(Describe(step));
  EXPECT_EQ(steps, row.steps);
}

INSTANTIATE_TEST_SUITE_P(, PlannerTable, testing::ValuesIn(AllRows()), [](const auto& row) {
  std::string name;
  for (const char* c = row.param.name; *c != '\0'; ++c) {
    if (std::isalnum(static_cast<unsigned char>(*c)) != 0) name += *c;
  }
  return name;
});

TEST(Planner, WritesTheJournalBeforeTheFirstStep) {
  Scene scene;
  scene.Trust();
  const Plan plan = PlanLink(scene.Observe());
  EXPECT_TRUE(plan.write_journal);
  EXPECT_TRUE(plan.steps.empty());
  ASSERT_EQ(plan.status.owned_objects.size(), 2U);
  EXPECT_EQ(plan.status.owned_objects[0].name, "AG_sales");
  EXPECT_EQ(plan.status.owned_objects[0].state, api::OwnedState::kPending);
  EXPECT_EQ(plan.status.records.at(0).accepted_primary, "SqlServer");
}

TEST(Planner, SetsTheFinalizerBeforeAnythingElse) {
  Scene scene;
  scene.Trust();
  scene.world.link.meta.finalizers.clear();
  const Plan plan = PlanLink(scene.Observe());
  EXPECT_TRUE(plan.add_finalizer);
  EXPECT_FALSE(plan.write_journal);
  EXPECT_TRUE(plan.steps.empty());
}

TEST(Planner, NeverAgreesOnAPrimaryThatItDoesNotSee) {
  Scene scene;
  scene.Linked();
  scene.world.link.status.records.clear();
  scene.distributed().replicas.at(0).role = "SECONDARY";
  scene.link().instance_role = "Primary";
  const Plan plan = scene.Decide();
  EXPECT_EQ(plan.status.records.at(0).accepted_primary, "");
  EXPECT_NE(api::FindCondition(plan.status.conditions, type::kStalled), nullptr);
}

TEST(Planner, OneBadDatabaseDoesNotHoldTheOtherBack) {
  Scene scene;
  scene.world = ModelWorld({"sales", "hr"});
  scene.Trust();
  scene.world.sql.databases.front().read_only = true;
  const Plan plan = scene.Decide();
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(Describe(plan.steps[0]), "create availability group AG_hr for database hr");
  EXPECT_NE(api::FindCondition(plan.status.conditions, type::kReconciling), nullptr);
  EXPECT_EQ(api::FindCondition(plan.status.conditions, type::kStalled), nullptr);
}

TEST(Planner, AdoptedGroupsAreLeftAtUnlinkAndNamed) {
  Scene scene;
  scene.Established();
  scene.world.instance.links.clear();
  scene.world.sql.groups.pop_back();
  scene.Delete("Unlink");
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.remove_finalizer);
  ASSERT_FALSE(plan.notes.empty());
  EXPECT_NE(plan.notes[0].message.find("it was there before"), std::string::npos);
}

TEST(Planner, PendingGroupsAreLeftAtUnlinkAndNamed) {
  Scene scene;
  scene.Established();
  scene.Own("SqlServer", "AvailabilityGroup", "AG_sales", "");
  scene.world.instance.links.clear();
  scene.world.sql.groups.pop_back();
  scene.Delete("Unlink");
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.remove_finalizer);
  EXPECT_NE(plan.notes[0].message.find("not certain"), std::string::npos);
}

TEST(Planner, AGroupThatAnotherLinkUsesStays) {
  Scene scene;
  scene.Established();
  scene.OwnAll();
  scene.world.instance.links.clear();
  scene.distributed().name = GroupName("DAG_elsewhere");
  scene.Delete("Unlink");
  const Plan plan = scene.Decide();
  for (const Step& step : plan.steps) {
    EXPECT_EQ(Describe(step).find("drop availability group"), std::string::npos);
  }
}

TEST(Planner, CertificatesThatAnotherLinkUsesStay) {
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

TEST(Planner, ALinkOfAnotherSqlServerOnTheInstanceDoesNotHoldTheCertificate) {
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

TEST(Planner, DeletingWhileSuspendedActsAsRetain) {
  Scene scene;
  scene.Established();
  scene.world.link.spec.suspend = true;
  scene.Delete("Unlink");
  const Plan plan = PlanLink(scene.Observe());
  EXPECT_TRUE(plan.remove_finalizer);
  EXPECT_TRUE(plan.steps.empty());
}

TEST(Planner, AnAbandonedDeletionEndsWithoutAnySystem) {
  Scene scene;
  scene.Established();
  scene.sql_unreachable = true;
  scene.instance_unread = true;
  scene.world.link.meta.annotations[api::kAbandonAnnotation] = "true";
  scene.Delete("Unlink");
  EXPECT_TRUE(PlanLink(scene.Observe()).remove_finalizer);
}

TEST(Planner, AnObjectThatWasNeverLookedAtIsDeletedAtOnce) {
  Scene scene;
  scene.replica_missing = true;
  scene.instance_unread = true;
  scene.Delete("Unlink");
  EXPECT_TRUE(PlanLink(scene.Observe()).remove_finalizer);
}

TEST(Planner, AForeignLinkOfTheSameNameIsNotDeleted) {
  Scene scene;
  scene.Trust();
  scene.world.link.status.records.push_back({DatabaseName("sales"), "SqlServer", false, {}});
  scene.world.instance.links.push_back(gen::AzureLink("sales"));
  scene.link().partner_group = GroupName("AG_theirs");
  scene.Delete("Unlink");
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.remove_finalizer);
  EXPECT_NE(plan.notes.at(0).message.find("other groups"), std::string::npos);
}

TEST(Planner, TheFirstGroupOfSqlServer2016HasNoClusterType) {
  Scene scene;
  scene.Trust();
  scene.world.sql.properties.product_version = "13.0.7000.253";
  const Plan plan = scene.Decide();
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_FALSE(std::get<CreateGroup>(plan.steps[0]).cluster_type_clause);
}

TEST(Planner, ATwoWayLinkNeedsMatchingGenerationsAndACapableSqlServer) {
  Scene scene;
  scene.Distributed();
  EXPECT_EQ(std::get<CreateLink>(scene.Decide().steps.at(0)).failover_mode, "None");
  scene.world.replica.status.capabilities = {"OneWayLink", "ManagedInstancePrimary"};
  EXPECT_EQ(std::get<CreateLink>(scene.Decide().steps.at(0)).failover_mode, "Manual");
  scene.world.instance.instance.database_format = "AlwaysUpToDate";
  EXPECT_EQ(std::get<CreateLink>(scene.Decide().steps.at(0)).failover_mode, "None");
}

TEST(Planner, SeedingIsLookedAtOften) {
  Scene scene;
  scene.Linked();
  scene.world.sql.database_states.clear();
  const Plan plan = scene.Decide();
  EXPECT_EQ(plan.freshness.sql, Duration(std::chrono::seconds(10)));
  EXPECT_TRUE(plan.requeue_after.has_value());
}

}  // namespace
}  // namespace milink::link
