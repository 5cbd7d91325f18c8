#include "tests/sim/tds/request_runner.h"

#include <gtest/gtest.h>

#include "tests/sim/tds/testing/raw_client.h"
#include "tests/sim/tds/testing/scripted_executor.h"
#include "tests/sim/tds/text.h"
#include "tests/unit/sim_tds/hex.h"

namespace milink::sim::tds {
namespace {

// A procedure call with text, handle and integer parameters, as FreeTDS writes them.
class Call {
 public:
  explicit Call(ProcedureId id) { out_.U16(0xFFFF).U16(static_cast<std::uint16_t>(id)).U16(0); }
  explicit Call(const std::string& name) { out_.ShortText(name).U16(0); }
  Call& Text(const std::string& text) {
    const std::string wide = Utf8ToUtf16(text);
    const auto size = static_cast<std::uint32_t>(wide.size());
    out_.U8(0).U8(0).U8(0x63).U32(size).Raw(kCollation).U32(size).Raw(wide);
    return *this;
  }
  Call& Int(std::uint32_t value) {
    out_.U8(0).U8(0).U8(0x26).U8(4).U8(4).U32(value);
    return *this;
  }
  Call& OutputHandle() {
    out_.U8(0).U8(1).U8(0x26).U8(4).U8(0);
    return *this;
  }
  Message Build() const { return {.type = PacketType::kRpc, .payload = WithHeaders(out_.bytes())}; }

 private:
  ByteWriter out_;
};

Message Transaction(const char* bytes) {
  return {.type = PacketType::kTransaction, .payload = WithHeaders(Bin(bytes))};
}

class RequestRunnerTest : public testing::Test {
 protected:
  RequestRunnerTest()
      : session_(executor_.Login({.user = "sa", .password = "Correct-Horse-9"}).session),
        runner_(executor_, *session_) {}

  // The payload of the reply, in hexadecimal.
  std::string Run(const Message& request) {
    std::string bytes;
    MessageOutput output(
        [&](std::string_view packet) {
          bytes.append(packet);
          return true;
        },
        PacketType::kReply, 4096, 51);
    Reply reply(output, "S", {}, runner_.transaction());
    fate_ = runner_.Run(request, cancelled_, reply);
    reply.Finish();
    MessageAssembler assembler(1 << 20);
    assembler.Append(bytes);
    return Hex((*assembler.Next())->payload);
  }
  // Remembers the parameters of the statement and succeeds.
  Script Records() {
    return [this](const ScriptedRequest& request) {
      seen_ = request.parameters;
      request.writer.StatementDone(std::nullopt, false);
      return ConnectionFate::kKeep;
    };
  }
  static bool HasError(const std::string& reply, std::uint32_t number) {
    return reply.find(Hex(ByteWriter().U32(number).bytes())) != std::string::npos &&
           reply.find("AA") != std::string::npos;
  }

