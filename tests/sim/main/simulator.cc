#include "tests/sim/main/simulator.h"

#include <set>

#include <nlohmann/json.hpp>

#include "tests/sim/world/description.h"
#include "tests/sim/world/x509.h"

namespace milink::sim {
namespace {

constexpr auto kYear = std::chrono::hours(24 * 365);

}  // namespace

Simulator::Simulator(const Clock& real, SimulatorConfig config)
    : config_(std::move(config)),
      clock_(real, config_.speed),
      world_(clock_, config_.seed),
      journal_(clock_),
      calls_(journal_),
      arm_(world_, calls_),
      arm_server_(arm_),
      control_({.world = world_,
                .clock = clock_,
                .journal = journal_,
                .calls = calls_,
                .expire_tokens = [this] { arm_.tokens().ExpireAll(); },
                .instances_changed = [this] { (void)SyncSqlListeners(); },
                .addresses = [this] { return Addresses(); }}),
      control_server_(control_) {
  const TimePoint now = real.Now();
  const CertificateWithKey authority = MakeCertificate({.common_name = "Simulated SQL Server CA",
                                                        .dns_names = {},
                                                        .not_before = now - kYear,
                                                        .not_after = now + 5 * kYear,
                                                        .authority = true});
  const CertificateWithKey own = MakeCertificate({.common_name = "localhost",
                                                  .dns_names = {"localhost", config_.address},
                                                  .not_before = now - kYear,
                                                  .not_after = now + kYear},
                                                 &authority);
  sql_authority_pem_ = authority.certificate_pem;
  sql_identity_.certificate_pem = own.certificate_pem;
  sql_identity_.key_pem = own.key_pem;
}

Simulator::~Simulator() { Stop(); }

Status Simulator::Start(const nlohmann::json& description) {
  {
    const auto world = world_.Enter();
    if (Status status = Describe(*world, description); !status) {
      return status;
    }
  }
  if (Status status = arm_server_.Start(config_.address, config_.arm_port); !status) {
    return status;
  }
  if (Status status = SyncSqlListeners(); !status) {
    return status;
  }
  return control_server_.Start(config_.address, config_.control_port);
}

void Simulator::Stop() {
  calls_.Stop();
  control_server_.Stop();
  arm_server_.Stop();
  const std::lock_guard lock(listeners_mutex_);
  listeners_.clear();
}

Status Simulator::SyncSqlListeners() {
  if (!config_.make_executor) {
    return {};
  }
  std::set<std::string> names;
  {
    const auto world = world_.Enter();
    for (const auto& instance : world->instances) {
      names.insert(instance->server_name);
    }
    for (const auto& instance : world->managed_instances) {
      if (instance->sql) {
        names.insert(instance->name);
      }
    }
  }
  const std::lock_guard lock(listeners_mutex_);
  std::erase_if(listeners_, [&](const auto& entry) { return !names.contains(entry.first); });
  for (const std::string& name : names) {
    if (listeners_.contains(name)) {
      continue;
    }
    SqlListener listener;
    listener.executor = config_.make_executor(world_, calls_, name);
    tds::TdsServerConfig config;
    config.address = config_.address;
    const auto port = config_.tds_ports.find(name);
    config.port = port == config_.tds_ports.end() ? std::uint16_t{0}
                                                  : static_cast<std::uint16_t>(port->second);
    config.identity = sql_identity_;
    auto server = tds::TdsServer::Start(*listener.executor, std::move(config));
    if (!server) {
      return server.error();
    }
    listener.server = std::move(server).value();
    listeners_.emplace(name, std::move(listener));
  }
  return {};
}

int Simulator::tds_port(const std::string& server_name) const {
  const std::lock_guard lock(listeners_mutex_);
  const auto it = listeners_.find(server_name);
  return it == listeners_.end() ? 0 : it->second.server->port();
}

nlohmann::json Simulator::Addresses() const {
  nlohmann::json servers = nlohmann::json::object();
  {
    const std::lock_guard lock(listeners_mutex_);
    for (const auto& [name, listener] : listeners_) {
      servers[name] = {{"host", config_.address}, {"port", listener.server->port()}};
    }
  }
  return {
      {"arm",
       {{"url", "https://" + config_.address + ":" + std::to_string(arm_port())},
        {"ca", arm_authority_pem()}}},
      {"control", {{"url", "http://" + config_.address + ":" + std::to_string(control_port())}}},
      {"sqlServers", servers},
      {"sqlCa", sql_authority_pem_}};
}

}  // namespace milink::sim
