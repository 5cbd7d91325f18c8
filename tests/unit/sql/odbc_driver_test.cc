#include "core/sql/odbc_driver.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace milink::sql {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

std::string NameOf(std::string_view library) {
  const DriverProfile* profile = ProfileOf(library);
  return profile == nullptr ? "" : std::string(profile->name());
}

TEST(OdbcDriverTest, TheLibrarysNameTellsTheProfile) {
  EXPECT_EQ(NameOf("/usr/lib/x86_64-linux-gnu/odbc/libtdsodbc.so"), "FreeTDS");
  EXPECT_EQ(NameOf("/usr/lib64/libtdsodbc.so.0.0.0"), "FreeTDS");
  EXPECT_EQ(NameOf("/opt/microsoft/msodbcsql18/lib64/libmsodbcsql-18.3.so.3.1"), "msodbcsql18");
  // Version 17 does not encrypt by itself and knows no Strict.
  EXPECT_EQ(NameOf("/opt/microsoft/msodbcsql17/lib64/libmsodbcsql-17.10.so.6.1"), "");
  EXPECT_EQ(NameOf("/usr/lib/libsqlite3odbc.so"), "");
}

TEST(OdbcDriverTest, FreeTdsIsFoundWhereItsPackagePutsIt) {
  const auto found = FindOdbcDriver(kDefaultDriver);
  ASSERT_TRUE(found.ok()) << ToString(found.error());
  EXPECT_EQ(found->profile->name(), "FreeTDS");
  EXPECT_THAT(found->library, HasSubstr("/libtdsodbc.so"));
}

class DriverFileTest : public ::testing::Test {
 protected:
  DriverFileTest() {
    std::string folder = std::filesystem::temp_directory_path() / "milink-driver-XXXXXX";
    folder_ = mkdtemp(folder.data());
    library_ = folder_ / "libmsodbcsql-18.3.so.3.1";
    std::ofstream{library_};
  }
  ~DriverFileTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::filesystem::path library_;
};

TEST_F(DriverFileTest, APathIsTakenAndLinksAreFollowed) {
  const auto link = folder_ / "driver.so";
  std::filesystem::create_symlink(library_, link);
  for (const auto& path : {library_, link}) {
    const auto found = FindOdbcDriver(path.string());
    ASSERT_TRUE(found.ok()) << ToString(found.error());
    EXPECT_EQ(found->profile->name(), "msodbcsql18");
    EXPECT_THAT(found->library, EndsWith("/libmsodbcsql-18.3.so.3.1"));
  }
}

TEST_F(DriverFileTest, AnUnknownOrMissingDriverIsRefusedByName) {
  const auto other = folder_ / "libother.so";
  std::ofstream{other};
  for (const auto& path : {other, folder_ / "libtdsodbc.so"}) {
    const auto found = FindOdbcDriver(path.string());
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().reason, "DriverMissing");
    EXPECT_THAT(found.error().message, HasSubstr(path.filename().string()));
    EXPECT_THAT(found.error().message, HasSubstr("--odbc-driver"));
  }
}

}  // namespace
}  // namespace milink::sql