  ScriptedExecutor executor_;
  std::unique_ptr<SqlSession> session_;
  RequestRunner runner_;
  std::atomic<bool> cancelled_ = false;
  std::vector<Parameter> seen_;
  ConnectionFate fate_ = ConnectionFate::kKeep;
};

constexpr const char* kRpcDone = "FF010000000000000000000000";
constexpr const char* kProcedureDone = "FE000000000000000000000000";

TEST_F(RequestRunnerTest, RunsABatch) {
  executor_.On("go", Counts(3));
  EXPECT_EQ(Run({.type = PacketType::kSqlBatch, .payload = EncodeBatch("go")}),
            Plain("FD 1000 0000 0300000000000000"));
}

TEST_F(RequestRunnerTest, NamesTheValuesOfSpExecuteSqlByItsDefinitions) {
  executor_.On("q", Records());
  const std::string reply = Run(Call(ProcedureId::kExecuteSql)
                                    .Text("q")
                                    .Text("@P1 INT,@P2 NVARCHAR(10)")
                                    .Int(5)
                                    .Text("x")
                                    .Build());
  EXPECT_EQ(reply, kRpcDone + Plain("79 00000000") + kProcedureDone);
  ASSERT_EQ(seen_.size(), 2U);
  EXPECT_EQ(seen_[0].name, "@P1");
  EXPECT_EQ(seen_[0].value, Value(std::int64_t{5}));
  EXPECT_EQ(seen_[1].name, "@P2");
  EXPECT_EQ(seen_[1].value, Value(std::string("x")));
}

TEST_F(RequestRunnerTest, CountsTheValuesAgainstTheDefinitions) {
  executor_.On("q", Records());
  EXPECT_TRUE(
      HasError(Run(Call(ProcedureId::kExecuteSql).Text("q").Text("@P1 INT").Build()), 8178));
  EXPECT_TRUE(
      HasError(Run(Call(ProcedureId::kExecuteSql).Text("q").Text("").Int(1).Build()), 8144));
  EXPECT_TRUE(HasError(Run(Call(ProcedureId::kExecuteSql).Build()), 201));
  EXPECT_TRUE(executor_.batches().empty());
}

TEST_F(RequestRunnerTest, PreparesExecutesAndForgets) {
  executor_.On("q", Records());
  const std::string reply =
      Run(Call(ProcedureId::kPrepExec).OutputHandle().Text("@P1 INT").Text("q").Int(5).Build());
  EXPECT_EQ(reply, kRpcDone + Plain("79 00000000") +
                       Plain("AC 0000 00 01 00000000 0000 26 04 04 01000000") + kProcedureDone);
  Run(Call("sp_execute").Int(1).Int(6).Build());
  ASSERT_EQ(seen_.size(), 1U);
  EXPECT_EQ(seen_[0].value, Value(std::int64_t{6}));
  EXPECT_EQ(Run(Call(ProcedureId::kUnprepare).Int(1).Build()),
            Plain("79 00000000") + kProcedureDone);
  EXPECT_TRUE(HasError(Run(Call("sp_execute").Int(1).Int(6).Build()), 8179));
}

TEST_F(RequestRunnerTest, DescribesAPreparedQuery) {
  executor_.OnDescribe("q", {{{"", {.type = SqlType::kInt, .nullable = false}}}, {}});
  const std::string reply =
      Run(Call(ProcedureId::kPrepare).OutputHandle().Text("").Text("q").Int(1).Build());
  EXPECT_EQ(reply, Plain("81 0100 00000000 0800 38 00") + Plain("FF 0100 C100 0000000000000000") +
                       Plain("79 00000000") +
                       Plain("AC 0000 00 01 00000000 0000 26 04 04 01000000") + kProcedureDone);
  EXPECT_TRUE(executor_.batches().empty()) << "only described";
}

TEST_F(RequestRunnerTest, GivesNoHandleForWhatCannotBePrepared) {
  executor_.OnDescribe("q", {{}, {{.number = 102, .severity = 15, .text = "Incorrect syntax."}}});
  const std::string reply =
      Run(Call(ProcedureId::kPrepare).OutputHandle().Text("").Text("q").Int(1).Build());
  EXPECT_TRUE(HasError(reply, 102));
  EXPECT_TRUE(HasError(Run(Call("sp_execute").Int(1).Build()), 8179));
}

TEST_F(RequestRunnerTest, CallsAProcedureByName) {
  executor_.OnProcedure("p", [](const ScriptedRequest& request) {
    request.writer.ReturnStatus(4);
    return ConnectionFate::kKeep;
  });
  EXPECT_EQ(Run(Call("p").Build()), Plain("79 04000000") + kProcedureDone);
  const std::string unknown = Run(Call("nobody").Build());
  EXPECT_TRUE(HasError(unknown, 2812));
  EXPECT_EQ(unknown.substr(unknown.size() - 26), Plain("FE 0200 0000 0000000000000000"));
}

TEST_F(RequestRunnerTest, BeginsAndEndsTransactions) {
  EXPECT_EQ(Run(Transaction("0500 00 00")),
            Plain("E3 0B00 08 08 0100000000000000 00 FD 0400 0000 0000000000000000"));
  EXPECT_EQ(Run(Transaction("0700 00 01 00 00")),
            Plain("E3 0B00 09 00 08 0100000000000000 FD 0100 0000 0000000000000000"
                  "E3 0B00 08 08 0200000000000000 00 FD 0400 0000 0000000000000000"));
  EXPECT_EQ(Run(Transaction("0800 00 00")),
            Plain("E3 0B00 0A 00 08 0200000000000000 FD 0000 0000 0000000000000000"));
  using enum TransactionStep;
  EXPECT_EQ(executor_.transactions(),
            (std::vector<TransactionStep>{kBegin, kCommit, kBegin, kRollback}));
}

TEST_F(RequestRunnerTest, ResetsBeforeTheRequest) {
  executor_.On("q", Records());
  Run(Call(ProcedureId::kPrepExec).OutputHandle().Text("").Text("q").Build());
  Run(Transaction("0500 00 00"));
  Message request = Call("sp_execute").Int(1).Build();
  request.reset_connection = true;
  const std::string reply = Run(request);
  EXPECT_EQ(reply.substr(0, 12), Plain("E3 0300 12 00 00"));
  EXPECT_TRUE(HasError(reply, 8179)) << "handles are gone";
  EXPECT_EQ(runner_.transaction(), 0U);
  EXPECT_EQ(executor_.resets(), 1);
}

TEST_F(RequestRunnerTest, EndsTheConnectionOnWhatItCannotRead) {
  for (const PacketType type : {PacketType::kSqlBatch, PacketType::kRpc, PacketType::kTransaction,
                                PacketType::kBulkLoad, PacketType::kSspi}) {
    EXPECT_TRUE(HasError(Run({.type = type, .payload = "x"}), 4002));
    EXPECT_EQ(fate_, ConnectionFate::kCloseAfterReply);
  }
}

TEST_F(RequestRunnerTest, RefusesAnUnknownTypeButGoesOn) {
  const std::string reply =
      Run({.type = PacketType::kRpc, .payload = WithHeaders(Bin("0100 7000 0000 00 00 F1"))});
  EXPECT_TRUE(HasError(reply, 8009));
  EXPECT_EQ(fate_, ConnectionFate::kKeep);
}

}  // namespace
}  // namespace milink::sim::tds
