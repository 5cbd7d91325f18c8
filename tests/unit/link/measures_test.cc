#include "controllers/link/plan/measures.h"

#include <gtest/gtest.h>

namespace milink::link {
namespace {

TEST(Measures, TheWorseLagWins) {
  EXPECT_EQ(WorseLag("", "<10s"), "<10s");
  EXPECT_EQ(WorseLag("<5m", "<1m"), "<5m");
  EXPECT_EQ(WorseLag("<5m", ">1h"), ">1h");
}

TEST(Measures, SeedingIsWholePercentAndStaysInRange) {
  sql::Seeding seeding;
  seeding.state = "SEEDING";
  DatabaseView view;
  view.seeding = &seeding;
  EXPECT_EQ(SeedingPercent(view), 0);
  seeding.database_bytes = 1'000;
  seeding.transferred_bytes = 459;
  EXPECT_EQ(SeedingPercent(view), 45);
  seeding.transferred_bytes = 2'000;
  EXPECT_EQ(SeedingPercent(view), 100);
  seeding.state = "COMPLETED";
  EXPECT_EQ(SeedingPercent(view), std::nullopt);
}

TEST(Measures, TheServicesPercentServesWhereSqlServerHasNone) {
  azure::Link link;
  link.databases = {{.name = "Sales", .replica_state = "Seeding", .seeding_progress = "80%"}};
  DatabaseView view;
  view.names.name = DatabaseName("sales");
  view.link = &link;
  EXPECT_EQ(SeedingPercent(view), 80);
  link.databases.front().seeding_progress = "soon";
  EXPECT_EQ(SeedingPercent(view), std::nullopt);
}

}  // namespace
}  // namespace milink::link
