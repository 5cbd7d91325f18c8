// What a thousand settled links cost the API server, SQL Server and Azure.
#include <gtest/gtest.h>

#include "controllers/link/act.h"
#include "tests/unit/link/rig.h"

namespace milink::link {
namespace {

constexpr int kLinks = 1'000;

ObjectKey KeyOf(int number) { return {"default", "link" + std::to_string(number)}; }

TEST(ConvergedLinks, AThousandSettledLinksWriteNothing) {
  gen::Rig rig({"sales", "hr"});
  ASSERT_TRUE(rig.Settle());
  const nlohmann::json settled = rig.objects.Find(LinkType(), rig.key).value();
  for (int i = 0; i < kLinks; ++i) {
    nlohmann::json object = settled;
    object["metadata"]["name"] = KeyOf(i).name;
    object["metadata"]["uid"] = "uid-of-" + KeyOf(i).name;
    rig.objects.Put(LinkType(), object);
  }
  rig.objects.ClearCalls();
  rig.hub.ClearCalls();
  const int reads = rig.api.reads;
  const auto told = rig.events.Events().size();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kLinks; ++i) {
      const auto outcome = rig.controller->Reconcile(KeyOf(i), {});
      ASSERT_TRUE(outcome.status.ok());
      ASSERT_FALSE(outcome.requeue_after.has_value()) << "nothing to wait for";
    }
    rig.clock.Step(std::chrono::seconds(30));
    rig.Publish();
  }
  EXPECT_EQ(rig.objects.Calls().size(), 0U);
  EXPECT_EQ(rig.hub.Calls().size() + rig.hub.Refreshes().size(), 0U);
  EXPECT_EQ(rig.api.reads, reads);
  EXPECT_EQ(rig.events.Events().size(), told);
}

}  // namespace
}  // namespace milink::link
