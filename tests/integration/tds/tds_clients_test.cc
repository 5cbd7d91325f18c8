// The stand-in read by clients that others wrote.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/text.h"
#include "core/base/time_format.h"
#include "tests/integration/tds/clients.h"
#include "tests/sim/tds/server.h"
#include "tests/sim/tds/testing/scripted_executor.h"

namespace milink::sim::tds {
namespace {

using testing::HasSubstr;
using testing::Not;

TimePoint At(const char* text) { return ParseRfc3339(text).value(); }

// One column of each type, with a value and with NULL.
struct TypeCase {
  const char* name;
  TypeInfo type;
  Value value;
  const char* shown;  // by isql
};

std::vector<TypeCase> TypeCases() {
  return {
      {"c_bit", {.type = SqlType::kBit}, std::int64_t{1}, "1"},
      {"c_tinyint", {.type = SqlType::kTinyInt}, std::int64_t{255}, "255"},
      {"c_smallint", {.type = SqlType::kSmallInt}, std::int64_t{-32768}, "-32768"},
      {"c_int", {.type = SqlType::kInt}, std::int64_t{-2147483648}, "-2147483648"},
      {"c_bigint", {.type = SqlType::kBigInt}, INT64_MAX, "9223372036854775807"},
      {"c_real", {.type = SqlType::kReal}, 1.5, "1.5"},
      {"c_float", {.type = SqlType::kFloat}, -2.25, "-2.25"},
      {"c_numeric",
       {.type = SqlType::kNumeric, .precision = 25},
       Decimal{"1234567890123456789012345"},
       "1234567890123456789012345"},
      {"c_scaled",
       {.type = SqlType::kNumeric, .precision = 9, .scale = 2},
       Decimal{"-3.14"},
       "-3.14"},
      {"c_char", {.type = SqlType::kChar, .length = 4}, std::string("ab"), "ab"},
      {"c_varchar", {.type = SqlType::kVarChar, .length = 20}, std::string("plain"), "plain"},
      {"c_nvarchar", {.type = SqlType::kNVarChar, .length = 128}, std::string("wide"), "wide"},
      {"c_long", {.type = SqlType::kNVarChar, .length = -1}, std::string("long"), "long"},
      {"c_binary", {.type = SqlType::kVarBinary, .length = 8}, Bytes{"\x01\xAB"}, "01ab"},
      {"c_guid",
       {.type = SqlType::kUniqueIdentifier},
       Guid{"6F9619FF-8B86-D011-B42D-00C04FC964FF"},
       "6F9619FF-8B86-D011-B42D-00C04FC964FF"},
      {"c_date", {.type = SqlType::kDate}, At("2024-02-29T00:00:00Z"), "2024-02-29"},
      {"c_datetime",
       {.type = SqlType::kDateTime},
       At("2024-02-29T23:59:58.997Z"),
       "2024-02-29 23:59:58.997"},
      {"c_datetime2",
       {.type = SqlType::kDateTime2, .scale = 7},
       At("2024-02-29T23:59:58.123456Z"),
       "2024-02-29 23:59:58.1234560"},
  };
}

// The cells of each line of a table that isql printed.
std::vector<std::vector<std::string>> CellsOf(const std::string& table) {
  std::vector<std::vector<std::string>> lines;
  for (const std::string& line : Split(table, '\n')) {
    if (!line.starts_with("|")) {
      continue;
    }
    std::vector<std::string> cells;
    for (const std::string& cell : Split(line, '|')) {
      cells.emplace_back(Trim(cell));
    }
    // Before the first and after the last bar.
    lines.emplace_back(cells.begin() + 1, cells.end() - 1);
  }
  return lines;
}

class TdsClientsTest : public testing::Test {
 protected:
  // Made once: a key takes a tenth of a second.
  static const TlsIdentity& Identity() {
    static const TlsIdentity kIdentity = MakeSelfSigned("localhost").value();
    return kIdentity;
  }

