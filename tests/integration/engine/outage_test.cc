// The API server is killed and comes back while everybody is busy.
#include <gmock/gmock.h>

#include "tests/integration/engine/engine_test.h"
#include "tests/integration/engine/load.h"

namespace milink::test {
namespace {

constexpr int kOutageObjects = 3'000;
constexpr int kOutages = 2;
constexpr Duration kOutageLimit = std::chrono::seconds(240);

TEST_F(EngineTest, AServerKilledUnderLoadLosesNothing) {
  Keeper keeper(AdminAccess(), namespace_);
  ASSERT_TRUE(keeper.Start(kPatience));
  const Load load(AdminAccess(),
                  {.namespace_name = namespace_, .objects = kOutageObjects, .seed = 11});
  for (int outage = 1; outage <= kOutages; ++outage) {
    const int due = load.total() * outage / (kOutages + 1);
    ASSERT_TRUE(Eventually([&] { return load.done() >= due; }, kOutageLimit)) << load.done();
    const int failed = keeper.WatchFailures("");
    ASSERT_TRUE(env_->StopApiServer().ok());
    ASSERT_TRUE(Eventually([&] { return keeper.WatchFailures("") > failed; }));
    ASSERT_FALSE(load.finished());
    ASSERT_TRUE(env_->RestartApiServer().ok());
  }
  ASSERT_TRUE(Eventually([&] { return load.finished(); }, kOutageLimit)) << load.done();
  EXPECT_TRUE(EventuallySettled(keeper));
  EXPECT_EQ(keeper.widgets().size(), load.survivors().size());
  for (const auto& widget : keeper.widgets().List()) {
    EXPECT_EQ(widget->size, load.survivors().at(widget->meta.key.name)) << widget->meta.key.name;
  }
}

}  // namespace
}  // namespace milink::test
