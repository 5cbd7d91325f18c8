#include "controllers/link/reasons.h"
#include "core/sql/statements.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::kTrue;
using gen::kUnknown;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

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
         s.world.link.spec.preparation.make_initial_backup = true;
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
         s.world.link.spec.preparation.make_initial_backup = true;
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
       reason::kDatabaseFilesNotRead,
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
       reason::kInOtherAvailabilityGroup,
       "availabilityGroup: AG_old",
       {}},
      {"A database of that name on the instance stops the link",
       ready([](Scene& s) { s.world.instance.database_names = {"Sales"}; }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseExistsOnInstance,
       "already has a database",
       {}},
      {"The copy of a link that may not be seen is no stranger's database",
       [](Scene& s) {
         s.Established();
         s.Hide(azure::InstancePart::kLinks);
       },
       type::kDatabasesPrepared,
       kUnknown,
       reason::kActionsMissing,
       "distributedAvailabilityGroups/read",
       {}},
      {"A linked database is not judged anew while its link is hidden",
       [](Scene& s) {
         s.Established();
         s.files().log_files = 2;
         s.Hide(azure::InstancePart::kLinks);
       },
       type::kDatabasesPrepared,
       kUnknown,
       reason::kActionsMissing,
       "",
       {}},
      {"Whether the name is free is not known without the right to see databases",
       ready([](Scene& s) {
         s.database().recovery_model = "SIMPLE";
         s.world.link.spec.preparation.set_full_recovery = true;
         s.Hide(azure::InstancePart::kDatabaseNames);
       }),
       type::kDatabasesPrepared,
       kUnknown,
       reason::kActionsMissing,
       "managedInstances/databases/read",
       {}},
      {"No certificate goes anywhere for a database that is missing",
       [](Scene& s) { s.world.sql.databases.clear(); },
       type::kTrustEstablished,
       kFalse,
       reason::kWaiting,
       "waiting until what is wrong is corrected; then: import",
       {}},
      {"Trust is built for the databases that can be linked",
       [](Scene& s) {
         s.world = gen::ModelWorld({"sales", "hr"});
         s.Trust();
         s.world.facts.issuers.clear();
         s.database().read_only = true;
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "",
       {"let MicrosoftPKI vouch for *.database.windows.net on SQL Server",
        "let DigiCertPKI vouch for *.database.windows.net on SQL Server"}},
      {"The same database to the same instance twice is refused to the younger link",
       ready([](Scene& s) { s.OtherLink("sales", std::chrono::seconds(60)); }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseLinkedTwice,
       "shop/other",
       {}},
      {"Of two links of one age the first by name has the database",
       ready([](Scene& s) {
         s.OtherLink("sales", std::chrono::seconds(0)).meta.key.name = "earlier";
       }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseLinkedTwice,
       "shop/earlier",
       {}},
      {"A younger link that has begun keeps the database",
       ready([](Scene& s) {
         s.OtherLink("sales", std::chrono::seconds(-60))
             .status.owned_objects.push_back(
                 {"SqlServer", "DistributedAvailabilityGroup", "dag_sales", "", {}});
       }),
       type::kDatabasesPrepared,
       kFalse,
       reason::kDatabaseLinkedTwice,
       "shop/other",
       {}},
      {"An older link that names the database later does not stop a link that works",
       [](Scene& s) {
         s.Established();
         s.OtherLink("sales", std::chrono::seconds(60));
       },
       type::kReady,
       kTrue,
       reason::kReplicating,
       "",
       {}},
  };
}

class PlanDatabasesTable : public testing::TestWithParam<Row> {};

TEST_P(PlanDatabasesTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanDatabasesTable, testing::ValuesIn(DatabaseRows()), gen::CaseName);

}  // namespace
}  // namespace milink::link
