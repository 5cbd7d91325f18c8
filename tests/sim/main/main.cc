// milink-sim: plays SQL Servers and Azure until it is told to stop (SIGINT, SIGTERM).
// Prints one line of JSON with its addresses as soon as it listens.
#include <csignal>
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tests/sim/main/engine.h"
#include "tests/sim/main/simulator.h"

namespace {

struct Flags {
  milink::sim::SimulatorConfig config;
  std::string world_file;
  std::vector<std::string> tds_ports;  // "SQL1=1433"
};

bool ParsePorts(Flags& flags) {
  for (const std::string& text : flags.tds_ports) {
    const std::size_t equals = text.rfind('=');
    if (equals == std::string::npos) {
      return false;
    }
    flags.config.tds_ports[text.substr(0, equals)] = std::atoi(text.c_str() + equals + 1);
  }
  return true;
}

nlohmann::json ReadWorld(const std::string& file) {
  if (file.empty()) {
    return nlohmann::json::object();
  }
  std::ifstream stream(file);
  return nlohmann::json::parse(stream, nullptr, false);
}

int Run(Flags& flags) {
  const nlohmann::json description = ReadWorld(flags.world_file);
  if (description.is_discarded() || !ParsePorts(flags)) {
    std::cerr << "milink-sim: the world file is no JSON, or a port is not NAME=PORT\n";
    return 2;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  // Before any thread starts, so that all of them inherit it.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  flags.config.make_executor = milink::sim::MakeEngineFactory();
  const milink::SystemClock real;
  milink::sim::Simulator simulator(real, flags.config);
  if (const milink::Status status = simulator.Start(description); !status) {
    std::cerr << "milink-sim: " << milink::ToString(status.error()) << '\n';
    return 1;
  }
  std::cout << simulator.Addresses().dump() << std::endl;
  int received = 0;
  sigwait(&signals, &received);
  simulator.Stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A stand-in for SQL Server and Azure SQL Managed Instance");
  Flags flags;
  app.add_option("--world", flags.world_file, "JSON description of what exists at the start");
  app.add_option("--address", flags.config.address, "address to listen on");
  app.add_option("--arm-port", flags.config.arm_port, "port of Azure Resource Manager, 0 for any");
  app.add_option("--control-port", flags.config.control_port, "port of the control API");
  app.add_option("--tds-port", flags.tds_ports, "NAME=PORT of a SQL Server; others get any port");
  app.add_option("--speed", flags.config.speed, "speed of the clock; 0 to step it by hand");
  app.add_option("--seed", flags.config.seed, "of all that is random");
  CLI11_PARSE(app, argc, argv);
  return Run(flags);
}
