#include "core/sql/urls.h"

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

TEST(UrlsTest, SqlServerUrlNamesAddressAndPort) {
  EXPECT_EQ(*SqlServerListenerUrl("10.0.0.4", 5022), "TCP://10.0.0.4:5022");
  EXPECT_EQ(*SqlServerListenerUrl("sql1.corp.example", 5023), "TCP://sql1.corp.example:5023");
  EXPECT_EQ(*SqlServerListenerUrl("2001:db8::1", 5022), "TCP://[2001:db8::1]:5022");
}

TEST(UrlsTest, InstanceUrlNamesTheShortNameInBrackets) {
  EXPECT_EQ(*InstanceListenerUrl("sqlmi1.73d19f36a420a.database.windows.net", "sqlmi1"),
            "tcp://sqlmi1.73d19f36a420a.database.windows.net:5022;Server=[sqlmi1]");
}

TEST(UrlsTest, RefusesWhatIsNoAddress) {
  for (const char* const wrong : {"", "a b", "host;Server=[x]", "tcp://h", "h'", "[::1]"}) {
    EXPECT_FALSE(SqlServerListenerUrl(wrong, 5022).ok()) << wrong;
    EXPECT_FALSE(InstanceListenerUrl("mi.example", wrong).ok()) << wrong;
  }
}

TEST(UrlsTest, KnowsAnInstanceByItsServerPart) {
  EXPECT_TRUE(IsInstanceUrl("tcp://x:5022;server=[x]"));
  EXPECT_FALSE(IsInstanceUrl("TCP://10.0.0.4:5022"));
}

TEST(UrlsTest, ComparesWithoutRegardToCase) {
  EXPECT_TRUE(SameUrl("TCP://10.0.0.4:5022", "tcp://10.0.0.4:5022 "));
  EXPECT_FALSE(SameUrl("TCP://10.0.0.4:5022", "TCP://10.0.0.4:5023"));
}

}  // namespace
}  // namespace milink::sql
