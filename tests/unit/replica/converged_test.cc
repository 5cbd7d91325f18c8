// What a thousand settled instances cost the API server.
#include <gtest/gtest.h>

#include "tests/unit/replica/controller_fixture.h"

namespace milink::replica {
namespace {

constexpr int kReplicas = 1'000;

class ConvergedReplicasTest : public ReplicaControllerTest {
 protected:
  static ObjectKey KeyOf(int number) { return {"prod", "sql" + std::to_string(number)}; }

  // Copies of the settled one, each with an instance of its own.
  void Multiply() {
    const nlohmann::json settled = *objects_.Find(kType, kKey);
    objects_.Erase(kType, kKey);
    for (int i = 0; i < kReplicas; ++i) {
      nlohmann::json object = settled;
      const std::string server = "SERVER" + std::to_string(i);
      object["metadata"]["name"] = KeyOf(i).name;
      object["metadata"]["uid"] = server;
      object["status"]["identity"]["serverName"] = server;
      objects_.Put(kType, object);
    }
    hub_.OnRefresh(
        [this](const ObjectKey& key,
               sql::RefreshScope) -> Result<std::shared_ptr<const sql::InstanceSnapshot>> {
          auto snapshot = server_;
          snapshot.properties.server_name = "SERVER" + key.name.substr(3);
          snapshot.read_at = clock_.Now();
          return std::make_shared<const sql::InstanceSnapshot>(std::move(snapshot));
        });
  }
  ReplicaCache AllOfThem() {
    ReplicaCache cache = Cache();
    cache.list = [] { return std::vector<ReplicaPointer>(); };
    return cache;
  }
};

TEST_F(ConvergedReplicasTest, AThousandSettledReplicasWriteNothing) {
  Settle();
  Multiply();
  ReplicaController controller(AllOfThem(), objects_, events_, hub_, clock_, *random_);
  objects_.ClearCalls();
  hub_.ClearCalls();
  const auto told = events_.Events().size();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < kReplicas; ++i) {
      const auto outcome = controller.Reconcile(KeyOf(i), {});
      ASSERT_TRUE(outcome.status.ok());
      ASSERT_GT(*outcome.requeue_after, std::chrono::seconds(1));
    }
    clock_.Step(std::chrono::seconds(30));
  }
  EXPECT_EQ(objects_.Writes().size(), 0U);
  EXPECT_EQ(events_.Events().size(), told);
  EXPECT_EQ(hub_.Refreshes().size(), 2U * kReplicas) << "they were really looked at";
}

}  // namespace
}  // namespace milink::replica
