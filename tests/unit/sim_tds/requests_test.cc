#include "tests/sim/tds/requests.h"

#include <gtest/gtest.h>

#include "tests/sim/tds/bytes.h"
#include "tests/sim/tds/testing/raw_client.h"
#include "tests/unit/sim_tds/hex.h"

namespace milink::sim::tds {
namespace {

TEST(ParseBatch, SkipsTheHeaders) {
  const auto batch = ParseBatch(EncodeBatch("select N'ä'"));
  ASSERT_TRUE(batch.ok());
  EXPECT_EQ(*batch, "select N'ä'");
  EXPECT_EQ(*ParseBatch(EncodeBatch("")), "");
}

TEST(ParseBatch, RefusesHeadersOutsideTheMessage) {
  for (const char* const bytes : {"", "160000", "03000000", "FFFFFFFF 00", "04000000 61"}) {
    EXPECT_FALSE(ParseBatch(Bin(bytes)).ok()) << bytes;
  }
}

TEST(ParseRpc, ReadsSpExecuteSqlAsFreeTdsSendsIt) {
  const auto calls =
      ParseRpc(WithHeaders(Bin("FFFF 0A00 0000"
                               "00 00 63 04000000 0904D00034 04000000 71003100"  // statement "q1"
                               "00 00 63 04000000 0904D00034 04000000 40005000"  // definitions "@P"
                               "00 00 26 04 04 07000000")));
  ASSERT_TRUE(calls.ok()) << ToString(calls.error());
  ASSERT_EQ(calls->size(), 1U);
  const RpcCall& call = calls->front();
  EXPECT_EQ(call.id, ProcedureId::kExecuteSql);
  EXPECT_EQ(call.name, "sp_executesql");
  ASSERT_EQ(call.parameters.size(), 3U);
  EXPECT_EQ(call.parameters[0].value, Value(std::string("q1")));
  EXPECT_EQ(call.parameters[2].value, Value(std::int64_t{7}));
  EXPECT_FALSE(call.parameters[2].output);
}

TEST(ParseRpc, ReadsNamesAndOutputParameters) {
  const auto calls = ParseRpc(WithHeaders(Bin("0100 7000 0000  02 40006100 01 26 04 00")));
  ASSERT_TRUE(calls.ok());
  EXPECT_EQ(calls->front().id, ProcedureId::kNone);
  EXPECT_EQ(calls->front().name, "p");
  EXPECT_EQ(calls->front().parameters[0].name, "@a");
  EXPECT_TRUE(calls->front().parameters[0].output);
}

TEST(ParseRpc, RecognisesSystemProceduresByName) {
  ByteWriter by_name;
  by_name.ShortText("sys.SP_Execute").U16(0);
  EXPECT_EQ(ParseRpc(WithHeaders(by_name.bytes()))->front().id, ProcedureId::kExecute);
}

TEST(ParseRpc, ReadsSeveralCallsInOneMessage) {
  const std::string call = Bin("FFFF 0F00 0000 00 00 26 04 04 01000000");
  const auto calls = ParseRpc(WithHeaders(call + "\xFF" + call + "\xFE" + call + "\xFF"));
  ASSERT_TRUE(calls.ok());
  EXPECT_EQ(calls->size(), 3U);
}

TEST(ParseRpc, RefusesWhatIsCutShort) {
  for (const char* const bytes :
       {"", "FFFF", "FFFF 0A00", "0500 7000", "0000 0000", "FFFF 0A00 0000 02 4000",
        "FFFF 0A00 0000 00 00", "FFFF 0A00 0000 00 00 26 04 04 01"}) {
    EXPECT_FALSE(ParseRpc(WithHeaders(Bin(bytes))).ok()) << bytes;
  }
}

TEST(ParseTransaction, ReadsWhatFreeTdsSends) {
  const auto begin = ParseTransaction(WithHeaders(Bin("0500 00 00")));
  ASSERT_TRUE(begin.ok());
  EXPECT_EQ(begin->step, TransactionStep::kBegin);
  const auto commit = ParseTransaction(WithHeaders(Bin("0700 00 01 00 00")));
  ASSERT_TRUE(commit.ok());
  EXPECT_EQ(commit->step, TransactionStep::kCommit);
  EXPECT_TRUE(commit->begin_another);
  const auto rollback = ParseTransaction(WithHeaders(Bin("0800 00 00")));
  ASSERT_TRUE(rollback.ok());
  EXPECT_EQ(rollback->step, TransactionStep::kRollback);
  EXPECT_FALSE(rollback->begin_another);
  for (const char* const bytes : {"", "0900 00 00", "0700", "0700 05 00"}) {
    EXPECT_FALSE(ParseTransaction(WithHeaders(Bin(bytes))).ok()) << bytes;
  }
}

TEST(ParseDefinitions, SplitsOutsideParentheses) {
  const std::vector<ParameterDefinition> expected = {
      {"@P1", false}, {"@P2", false}, {"@out", true}, {"@o", true}};
  EXPECT_EQ(ParseDefinitions("@P1 INT, @P2 DECIMAL(10,2),@out int OUTPUT , @o int out"), expected);
  EXPECT_TRUE(ParseDefinitions("").empty());
  EXPECT_TRUE(ParseDefinitions(" , ").empty());
}

}  // namespace
}  // namespace milink::sim::tds
