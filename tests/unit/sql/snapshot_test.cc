#include "core/sql/snapshot.h"

#include <functional>

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

InstanceSnapshot Sample() {
  InstanceSnapshot snapshot;
  Certificate certificate;
  certificate.name = CertificateName("Cert_SQL1_endpoint");
  certificate.thumbprint = "AB01";
  snapshot.certificates.push_back(certificate);
  AvailabilityGroup group;
  group.name = GroupName("AG_sales");
  snapshot.groups.push_back(group);
  Database database;
  database.name = DatabaseName("Sales");
  snapshot.databases.push_back(database);
  snapshot.files[DatabaseName("Sales")].log_files = 1;
  snapshot.encryptions[DatabaseName("Sales")].thumbprint = "AB02";
  return snapshot;
}

TEST(SnapshotTest, FindsByNameWithoutRegardToCase) {
  const InstanceSnapshot snapshot = Sample();
  EXPECT_EQ(snapshot.FindCertificate(CertificateName("cert_sql1_ENDPOINT")),
            &snapshot.certificates.front());
  EXPECT_EQ(snapshot.FindCertificateByThumbprint("ab01"), &snapshot.certificates.front());
  EXPECT_EQ(snapshot.FindGroup(GroupName("ag_SALES")), &snapshot.groups.front());
  EXPECT_EQ(snapshot.FindDatabase(DatabaseName("sales")), &snapshot.databases.front());
  EXPECT_EQ(snapshot.FindFiles(DatabaseName("SALES")), &snapshot.files.begin()->second);
  EXPECT_EQ(snapshot.FindEncryption(DatabaseName("SALES")), &snapshot.encryptions.begin()->second);
}

TEST(SnapshotTest, CaseCountsWhereTheCollationSaysSo) {
  struct Case {
    const char* collation;
    bool same;
  };
  for (const auto& [collation, same] :
       {Case{"SQL_Latin1_General_CP1_CI_AS", true}, Case{"SQL_Latin1_General_CP1_CS_AS", false},
        Case{"Latin1_General_100_CS_AS_SC_UTF8", false}, Case{"Latin1_General_BIN", false},
        Case{"Latin1_General_100_BIN2", false}, Case{"Latin1_General_100_BIN2_UTF8", false},
        Case{"", true}}) {
    InstanceSnapshot snapshot = Sample();
    snapshot.properties.collation = collation;
    EXPECT_EQ(snapshot.FindDatabase(DatabaseName("SALES")) != nullptr, same) << collation;
    EXPECT_EQ(snapshot.FindFiles(DatabaseName("SALES")) != nullptr, same) << collation;
    EXPECT_NE(snapshot.FindDatabase(DatabaseName("Sales")), nullptr) << collation;
  }
}

TEST(SnapshotTest, FindsNothingWhereNothingIs) {
  const InstanceSnapshot snapshot = Sample();
  EXPECT_EQ(snapshot.FindCertificate(CertificateName("x")), nullptr);
  EXPECT_EQ(snapshot.FindCertificateByThumbprint(""), nullptr);
  EXPECT_EQ(snapshot.FindGroup(GroupName("AG_sale")), nullptr);
  EXPECT_EQ(snapshot.FindDatabase(DatabaseName("sales2")), nullptr);
  EXPECT_EQ(snapshot.FindFiles(DatabaseName("")), nullptr);
}

TEST(SnapshotTest, LagFallsIntoBuckets) {
  EXPECT_EQ(LagBucket(std::nullopt), "");
  EXPECT_EQ(LagBucket(-1), "");
  EXPECT_EQ(LagBucket(0), "<10s");
  EXPECT_EQ(LagBucket(9), "<10s");
  EXPECT_EQ(LagBucket(10), "<1m");
  EXPECT_EQ(LagBucket(299), "<5m");
  EXPECT_EQ(LagBucket(3599), "<1h");
  EXPECT_EQ(LagBucket(3600), ">1h");
}

struct ChangeRow {
  const char* name;
  std::function<void(InstanceSnapshot&)> change;
  bool same;
};

std::vector<ChangeRow> Changes() {
  return {
      {"nothing", [](auto&) {}, true},
      {"version and times of reading",
       [](auto& s) {
         s.version = 7;
         s.read_at += std::chrono::seconds(30);
         s.slow_read_at += std::chrono::seconds(30);
       },
       true},
      {"lag within its bucket", [](auto& s) { s.database_states[0].lag_seconds = 9; }, true},
      {"lag in another bucket", [](auto& s) { s.database_states[0].lag_seconds = 10; }, false},
      {"lag that is not known any more", [](auto& s) { s.database_states[0].lag_seconds.reset(); },
       false},
      {"queues and LSNs",
       [](auto& s) {
         s.database_states[0].log_send_queue_kb = 5;
         s.database_states[0].redo_queue_kb = 5;
         s.database_states[0].last_hardened_lsn = "2";
       },
       true},
      {"health", [](auto& s) { s.database_states[0].synchronization_health = "NOT_HEALTHY"; },
       false},
      {"one state less", [](auto& s) { s.database_states.clear(); }, false},
      {"bytes within a percent", [](auto& s) { s.seedings[0].transferred_bytes = 509; }, true},
      {"one percent more", [](auto& s) { s.seedings[0].transferred_bytes = 510; }, false},
      {"the end of a copy", [](auto& s) { s.seedings[0].state = "COMPLETED"; }, false},
      {"the use of a log", [](auto& s) { s.databases[0].log_used_percent = 55.5; }, true},
      {"a recovery model", [](auto& s) { s.databases[0].recovery_model = "SIMPLE"; }, false},
      {"a group", [](auto& s) { s.groups[0].basic = true; }, false},
      {"a certificate", [](auto& s) { s.certificates[0].thumbprint = "CD"; }, false},
      {"a protector", [](auto& s) { s.encryptions.begin()->second.thumbprint = "CD"; }, false},
      {"a backup", [](auto& s) { s.files.begin()->second.last_full_backup = TimePoint(); }, false},
  };
}

TEST(SnapshotTest, OnlyWhatReadersUseCountsAsAChange) {
  InstanceSnapshot before = Sample();
  before.database_states.resize(1);
  before.database_states[0].lag_seconds = 2;
  before.seedings.resize(1);
  before.seedings[0].database_bytes = 1'000;
  before.seedings[0].transferred_bytes = 500;
  for (const ChangeRow& row : Changes()) {
    SCOPED_TRACE(row.name);
    InstanceSnapshot after = before;
    row.change(after);
    EXPECT_EQ(SameContents(before, after), row.same);
  }
}

}  // namespace
}  // namespace milink::sql
