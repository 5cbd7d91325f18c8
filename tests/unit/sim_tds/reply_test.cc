#include "tests/sim/tds/reply.h"

#include <functional>

#include <gtest/gtest.h>

#include "tests/unit/sim_tds/hex.h"

namespace milink::sim::tds {
namespace {

// The payload which the events of `play` become.
std::string Played(const std::function<void(Reply&)>& play, std::uint64_t transaction = 0) {
  std::string bytes;
  MessageOutput output(
      [&](std::string_view packet) {
        bytes.append(packet);
        return true;
      },
      PacketType::kReply, 4096, 51);
  Reply reply(output, "S", {}, transaction);
  play(reply);
  reply.Finish();
  MessageAssembler assembler(1 << 20);
  assembler.Append(bytes);
  return Hex((*assembler.Next())->payload);
}

const std::vector<Column> kOneInt = {{"", {.type = SqlType::kInt, .nullable = false}}};
const std::vector<Value> kOne = {Value(std::int64_t{1})};
const ServerMessage kError{.number = 50, .severity = 16, .state = 2, .text = "n", .line = 7};
const ServerMessage kPrint{.number = 0, .severity = 0, .state = 1, .text = "p"};

constexpr const char* kColumns = "81 0100 00000000 0800 38 00";
constexpr const char* kErrorToken = "AA 1200 32000000 02 10 0100 6E00 01 5300 00 07000000";
constexpr const char* kPrintToken = "AB 1200 00000000 01 00 0100 7000 01 5300 00 01000000";

std::string Tokens(std::initializer_list<const char*> parts) {
  std::string all;
  for (const char* const part : parts) {
    all += Plain(part);
  }
  return all;
}

TEST(Reply, SelectIsMetadataRowsAndACount) {
  const auto select = [](Reply& reply) {
    reply.Columns(kOneInt);
    reply.Row(kOne);
    reply.StatementDone(1, false);
  };
  EXPECT_EQ(Played(select), Tokens({kColumns, "D1 01000000", "FD 1000 C100 0100000000000000"}));
}

TEST(Reply, SelectWithoutRowsStillHasMetadata) {
  const auto select = [](Reply& reply) {
    reply.Columns(kOneInt);
    reply.StatementDone(0, false);
  };
  EXPECT_EQ(Played(select), Tokens({kColumns, "FD 1000 C100 0000000000000000"}));
}

TEST(Reply, OnlyTheLastDoneLacksTheMoreBit) {
  const auto batch = [](Reply& reply) {
    reply.StatementDone(42, false);
    reply.StatementDone(std::nullopt, false);
    reply.Message(kError);
    reply.StatementDone(std::nullopt, true);
  };
  EXPECT_EQ(Played(batch), Tokens({"FD 1100 0000 2A00000000000000", "FD 0100 0000 0000000000000000",
                                   kErrorToken, "FD 0200 0000 0000000000000000"}));
}

TEST(Reply, AnEmptyBatchHasOneDone) {
  EXPECT_EQ(Played([](Reply&) {}), Tokens({"FD 0000 0000 0000000000000000"}));
}

TEST(Reply, AnEngineThatStopsAfterAnErrorStillGetsItsDone) {
  EXPECT_EQ(Played([](Reply& reply) { reply.Message(kError); }),
            Tokens({kErrorToken, "FD 0200 0000 0000000000000000"}));
}

TEST(Reply, AnErrorMarksItsStatementFailedWhateverTheEngineSays) {
  const auto batch = [](Reply& reply) {
    reply.Message(kError);
    reply.StatementDone(std::nullopt, false);
    reply.StatementDone(1, false);
  };
  EXPECT_EQ(Played(batch), Tokens({kErrorToken, "FD 0300 0000 0000000000000000",
                                   "FD 1000 0000 0100000000000000"}));
}

TEST(Reply, PrintIsInfoBeforeItsDone) {
  const auto batch = [](Reply& reply) {
    reply.Message(kPrint);
    reply.StatementDone(std::nullopt, false);
  };
  EXPECT_EQ(Played(batch), Tokens({kPrintToken, "FD 0000 0000 0000000000000000"}));
}

TEST(Reply, UseChangesTheDatabase) {
  const std::string reply = Played([](Reply& r) {
    r.DatabaseChanged("a", "b");
    r.StatementDone(std::nullopt, false);
  });
  EXPECT_EQ(reply.substr(0, 20), Plain("E3 0700 01 01 6200 01 6100"));
  EXPECT_EQ(reply.substr(20, 6 + 12), Plain("AB 5000 45160000 01 00"));
}

TEST(Reply, ProceduresEndWithStatusValuesAndTheirOwnDone) {
  const auto call = [](Reply& reply) {
    reply.BeginProcedure();
    reply.OutputValue("", {.type = SqlType::kInt}, Value(std::int64_t{9}));
    reply.Columns(kOneInt);
    reply.Row(kOne);
    reply.StatementDone(1, false);
    reply.EndProcedure();
  };
  EXPECT_EQ(Played(call), Tokens({kColumns, "D1 01000000", "FF 1100 C100 0100000000000000",
                                  "79 00000000", "AC 0000 00 01 00000000 0000 26 04 04 09000000",
                                  "FE 0000 0000 0000000000000000"}));
}

TEST(Reply, AProcedureThatCouldNotBeCalledHasOnlyAFailedDone) {
  const auto call = [](Reply& reply) {
    reply.BeginProcedure();
    reply.Message(kError);
    reply.EndProcedure();
  };
  EXPECT_EQ(Played(call), Tokens({kErrorToken, "FE 0200 0000 0000000000000000"}));
}

TEST(Reply, SeveralProceduresShareAMessage) {
  const auto calls = [](Reply& reply) {
    for (const int status : {0, -1}) {
      reply.BeginProcedure();
      reply.ReturnStatus(status);
      reply.EndProcedure();
    }
  };
  EXPECT_EQ(Played(calls), Tokens({"79 00000000", "FE 0100 0000 0000000000000000", "79 FFFFFFFF",
                                   "FE 0000 0000 0000000000000000"}));
}

TEST(Reply, TellsWhetherATransactionIsOpen) {
  const auto batch = [](Reply& reply) {
    reply.TransactionChanged(TransactionStep::kBegin);
    reply.StatementDone(std::nullopt, false);
    reply.TransactionChanged(TransactionStep::kRollback);
    reply.StatementDone(std::nullopt, false);
  };
  EXPECT_EQ(Played(batch),
            Tokens({"E3 0B00 08 08 0100000000000000 00", "FD 0500 0000 0000000000000000",
                    "E3 0B00 0A 00 08 0100000000000000", "FD 0000 0000 0000000000000000"}));
}

TEST(Reply, ShowsAValueThatDoesNotFitAsAnError) {
  const std::string reply = Played([](Reply& r) {
    r.Columns(kOneInt);
    r.Row({Value(std::string("x"))});
    r.Row(kOne);
    r.StatementDone(2, false);
  });
  EXPECT_NE(reply.find(Plain("AA")), std::string::npos);
  EXPECT_EQ(reply.find(Plain("D1 01000000")), std::string::npos) << "no row after the error";
  EXPECT_EQ(reply.substr(reply.size() - 26), Plain("FD 1200 C100 0200000000000000"));
}

TEST(Reply, KnowsFatalMessages) {
  std::uint64_t transaction = 0;
  MessageOutput output([](std::string_view) { return true; }, PacketType::kReply, 4096, 0);
  Reply reply(output, "S", {}, transaction);
  reply.Message(kError);
  EXPECT_FALSE(reply.fatal());
  reply.Message({.number = 596, .severity = 21, .text = "killed"});
  EXPECT_TRUE(reply.fatal());
}

}  // namespace
}  // namespace milink::sim::tds
