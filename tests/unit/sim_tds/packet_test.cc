#include "tests/sim/tds/packet.h"

#include <gtest/gtest.h>

#include "tests/unit/sim_tds/hex.h"

namespace milink::sim::tds {
namespace {

std::optional<Message> NextOf(MessageAssembler& assembler) {
  Result<std::optional<Message>> next = assembler.Next();
  EXPECT_TRUE(next.ok());
  return next ? *next : std::nullopt;
}

TEST(MessageAssembler, JoinsPacketsHoweverTheyAreCut) {
  const std::string payload(1500, 'p');
  const std::string bytes = PackMessage(PacketType::kSqlBatch, payload, 512, 51);
  for (const std::size_t piece : {1U, 7U, 8U, 513U, 4000U}) {
    MessageAssembler assembler(1 << 20);
    std::optional<Message> message;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      ASSERT_FALSE(message);
      assembler.Append(std::string_view(bytes).substr(at, piece));
      message = NextOf(assembler);
    }
    ASSERT_TRUE(message) << piece;
    EXPECT_EQ(message->payload, payload);
    EXPECT_EQ(message->type, PacketType::kSqlBatch);
    EXPECT_FALSE(message->reset_connection);
  }
}

TEST(MessageAssembler, SkipsAMessageWhichTheClientWithdrew) {
  MessageAssembler assembler(1024);
  assembler.Append(
      Bin("01 00 0009 0000 01 00 61  01 03 0009 0000 02 00 62  01 01 0009 0000 01 00 63"));
  const auto message = NextOf(assembler);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->payload, "c");
}

TEST(MessageAssembler, LetsAnAttentionReplaceAHalfSentRequest) {
  MessageAssembler assembler(1024);
  assembler.Append(Bin("01 00 0009 0000 01 00 61  06 01 0008 0000 01 00"));
  const auto message = NextOf(assembler);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, PacketType::kAttention);
  EXPECT_EQ(message->payload, "");
}

TEST(MessageAssembler, SeesResetRequestsInTheFirstPacket) {
  MessageAssembler assembler(1024);
  assembler.Append(Bin("01 09 0008 0000 01 00  01 11 0008 0000 01 00"));
  auto message = NextOf(assembler);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->reset_connection);
  EXPECT_FALSE(message->keep_transaction);
  message = NextOf(assembler);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->reset_connection);
  EXPECT_TRUE(message->keep_transaction);
}

TEST(MessageAssembler, RefusesWhatCannotBeAStream) {
  struct Case {
    const char* name;
    const char* bytes;
  };
  const Case cases[] = {
      {"length below the header", "01 01 0007 0000 01 00"},
      {"length above the limit", "01 01 8000 0000 01 00"},
      {"another type inside a message", "01 00 0009 0000 01 00 61 03 01 0009 0000 02 00 62"},
      {"message longer than allowed", "01 01 000B 0000 01 00 616161"}};
  for (const Case& c : cases) {
    MessageAssembler assembler(2);
    assembler.Append(Bin(c.bytes));
    EXPECT_FALSE(assembler.Next().ok()) << c.name;
  }
}

TEST(MessageOutput, WritesHeadersWithCountedPacketsAndOneEnd) {
  const std::string bytes = PackMessage(PacketType::kReply, std::string(505, 'x'), 512, 0x0133);
  ASSERT_EQ(bytes.size(), 505U + 2 * kHeaderSize);
  EXPECT_EQ(Hex(bytes.substr(0, 8)), Plain("04 00 0200 0133 01 00"));
  EXPECT_EQ(Hex(bytes.substr(512)), Plain("04 01 0009 0133 02 00 78"));
}

TEST(MessageOutput, SendsAnEmptyMessageAsOnePacket) {
  EXPECT_EQ(Hex(PackMessage(PacketType::kReply, "", 4096, 0)), Plain("04 01 0008 0000 01 00"));
}

TEST(MessageOutput, WithholdsAShortReplyAndStreamsALongOne) {
  std::string sent;
  MessageOutput output(
      [&](std::string_view packet) {
        sent.append(packet);
        return true;
      },
      PacketType::kReply, 4096, 0);
  output.Write(std::string(MessageOutput::kHold, 'x'));
  EXPECT_EQ(sent, "");
  output.Write("y");
  EXPECT_GT(sent.size(), MessageOutput::kHold - 4096);
  output.Finish();
  MessageAssembler assembler(1 << 20);
  assembler.Append(sent);
  EXPECT_EQ(NextOf(assembler)->payload, std::string(MessageOutput::kHold, 'x') + "y");
}

TEST(MessageOutput, StopsWhenTheConnectionIsGone) {
  int calls = 0;
  MessageOutput output(
      [&](std::string_view) {
        ++calls;
        return false;
      },
      PacketType::kReply, 512, 0);
  output.Write(std::string(5000, 'x'));
  output.Finish();
  EXPECT_TRUE(output.failed());
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace milink::sim::tds
