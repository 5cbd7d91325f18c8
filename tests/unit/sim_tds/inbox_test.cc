#include "tests/sim/tds/inbox.h"

#include <future>
#include <thread>

#include <gtest/gtest.h>

namespace milink::sim::tds {
namespace {

Message Request() { return {.type = PacketType::kSqlBatch, .payload = "q"}; }
Message Attention() { return {.type = PacketType::kAttention, .payload = ""}; }

TEST(Inbox, AttentionCancelsTheRequestInFrontOfIt) {
  Inbox inbox;
  inbox.Push(Request());
  ASSERT_EQ(inbox.Pop()->type, PacketType::kSqlBatch);
  EXPECT_FALSE(inbox.cancelled());
  inbox.Push(Attention());
  EXPECT_TRUE(inbox.cancelled());
}

TEST(Inbox, AttentionDoesNotCancelTheRequestBehindIt) {
  Inbox inbox;
  inbox.Push(Attention());
  inbox.Push(Request());
  ASSERT_EQ(inbox.Pop()->type, PacketType::kAttention);
  ASSERT_EQ(inbox.Pop()->type, PacketType::kSqlBatch);
  EXPECT_FALSE(inbox.cancelled());
}

TEST(Inbox, CloseCancelsButLosesNoRequest) {
  Inbox inbox;
  inbox.Push(Request());
  inbox.Close();
  EXPECT_TRUE(inbox.cancelled());
  EXPECT_TRUE(inbox.Pop());
  EXPECT_TRUE(inbox.cancelled());
  EXPECT_FALSE(inbox.Pop());
}

TEST(Inbox, WakesWhoWaitsForTheFlagOrForAMessage) {
  Inbox inbox;
  std::promise<void> acknowledged;
  std::thread executor([&] {
    EXPECT_TRUE(inbox.Pop());
    inbox.cancelled().wait(false);
    EXPECT_EQ(inbox.Pop()->type, PacketType::kAttention);
    acknowledged.set_value();
    EXPECT_FALSE(inbox.Pop());
  });
  inbox.Push(Request());
  inbox.Push(Attention());
  acknowledged.get_future().wait();
  inbox.Close();
  executor.join();
}

}  // namespace
}  // namespace milink::sim::tds
