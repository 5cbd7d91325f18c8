// A TDS server with a scripted engine and the real driver in front of it.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/sql/catalog.h"
#include "core/sql/odbc_connector.h"
#include "tests/sim/tds/browser.h"
#include "tests/sim/tds/server.h"
#include "tests/sim/tds/testing/scripted_executor.h"

namespace milink::sql {

inline constexpr Duration kWait = std::chrono::seconds(10);

// Which the connector asks for named instances.
sim::tds::Browser& LocalBrowser();

// One for the process: FreeTDS finds its configuration through the environment.
OdbcConnector& Connector();

// Of "localhost"; made once, because keys take time.
const sim::tds::TlsIdentity& LocalIdentity();

// What a new connection asks first, as the scripted engine compares it.
std::string EncryptionText();

SqlBatch Batch(const std::string& text);
// nvarchar, as in the catalog.
sim::Column TextColumn(const std::string& name);

class TdsFixture : public testing::Test {
 protected:
  TdsFixture();

  // Starts with options and a certificate for this host.
  void Start(const sim::tds::ListenerOptions& options = {}, const std::string& host = "localhost");
  // Verified over TLS, by name.
  SqlTarget Target() const;
  // Fails the test when there is no session.
  std::unique_ptr<SqlSession> Connect();

  sim::tds::ScriptedExecutor executor_;
  std::unique_ptr<sim::tds::TdsServer> server_;
};

}  // namespace milink::sql
