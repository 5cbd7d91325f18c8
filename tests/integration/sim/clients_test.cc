// The complete simulator (TDS over TLS, T-SQL engine, world) read by clients that others wrote:
// FreeTDS's tsql, unixODBC's isql, curl. Other statements than ours, other code than ours.
#include "tests/integration/tds/clients.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/main/engine.h"
#include "tests/sim/main/simulator.h"

namespace milink::sim {
namespace {

using nlohmann::json;
using tds::ClientRun;
using tds::RunIsql;
using tds::RunTsql;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kServer = "SELECT @@SERVERNAME AS server, SERVERPROPERTY('ProductVersion')";
constexpr const char* kDatabases =
    "SELECT d.name, d.recovery_model_desc FROM sys.databases AS d WHERE d.database_id > 4 AND"
    " d.name LIKE N's%' ORDER BY d.name";
constexpr const char* kEncrypted =
    "SELECT c.encrypt_option FROM sys.dm_exec_connections AS c WHERE c.session_id = @@SPID";

json World() {
  return {{"sqlServers",
           {{{"serverName", "SQL1"},
             {"productVersion", "16.0.4125.3"},
             {"logins", {{{"name", tds::kUser}, {"password", tds::kPassword}, {"sysadmin", true}}}},
             {"databases",
              {{{"name", "sales"}, {"recovery", "FULL"}},
               {{"name", "shop"}, {"recovery", "SIMPLE"}, {"fullBackup", false}},
               {{"name", "orders"}, {"recovery", "FULL"}}}}}}}};
}

class SimClientsTest : public testing::Test {
 protected:
  SimClientsTest() {
    SimulatorConfig config;
    config.make_executor = MakeEngineFactory();
    simulator_ = std::make_unique<Simulator>(real_, config);
    const Status started = simulator_->Start(World());
    EXPECT_TRUE(started.ok()) << (started.ok() ? "" : ToString(started.error()));
    authority_ = (std::filesystem::temp_directory_path() /
                  ("sim-ca-" + std::to_string(simulator_->control_port()) + ".pem"))
                     .string();
    std::ofstream(authority_) << simulator_->sql_authority_pem();
  }
  ~SimClientsTest() override { std::remove(authority_.c_str()); }

  // TLS, with the certificate checked.
  ClientRun Client() const {
    return {.port = static_cast<std::uint16_t>(simulator_->tds_port("SQL1")),
            .encryption = "require",
            .ca_file = authority_};
  }
  ClientRun Intruder() const {
    ClientRun run = Client();
    run.password = "guess";
    return run;
  }
  test::CommandOutput Control(const std::vector<std::string>& args, const std::string& path) {
    std::vector<std::string> line{"curl", "-sS", "--fail", "--max-time", "3"};
    line.insert(line.end(), args.begin(), args.end());
    line.push_back("http://127.0.0.1:" + std::to_string(simulator_->control_port()) + path);
    return test::RunCommand(line);
  }

  SystemClock real_;
  std::unique_ptr<Simulator> simulator_;
  std::string authority_;
};

TEST_F(SimClientsTest, TsqlQueriesOverTls) {
  const auto output = RunTsql(Client(), {kServer, kDatabases, kEncrypted});
  EXPECT_THAT(output.out, AllOf(HasSubstr("SQL1\t16.0.4125.3\n(1 row affected)"),
                                HasSubstr("sales\tFULL\nshop\tSIMPLE\n(2 rows affected)"),
                                HasSubstr("TRUE\n(1 row affected)")))
      << output.err;
}

TEST_F(SimClientsTest, IsqlPreparesTheSameQueries) {
  const auto output = RunIsql(Client(), {kServer, kDatabases, kEncrypted});
  EXPECT_THAT(output.out,
              AllOf(HasSubstr("| SQL1 "), HasSubstr("| 16.0.4125.3"), HasSubstr("| sales "),
                    HasSubstr("2 rows fetched"), HasSubstr("| TRUE"), Not(HasSubstr("orders"))))
      << output.err;
}

TEST_F(SimClientsTest, ErrorsComeWithTheirNumbersAndTheConnectionGoesOn) {
  const std::string unknown = "SELECT v.name FROM sys.no_such_view AS v";
  const auto tsql = RunTsql(Client(), {unknown, "SELECT FROM", kDatabases});
  EXPECT_THAT(tsql.err, AllOf(HasSubstr("Msg 208 (severity 16, state 1) from SQL1"),
                              HasSubstr("Invalid object name 'sys.no_such_view'."),
                              HasSubstr("Msg 156 (severity 15")));
  EXPECT_THAT(tsql.out, HasSubstr("(2 rows affected)"));
  const auto isql = RunIsql(Client(), {unknown, "SELECT FROM", kDatabases});
  EXPECT_THAT(isql.out + isql.err,
              AllOf(HasSubstr("Invalid object name 'sys.no_such_view'."),
                    HasSubstr("Incorrect syntax near"), HasSubstr("2 rows fetched")));
}

TEST_F(SimClientsTest, AWrongPasswordIs18456ForBoth) {
  const auto tsql = RunTsql(Intruder(), {kServer});
  EXPECT_FALSE(tsql.ok());
  EXPECT_THAT(tsql.err, AllOf(HasSubstr("Msg 18456 (severity 14, state 1)"),
                              HasSubstr("Login failed for user 'sa'.")));
  const auto isql = RunIsql(Intruder(), {kServer});
  EXPECT_FALSE(isql.ok());
  EXPECT_THAT(isql.out + isql.err, HasSubstr("Login failed for user 'sa'."));
}

TEST_F(SimClientsTest, WhatOneClientMakesTheOtherSees) {
  RunTsql(Client(), {"CREATE DATABASE [stock]"});
  EXPECT_THAT(RunIsql(Client(), {kDatabases}).out,
              AllOf(HasSubstr("| stock "), HasSubstr("3 rows fetched")));
  EXPECT_EQ(simulator_->journal().EffectiveMutations().size(), 1U);
}

TEST_F(SimClientsTest, CurlNeedsNoBodyForACallThatTakesNone) {
  const auto cut = Control({"-X", "POST"}, "/network/10.0.0.4/cut");
  EXPECT_TRUE(cut.ok()) << cut.err;
  EXPECT_THAT(cut.out, HasSubstr("\"ok\":true"));
}

TEST_F(SimClientsTest, CurlInjectsAFaultAndReadsTheJournal) {
  const auto fault =
      Control({"-d", R"({"kind": "statement", "operation": "CREATE DATABASE", "sqlNumber": 1205})"},
              "/faults");
  EXPECT_TRUE(fault.ok()) << fault.err;
  EXPECT_THAT(RunTsql(Client(), {"CREATE DATABASE [stock]"}).err, HasSubstr("Msg 1205"));
  EXPECT_THAT(Control({}, "/journal?kind=statement").out, HasSubstr("CREATE DATABASE"));
  EXPECT_EQ(json::parse(Control({}, "/journal/mutations").out), json::object());
}

}  // namespace
}  // namespace milink::sim
