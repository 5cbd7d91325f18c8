#include "core/sql/snapshot.h"

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
  DatabaseFiles files;
  files.name = DatabaseName("Sales");
  snapshot.files.emplace(files.name, files);
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
}

TEST(SnapshotTest, FindsNothingWhereNothingIs) {
  const InstanceSnapshot snapshot = Sample();
  EXPECT_EQ(snapshot.FindCertificate(CertificateName("x")), nullptr);
  EXPECT_EQ(snapshot.FindCertificateByThumbprint(""), nullptr);
  EXPECT_EQ(snapshot.FindGroup(GroupName("AG_sale")), nullptr);
  EXPECT_EQ(snapshot.FindDatabase(DatabaseName("sales2")), nullptr);
  EXPECT_EQ(snapshot.FindFiles(DatabaseName("")), nullptr);
}

}  // namespace
}  // namespace milink::sql
