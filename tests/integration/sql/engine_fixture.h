// A whole simulated SQL Server behind TDS and TLS, and the hub with the real driver in front of it.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/sql/instance_hub.h"
#include "core/sql/sql_instance_hub.h"
#include "tests/fakes/fake_clock.h"
#include "tests/integration/sql/tds_fixture.h"
#include "tests/sim/control/calls.h"
#include "tests/sim/control/journal.h"
#include "tests/sim/tsql/engine.h"
#include "tests/sim/world/world.h"

namespace milink::sql {

// Instance SQL1 with the login sa; a test says what else it is.
class EngineFixture : public testing::Test {
 protected:
  void StartServer(sim::SqlServerInstance instance) {
    if (instance.logins.empty()) {
      instance.logins = {
          {.name = "sa", .password = "Correct-Horse-9", .sysadmin = true, .permissions = {}}};
    }
    {
      auto world = world_.Enter();
      sim::AddInstance(*world, std::move(instance));
    }
    sim::tds::TdsServerConfig config;
    config.identity = LocalIdentity();
    auto server = sim::tds::TdsServer::Start(engine_, config);
    ASSERT_TRUE(server.ok());
    server_ = *std::move(server);
    LogIn("sa");
  }
  // All that follows is done with this login.
  void LogIn(const std::string& user) {
    SqlTarget target;
    target.host = "localhost";
    target.port = server_->port();
    target.user = user;
    target.password = Secret("Correct-Horse-9");
    target.ca_pem = server_->certificate_pem();
    hub_.SetTarget(kReplica, target);
  }

  std::shared_ptr<const InstanceSnapshot> Observe() {
    auto snapshot = hub_.Refresh(kReplica, RefreshScope::kAll);
    if (!snapshot.ok()) {
      ADD_FAILURE() << ToString(snapshot.error());
      return std::make_shared<const InstanceSnapshot>();
    }
    return *snapshot;
  }

  Status Act(const Result<SqlBatch>& batch) {
    if (!batch.ok()) {
      return batch.error();
    }
    const auto reply = hub_.Run(kReplica, Lane::kAct, *batch, kWait, OkStatus, {});
    return reply.ok() ? OkStatus() : Status(reply.error());
  }
  void MustAct(const Result<SqlBatch>& batch) {
    const Status acted = Act(batch);
    EXPECT_TRUE(acted.ok()) << (acted.ok() ? "" : ToString(acted.error()));
  }

  // Changes the server behind everybody's back.
  template <typename Change>
  void OnServer(Change change) {
    auto world = world_.Enter();
    change(*world->FindInstance("SQL1"));
  }

  const ObjectKey kReplica{"ns", "sql1"};
  fakes::FakeClock clock_;
  sim::World world_{clock_};
  sim::Journal journal_{clock_};
  sim::Calls calls_{journal_};
  sim::TsqlEngine engine_{world_, calls_, "SQL1"};
  std::unique_ptr<sim::tds::TdsServer> server_;
  SqlInstanceHub hub_{Connector(), clock_};
};

}  // namespace milink::sql
