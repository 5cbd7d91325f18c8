// A simulated SQL Server with one database, and a connection that keeps what it says.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/fakes/fake_clock.h"
#include "tests/sim/control/calls.h"
#include "tests/sim/tsql/engine.h"
#include "tests/sim/world/world.h"

namespace milink::sim {

struct Answer {
  struct Set {
    std::vector<Column> columns;
    std::vector<std::vector<Value>> rows;
  };
  std::vector<Set> sets;
  std::vector<ServerMessage> messages;
  std::vector<int> failed;  // numbers of the errors
  ConnectionFate fate = ConnectionFate::kKeep;
  std::vector<std::optional<std::uint64_t>> done;
  std::optional<int> status;

  // The only value of the first set, as text ("NULL", numbers in decimal).
  std::string One() const;
  // Rows of the first set, cells joined by "|".
  std::vector<std::string> Rows(std::size_t set = 0) const;
  std::vector<int> Numbers() const;  // of all messages
};
std::string Show(const Value& value);

class Server {
 public:
  explicit Server(SqlServerInstance instance = {});

  Answer Run(const std::string& batch, const std::vector<Parameter>& parameters = {});
  // With a login of its own.
  Answer RunAs(const std::string& login, const std::string& batch);
  // Master key, certificate c1, endpoint, full recovery and a backup of db1, group AG_db1.
  void Prepare();

  fakes::FakeClock clock;
  World world{clock};
  Journal journal{clock};
  Calls calls{journal};
  std::unique_ptr<TsqlEngine> engine;
  std::unique_ptr<SqlSession> session;
  std::atomic<bool> cancelled{false};
};

// A batch with one error: its number; 0 without any.
int ErrorOf(const Answer& answer);

}  // namespace milink::sim