  TdsClientsTest() {
    executor_.On("select 1", Rows({{"n", {.type = SqlType::kInt, .nullable = false}}},
                                  {{Value(std::int64_t{1})}}));
    executor_.On("refuse", Says({{.number = 41106,
                                  .severity = 16,
                                  .state = 3,
                                  .text = "Cannot create it.",
                                  .line = 7}}));
    executor_.On("print", Says({{.number = 0, .severity = 0, .text = "a notice"}}));
    executor_.On("wait", WaitsForCancel());
    server_ = TdsServer::Start(executor_, {.identity = Identity()}).value();
    certificate_ = (std::filesystem::temp_directory_path() /
                    ("tds-ca-" + std::to_string(server_->port()) + ".pem"))
                       .string();
    std::ofstream(certificate_) << Identity().certificate_pem;
  }

  void TearDown() override { std::remove(certificate_.c_str()); }

  ClientRun To() const { return {.port = server_->port()}; }
  ClientRun Verified() const {
    ClientRun run = To();
    run.encryption = "require";
    run.ca_file = certificate_;
    return run;
  }

  ScriptedExecutor executor_;
  std::unique_ptr<TdsServer> server_;
  std::string certificate_;
};

TEST_F(TdsClientsTest, TsqlQueriesWithEveryKindOfEncryption) {
  for (const char* const encryption : {"off", "request", "require"}) {
    ClientRun run = To();
    run.encryption = encryption;
    const auto output = RunTsql(run, {"select 1"});
    EXPECT_THAT(output.out, HasSubstr("n\n1\n(1 row affected)")) << encryption << output.err;
    EXPECT_EQ(executor_.logins().back().encrypted, std::string(encryption) == "require");
  }
}

TEST_F(TdsClientsTest, TsqlVerifiesTheCertificate) {
  EXPECT_THAT(RunTsql(Verified(), {"select 1"}).out, HasSubstr("(1 row affected)"));
  ASSERT_TRUE(server_->SetIdentity(MakeSelfSigned("localhost").value()).ok());
  EXPECT_THAT(RunTsql(Verified(), {"select 1"}).out, Not(HasSubstr("(1 row affected)")));
}

TEST_F(TdsClientsTest, ARequiringClientNoticesADowngrade) {
  server_->SetOptions({.encryption = ServerEncryption::kNoTls});
  const auto output = RunTsql(Verified(), {"select 1"});
  EXPECT_FALSE(output.ok());
  EXPECT_TRUE(executor_.logins().empty());
}

TEST_F(TdsClientsTest, TsqlShowsNumberSeverityStateServerAndLine) {
  const auto output = RunTsql(To(), {"refuse", "print", "select 1"});
  EXPECT_THAT(output.err, HasSubstr("Msg 41106 (severity 16, state 3) from SQL01 Line 7"));
  EXPECT_THAT(output.err, HasSubstr("Cannot create it."));
  EXPECT_THAT(output.err, HasSubstr("a notice"));
  EXPECT_THAT(output.out, HasSubstr("(1 row affected)")) << "the connection goes on";
}

TEST_F(TdsClientsTest, TsqlShowsRefusedLogins) {
  ClientRun wrong = To();
  wrong.password = "guess";
  auto output = RunTsql(wrong, {"select 1"});
  EXPECT_FALSE(output.ok());
  EXPECT_THAT(output.err, HasSubstr("Msg 18456 (severity 14, state 1)"));
  ClientRun elsewhere = To();
  elsewhere.database = "nowhere";
  output = RunTsql(elsewhere, {"select 1"});
  EXPECT_THAT(output.err, HasSubstr("Msg 4060 (severity 11, state 1)"));
  EXPECT_THAT(output.err, HasSubstr("Msg 18456"));
}

TEST_F(TdsClientsTest, IsqlShowsEveryType) {
  std::vector<Column> columns;
  std::vector<Value> values;
  std::vector<Value> nulls;
  std::vector<std::string> names;
  std::vector<std::string> shown;
  for (const TypeCase& c : TypeCases()) {
    columns.push_back({.name = c.name, .type = c.type});
    values.push_back(c.value);
    nulls.emplace_back(Null());
    names.emplace_back(c.name);
    shown.emplace_back(c.shown);
  }
  executor_.On("types", Rows(columns, {values, nulls}));
  const RowEncoding encodings[] = {
      {}, {.null_bitmap = true}, {.unknown_plp_length = true, .plp_chunk = 3}};
  for (const RowEncoding& encoding : encodings) {
    server_->SetOptions({.rows = encoding});
    const auto output = RunIsql(To(), {"types"});
    ASSERT_TRUE(output.ok()) << output.err;
    const std::vector<std::vector<std::string>> lines = CellsOf(output.out);
    ASSERT_EQ(lines.size(), 3U) << output.out;
    EXPECT_EQ(lines[0], names);
    EXPECT_EQ(lines[1], shown);
    EXPECT_EQ(lines[2], std::vector<std::string>(names.size()));
    EXPECT_THAT(output.out, HasSubstr("2 rows fetched"));
  }
}

TEST_F(TdsClientsTest, IsqlPreparesItsStatements) {
  const auto output = RunIsql(Verified(), {"select 1", "refuse", "select 1"});
  EXPECT_THAT(output.out, HasSubstr("1 rows fetched"));
  EXPECT_THAT(output.err + output.out, HasSubstr("Cannot create it."));
  EXPECT_EQ(executor_.batches(), (std::vector<std::string>{"select 1", "refuse", "select 1"}));
}

TEST_F(TdsClientsTest, IsqlCancelsWithItsOwnTimeout) {
  ClientRun run = To();
  run.timeout_seconds = 1;
  const auto output = RunIsql(run, {"wait", "select 1"});
  EXPECT_THAT(output.err + output.out, HasSubstr("Timeout"));
  EXPECT_THAT(output.out, HasSubstr("1 rows fetched")) << "the connection goes on";
  EXPECT_EQ(executor_.logins().size(), 1U);
}

TEST_F(TdsClientsTest, ClientsCopeWithAnyCutOfTheStream) {
  const std::string text(20'000, 'x');
  executor_.On("long", Rows({{"t", {.type = SqlType::kNVarChar, .length = -1}}}, {{Value(text)}}));
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    server_->SetOptions({.random_packet_size = true, .split_writes = true, .seed = seed});
    EXPECT_THAT(RunTsql(Verified(), {"long"}).out, HasSubstr(text)) << "seed " << seed;
    EXPECT_THAT(RunTsql(To(), {"long"}).out, HasSubstr(text)) << "seed " << seed;
  }
}

TEST_F(TdsClientsTest, TsqlReadsTextOutsideAscii) {
  const std::string text = "größe € 日本 😀";
  executor_.On("wörter", Rows({{"ä", {.type = SqlType::kNVarChar, .length = 50}},
                               {"code page", {.type = SqlType::kVarChar, .length = 50}}},
                              {{Value(text), Value(std::string("größe €"))}}));
  EXPECT_THAT(RunTsql(To(), {"wörter"}).out, HasSubstr("ä\tcode page\n" + text + "\tgröße €\n"));
}

TEST_F(TdsClientsTest, TsqlSeesALostConnection) {
  executor_.On("die", Says({{.number = 596, .severity = 21, .text = "Session is killed."}}));
  const auto output = RunTsql(To(), {"die", "select 1"});
  EXPECT_THAT(output.err, HasSubstr("Msg 596 (severity 21"));
  EXPECT_THAT(output.out, Not(HasSubstr("(1 row affected)")));
}

}  // namespace
}  // namespace milink::sim::tds
