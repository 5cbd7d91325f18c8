#include "controllers/replica/memory.h"

#include <gtest/gtest.h>

#include "tests/unit/replica/builders.h"

namespace milink::replica {
namespace {

TEST(ReplicaMemoryTest, FactsBelongToOneObjectNotToItsName) {
  Memory memory;
  auto meta = testing::Replica().meta;
  Facts facts = memory.Get(meta);
  EXPECT_TRUE(facts.confirmed.empty());
  facts.confirmed.insert("Endpoint/e");
  memory.Put(meta, facts);
  EXPECT_EQ(memory.Get(meta).confirmed.size(), 1U);
  meta.uid = "another object of the same name";
  EXPECT_TRUE(memory.Get(meta).confirmed.empty());
}

TEST(ReplicaMemoryTest, AForgottenObjectHasNoFacts) {
  Memory memory;
  const auto meta = testing::Replica().meta;
  Facts facts = memory.Get(meta);
  facts.last_write = "12";
  memory.Put(meta, facts);
  memory.Forget(meta.key);
  EXPECT_TRUE(memory.Get(meta).last_write.empty());
}

}  // namespace
}  // namespace milink::replica
