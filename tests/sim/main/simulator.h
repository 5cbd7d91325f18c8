// The whole simulator in one object: a world, Azure on HTTPS, one TDS listener for each SQL Server
// and the control API. The program milink-sim runs one; tests may run several in their process.
//
// Start() once; Stop() (or destruction) ends every thread, also of calls that a fault holds.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "tests/sim/arm/arm_server.h"
#include "tests/sim/arm/arm_service.h"
#include "tests/sim/control/calls.h"
#include "tests/sim/control/control_server.h"
#include "tests/sim/control/control_service.h"
#include "tests/sim/control/journal.h"
#include "tests/sim/control/sim_clock.h"
#include "tests/sim/sql/executor.h"
#include "tests/sim/tds/server.h"
#include "tests/sim/tds/tls.h"
#include "tests/sim/world/world.h"

namespace milink::sim {

// Makes the T-SQL engine of the server of this name.
using ExecutorFactory =
    std::function<std::unique_ptr<Executor>(World&, Calls&, const std::string& server_name)>;

struct SimulatorConfig {
  std::string address = "127.0.0.1";
  int arm_port = 0;  // 0: any free one, here and below
  int control_port = 0;
  std::map<std::string, int> tds_ports;  // by server name; others get a free one
  double speed = 1.0;                    // of the clock; 0: stands still
  std::uint64_t seed = 1;
  ExecutorFactory make_executor;  // without one no SQL Server listens
};

class Simulator {
 public:
  // `real` must outlive the simulator.
  Simulator(const Clock& real, SimulatorConfig config);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  // Fills the world and opens all listeners.
  Status Start(const nlohmann::json& description);
  void Stop();

  World& world() { return world_; }
  SimClock& clock() { return clock_; }
  Journal& journal() { return journal_; }
  Calls& calls() { return calls_; }
  ArmService& arm() { return arm_; }

  // {"arm": {"url", "ca"}, "control": {"url"}, "sqlServers": {"SQL1": {"host", "port"}}, "sqlCa"}:
  // what a client needs. `ca` and `sqlCa` are PEM.
  nlohmann::json Addresses() const;
  int arm_port() const { return arm_server_.port(); }
  int control_port() const { return control_server_.port(); }
  int tds_port(const std::string& server_name) const;  // 0: no such server
  const std::string& arm_authority_pem() const { return arm_server_.authority_pem(); }
  const std::string& sql_authority_pem() const { return sql_authority_pem_; }

 private:
  struct SqlListener {
    std::unique_ptr<Executor> executor;
    std::unique_ptr<tds::TdsServer> server;  // last: it uses the executor
  };
  // Opens listeners for new servers and closes those of servers that are gone.
  Status SyncSqlListeners();

  SimulatorConfig config_;
  SimClock clock_;
  World world_;
  Journal journal_;
  Calls calls_;
  ArmService arm_;
  ArmServer arm_server_;
  ControlService control_;
  ControlServer control_server_;
  std::string sql_authority_pem_;
  tds::TlsIdentity sql_identity_;
  mutable std::mutex listeners_mutex_;
  std::map<std::string, SqlListener> listeners_;
};

}  // namespace milink::sim
