#include "core/sql/catalog.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "core/base/text.h"
#include "core/base/time_format.h"
#include "core/sql/snapshot.h"
#include "tests/unit/sql/sample_replies.h"

namespace milink::sql {
namespace {

using Row = ReplyRowValues;

ResultSet& SetWith(SqlReply& reply, const std::string& column) {
  return *std::ranges::find_if(reply.sets, [&](const ResultSet& set) {
    return std::ranges::find(set.columns, column) != set.columns.end();
  });
}

TEST(ReadFastTest, ReadsPropertiesAndKeys) {
  const auto snapshot = ReadFast(LinkedServer(), {});
  ASSERT_TRUE(snapshot.ok()) << ToString(snapshot.error());
  EXPECT_EQ(snapshot->properties.server_name, "SQL1");
  EXPECT_EQ(snapshot->properties.actual_server_name, "SQL1");
  EXPECT_EQ(snapshot->properties.instance_name, "");
  EXPECT_EQ(snapshot->properties.host_platform, "Linux");
  EXPECT_TRUE(snapshot->properties.hadr_enabled);
  EXPECT_TRUE(snapshot->properties.sysadmin);
  EXPECT_TRUE(snapshot->properties.connection_encrypted);
  EXPECT_EQ(snapshot->properties.trace_flags, (std::vector{1800, 9567}));
  EXPECT_EQ(snapshot->properties.service_master_key_guid, "5B2C0A6E-3F0C-4C0B-9E43-0D1F6A0B7C11");
  EXPECT_EQ(snapshot->master_key, (MasterKey{true, true}));
  ASSERT_EQ(snapshot->certificates.size(), 2U);
  const Certificate& own = snapshot->certificates[1];
  EXPECT_EQ(own.name.str(), "Cert_SQL1_endpoint");
  EXPECT_EQ(own.thumbprint, "AB01");
  EXPECT_EQ(own.der, "\x30\x82");
  EXPECT_EQ(own.not_after, ParseRfc3339("2027-01-01T00:00:00.5Z"));
  EXPECT_EQ(snapshot->certificates[0].der, "");
  ASSERT_EQ(snapshot->endpoints.size(), 1U);
  EXPECT_EQ(snapshot->endpoints[0].port, 5022);
  EXPECT_EQ(snapshot->endpoints[0].ip_address, "");
}

TEST(ReadFastTest, PutsReplicasAndDatabasesIntoTheirGroups) {
  const auto snapshot = ReadFast(LinkedServer(), {});
  ASSERT_TRUE(snapshot.ok());
  ASSERT_EQ(snapshot->groups.size(), 2U);
  const AvailabilityGroup& local = snapshot->groups[0];
  EXPECT_EQ(local.name.str(), "AG_sales");
  EXPECT_EQ(local.databases, std::vector{DatabaseName("sales")});
  const AvailabilityGroup& distributed = snapshot->groups[1];
  EXPECT_TRUE(distributed.distributed);
  ASSERT_EQ(distributed.replicas.size(), 2U);
  EXPECT_EQ(distributed.replicas[0].last_connect_error, 10060);
  EXPECT_EQ(distributed.replicas[1].server_name, "AG_sales_MI");
  EXPECT_FALSE(distributed.replicas[1].local);
  EXPECT_EQ(distributed.replicas[1].role, "");
}

TEST(ReadFastTest, ReadsDatabasesAndTheirStates) {
  const auto snapshot = ReadFast(LinkedServer(), {});
  ASSERT_TRUE(snapshot.ok());
  const Database* sales = snapshot->FindDatabase(DatabaseName("sales"));
  ASSERT_NE(sales, nullptr);
  EXPECT_TRUE(sales->log_chain_started);
  EXPECT_EQ(sales->log_used_percent, 12.5);
  const Database* crm = snapshot->FindDatabase(DatabaseName("crm"));
  ASSERT_NE(crm, nullptr);
  EXPECT_FALSE(crm->log_chain_started);
  EXPECT_FALSE(crm->log_used_percent.has_value());
  ASSERT_EQ(snapshot->database_states.size(), 1U);
  EXPECT_EQ(snapshot->database_states[0].last_hardened_lsn, "37000000024000001");
  EXPECT_FALSE(snapshot->database_states[0].lag_seconds.has_value());
}

TEST(ReadFastTest, KeepsTheNewestSeedingAttempt) {
  const auto snapshot = ReadFast(LinkedServer(), {});
  ASSERT_TRUE(snapshot.ok());
  ASSERT_EQ(snapshot->seedings.size(), 1U);
  EXPECT_EQ(snapshot->seedings[0].state, "SEEDING");
  EXPECT_EQ(snapshot->seedings[0].database.str(), "sales");
  EXPECT_EQ(snapshot->seedings[0].transferred_bytes, 250);
}

TEST(ReadFastTest, OrderOfSetsAndRowsDoesNotMatter) {
  SqlReply reversed = LinkedServer();
  std::ranges::reverse(reversed.sets);
  for (ResultSet& set : reversed.sets) {
    std::ranges::reverse(set.rows);
  }
  const auto a = ReadFast(LinkedServer(), {});
  const auto b = ReadFast(reversed, {});
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->certificates, b->certificates);
  EXPECT_EQ(a->groups, b->groups);
  EXPECT_EQ(a->databases, b->databases);
  EXPECT_EQ(a->seedings, b->seedings);
  EXPECT_EQ(a->properties, b->properties);
}

TEST(ReadFastTest, NoTraceFlagSetMeansNoTraceFlags) {
  SqlReply reply = LinkedServer();
  reply.sets.pop_back();
  const auto snapshot = ReadFast(reply, {});
  ASSERT_TRUE(snapshot.ok());
  EXPECT_TRUE(snapshot->properties.trace_flags.empty());
}

TEST(ReadFastTest, ARightThatIsNotGrantedIsMissing) {
  SqlReply reply = LinkedServer();
  SetWith(reply, "right_name").rows = {Row{"CONTROL SERVER", "0"}, Row{"VIEW SERVER STATE", "1"},
                                       Row{"ALTER ANY ENDPOINT", std::nullopt}};
  EXPECT_EQ(ReadFast(reply, {})->properties.missing_rights,
            (std::vector<std::string>{"CONTROL SERVER", "ALTER ANY ENDPOINT"}));
  EXPECT_TRUE(ReadFast(LinkedServer(), {})->properties.missing_rights.empty());
}

struct ClusterCase {
  std::string name;
  std::string count;
  std::vector<ReplyRowValues> rights;
  std::optional<std::string> sysadmin;
  WindowsCluster expected;
};

TEST(ReadFastTest, ReadsTheClusterOf2016) {
  const Row group{"ALTER ANY AVAILABILITY GROUP"};
  const Row connect{"CONNECT SQL"};
  const Row view{"VIEW SERVER STATE"};
  const Row other{"ALTER ANY LOGIN"};
  for (const auto& [name, count, rights, sysadmin, expected] : {
           ClusterCase{"all is there", "1", {group, connect, view, other}, "0", {true, {}}},
           ClusterCase{"no cluster", "0", {group, connect, view}, std::nullopt, {false, {}}},
           ClusterCase{"one right is missing",
                       "1",
                       {connect, view},
                       "0",
                       {true, {"ALTER ANY AVAILABILITY GROUP"}}},
           ClusterCase{"a sysadmin needs no rights of its own", "1", {}, "1", {true, {}}},
           ClusterCase{
               "no such account",
               "1",
               {},
               std::nullopt,
               {true, {"ALTER ANY AVAILABILITY GROUP", "CONNECT SQL", "VIEW SERVER STATE"}}},
       }) {
    SqlReply reply = LinkedServer();
    reply.sets.push_back({{"cluster_count"}, {Row{count}}});
    reply.sets.push_back({{"cluster_account_right"}, rights});
    reply.sets.push_back({{"is_cluster_account_sysadmin"}, {Row{sysadmin}}});
    CatalogDialect dialect;
    dialect.windows_cluster = true;
    const auto snapshot = ReadFast(reply, dialect);
    ASSERT_TRUE(snapshot.ok()) << name << ToString(snapshot.error());
    EXPECT_EQ(snapshot->properties.windows_cluster, expected) << name;
  }
  EXPECT_EQ(ReadFast(LinkedServer(), {})->properties.windows_cluster, std::nullopt);
}

TEST(ReadFastTest, OldServersLackColumnsAndSets) {
  const CatalogDialect dialect{
      .groups = true, .host_info = false, .cluster_type = false, .contained = false};
  SqlReply reply = LinkedServer();
  SetWith(reply, "group_name").columns = {"group_name",     "group_id", "is_distributed",
                                          "basic_features", "other",    "another"};
  std::erase_if(reply.sets,
                [](const ResultSet& set) { return set.columns.front() == "host_platform"; });
  const auto snapshot = ReadFast(reply, dialect);
  ASSERT_TRUE(snapshot.ok()) << ToString(snapshot.error());
  EXPECT_EQ(snapshot->properties.host_platform, "Windows");
  EXPECT_EQ(snapshot->groups[0].cluster_type, "");
  EXPECT_FALSE(ReadFast(reply, {}).ok());
}

TEST(ReadFastTest, MissingSetIsAProblem) {
  SqlReply reply = LinkedServer();
  std::erase_if(reply.sets,
                [](const ResultSet& set) { return set.columns.front() == "certificate_name"; });
  const auto snapshot = ReadFast(reply, {});
  ASSERT_FALSE(snapshot.ok());
  EXPECT_EQ(snapshot.error().reason, "ReplyMalformed");
  EXPECT_NE(snapshot.error().message.find("certificate_name"), std::string::npos);
}

TEST(ReadFastTest, MalformedValueIsAProblem) {
  SqlReply reply = LinkedServer();
  SetWith(reply, "endpoint_name").rows[0][7] = "port";
  EXPECT_FALSE(ReadFast(reply, {}).ok());
  reply = LinkedServer();
  SetWith(reply, "certificate_name").rows[0][8] = "0";
  EXPECT_FALSE(ReadFast(reply, {}).ok());
}

TEST(ReadDialectTest, FollowsTheVersion) {
  const auto read = [](const char* version, const char* engine) {
    SqlReply reply;
    reply.sets = {{{"product_version", "engine_edition"}, {Row{version, engine}}}};
    return *ReadDialect(reply);
  };
  EXPECT_EQ(read("13.0.7000.253", "3"), (CatalogDialect{true, false, false, false, true}));
  EXPECT_EQ(read("14.0.3490.10", "3"), (CatalogDialect{true, true, true, false}));
  EXPECT_EQ(read("15.0.4312.2", "3"), (CatalogDialect{true, true, true, false}));
  EXPECT_EQ(read("16.0.1000.6", "3"), (CatalogDialect{true, true, true, true}));
  EXPECT_EQ(read("17.0.1000.7", "3"), (CatalogDialect{true, true, true, true}));
  EXPECT_FALSE(read("12.0.6000.1", "3").groups);
  EXPECT_FALSE(read("12.0.2000.8", "8").groups);
  EXPECT_FALSE(read("?", "3").groups);
}

TEST(FastBatchTest, AsksOnlyForWhatTheVersionHas) {
  const std::string newest(FastBatch({}).text.Reveal());
  for (const char* const part : {"cluster_type_desc", "is_contained", "dm_os_host_info"}) {
    EXPECT_NE(newest.find(part), std::string::npos) << part;
  }
  const std::string oldest(FastBatch({true, false, false, false}).text.Reveal());
  for (const char* const part : {"cluster_type_desc", "is_contained", "dm_os_host_info"}) {
    EXPECT_EQ(oldest.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(newest.find("dm_hadr_cluster"), std::string::npos);
  CatalogDialect on_2016{true, false, false, false, true};
  EXPECT_NE(FastBatch(on_2016).text.Reveal().find("dm_hadr_cluster"), std::string::npos);
  const std::string refused(FastBatch({false, false, false, false}).text.Reveal());
  EXPECT_EQ(refused.find("availability_groups"), std::string::npos);
  EXPECT_NE(refused.find("server_name"), std::string::npos);
}

TEST(ReadSlowTest, CountsFilesAndConvertsLocalTimes) {
  const auto parts = ReadSlow(SlowReply());
  ASSERT_TRUE(parts.ok()) << ToString(parts.error());
  const auto& files = parts->files;
  ASSERT_EQ(files.size(), 2U);
  const DatabaseFiles& sales = files.at(DatabaseName("sales"));
  EXPECT_EQ(sales.log_files, 2);
  EXPECT_EQ(sales.defunct_files, 1);
  EXPECT_EQ(sales.last_full_backup, ParseRfc3339("2026-11-21T08:30:00Z"));
  EXPECT_EQ(files.at(DatabaseName("crm")).filestream_files, 1);
  EXPECT_FALSE(files.at(DatabaseName("crm")).last_full_backup.has_value());
}

TEST(ReadSlowTest, TellsWhatProtectsAnEncryptedDatabase) {
  const auto parts = ReadSlow(SlowReply());
  ASSERT_TRUE(parts.ok()) << ToString(parts.error());
  ASSERT_EQ(parts->encryptions.size(), 2U);
  const DatabaseEncryption sales{3, "CERTIFICATE", "A1B2", "", false};
  EXPECT_EQ(parts->encryptions.at(DatabaseName("sales")), sales);
  const DatabaseEncryption crm{2, "ASYMMETRIC KEY", "C3D4", "VaultKey", true};
  EXPECT_EQ(parts->encryptions.at(DatabaseName("crm")), crm);
}

TEST(ReadEncryptionTest, TellsWhatTheServerSees) {
  SqlReply reply;
  reply.sets = {{{"encrypt_option"}, {Row{"TRUE"}}}};
  EXPECT_TRUE(*ReadEncryption(reply));
  reply.sets = {{{"encrypt_option"}, {Row{"FALSE"}}}};
  EXPECT_FALSE(*ReadEncryption(reply));
  EXPECT_FALSE(ReadEncryption({}).ok());
}

}  // namespace
}  // namespace milink::sql
