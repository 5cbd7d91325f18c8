#include "tests/unit/sim_tsql/server.h"

#include "core/base/text.h"
#include "core/base/time_format.h"

namespace milink::sim {
namespace {

class Recorder final : public ResultWriter {
 public:
  explicit Recorder(Answer& answer) : answer_(answer) {}
  void Columns(const std::vector<Column>& columns) override {
    answer_.sets.push_back({columns, {}});
  }
  void Row(const std::vector<Value>& values) override {
    answer_.sets.back().rows.push_back(values);
  }
  void Message(const ServerMessage& message) override {
    answer_.messages.push_back(message);
    if (message.severity > 10) answer_.failed.push_back(message.number);
  }
  void DatabaseChanged(const std::string&, const std::string& after) override {
    answer_.messages.push_back({.number = 5701, .severity = 10, .text = after});
  }
  void StatementDone(std::optional<std::uint64_t> count, bool) override {
    answer_.done.push_back(count);
  }
  void ReturnStatus(int status) override { answer_.status = status; }

 private:
  Answer& answer_;
};

Answer RunOn(TsqlEngine& engine, SqlSession& session, const std::string& batch,
             const std::vector<Parameter>& parameters, const std::atomic<bool>& cancelled) {
  Answer answer;
  Recorder recorder(answer);
  answer.fate = engine.Execute(session, batch, parameters, cancelled, recorder);
  return answer;
}

}  // namespace

std::string Show(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* decimal = std::get_if<Decimal>(&value)) return decimal->text;
  if (const auto* guid = std::get_if<Guid>(&value)) return guid->text;
  if (const auto* bytes = std::get_if<Bytes>(&value)) return "0x" + ToHex(bytes->data);
  if (const auto* time = std::get_if<TimePoint>(&value)) return FormatRfc3339(*time);
  if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
  return "NULL";
}

std::string Answer::One() const {
  if (sets.empty()) {
    return messages.empty()
               ? "no set"
               : "message " + std::to_string(messages[0].number) + ": " + messages[0].text;
  }
  if (sets[0].rows.size() != 1 || sets[0].rows[0].size() != 1) return "not one value";
  return Show(sets[0].rows[0][0]);
}

std::vector<std::string> Answer::Rows(std::size_t set) const {
  std::vector<std::string> rows;
  if (set >= sets.size()) return rows;
  for (const auto& row : sets[set].rows) {
    std::vector<std::string> cells;
    for (const Value& cell : row) cells.push_back(Show(cell));
    rows.push_back(Join(cells, "|"));
  }
  return rows;
}

std::vector<int> Answer::Numbers() const {
  std::vector<int> numbers;
  for (const ServerMessage& message : messages) numbers.push_back(message.number);
  return numbers;
}

int ErrorOf(const Answer& answer) { return answer.failed.empty() ? 0 : answer.failed.front(); }

Server::Server(SqlServerInstance instance) {
  const std::string name = instance.server_name;
  if (instance.logins.empty()) {
    instance.logins.push_back({.name = "sa", .password = "Secret.1", .sysadmin = true});
    instance.logins.push_back({.name = "reader", .password = "Secret.1"});
  }
  {
    World::Guard guard = world.Enter();
    SqlServerInstance& added = AddInstance(*guard, std::move(instance));
    Database database;
    database.name = "db1";
    database.collation = added.collation;
    database.recovery = RecoveryModel::kSimple;
    AddDatabase(*guard, added, database, 1 << 20);
  }
  engine = std::make_unique<TsqlEngine>(world, calls, name);
  session = engine->Login({.user = "sa", .password = "Secret.1"}).session;
}

Answer Server::Run(const std::string& batch, const std::vector<Parameter>& parameters) {
  return RunOn(*engine, *session, batch, parameters, cancelled);
}

Answer Server::RunAs(const std::string& login, const std::string& batch) {
  const auto other = engine->Login({.user = login, .password = "Secret.1"}).session;
  return RunOn(*engine, *other, batch, {}, cancelled);
}

void Server::Prepare() {
  for (const auto* batch :
       {"CREATE MASTER KEY ENCRYPTION BY PASSWORD = N'Long.Secret.1'",
        "CREATE CERTIFICATE [c1] WITH SUBJECT = N'c1', START_DATE = '20261101', EXPIRY_DATE = "
        "'20301101'",
        "CREATE ENDPOINT [e] STATE = STARTED AS TCP (LISTENER_PORT = 5022, LISTENER_IP = ALL) FOR "
        "DATABASE_MIRRORING (ROLE = ALL, AUTHENTICATION = CERTIFICATE [c1], ENCRYPTION = REQUIRED "
        "ALGORITHM AES)",
        "ALTER DATABASE [db1] SET RECOVERY FULL",
        "BACKUP DATABASE [db1] TO DISK = N'/var/opt/mssql/backup/db1.bak' WITH CHECKSUM",
        "CREATE AVAILABILITY GROUP [AG_db1] WITH (CLUSTER_TYPE = NONE) FOR DATABASE [db1] REPLICA "
        "ON N'SQL1' WITH (ENDPOINT_URL = N'TCP://10.0.0.4:5022', AVAILABILITY_MODE = "
        "SYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC, SECONDARY_ROLE "
        "(ALLOW_CONNECTIONS = ALL))"}) {
    Run(batch);
  }
}

}  // namespace milink::sim
