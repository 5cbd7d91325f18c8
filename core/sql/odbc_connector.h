// Connections to SQL Server through unixODBC and the driver that was chosen (odbc_driver.h).
//
// Thread-safe; connections are independent of each other. Make one connector per process and before
// threads start, because FreeTDS finds its configuration through the environment
// (freetds_config.h). After connecting, the server itself is asked whether the connection is
// encrypted, with any driver: a target with TLS Mandatory or Strict that is not is refused.
#pragma once

#include <cstdint>
#include <memory>

#include "core/base/result.h"
#include "core/sql/browser.h"
#include "core/sql/freetds_config.h"
#include "core/sql/odbc_driver.h"
#include "core/sql/odbc_handle.h"
#include "core/sql/session.h"

namespace milink::sql {

class OdbcConnector final : public SqlConnector {
 public:
  // kInternal OdbcUnavailable, ConfigurationNotWritten. `browser_port` is another one in tests
  // only.
  static Result<std::unique_ptr<OdbcConnector>> Make(OdbcDriver driver,
                                                     std::uint16_t browser_port = kBrowserPort);

  // Beside the errors of SqlConnector: kInvalid UserNotAllowed, PasswordNotAllowed,
  // AddressNotAllowed; kTransient InstanceNotLocated; kUnauthorized for the other refusals of a
  // login.
  Result<std::unique_ptr<SqlSession>> Connect(const SqlTarget& wanted, Duration timeout) override;

 private:
  OdbcConnector(OdbcDriver driver, std::uint16_t browser_port, OdbcHandle environment,
                std::unique_ptr<FreeTdsConfig> config)
      : driver_(std::move(driver)),
        browser_port_(browser_port),
        environment_(std::move(environment)),
        config_(std::move(config)) {}

  Result<OdbcHandle> Dial(const SqlTarget& target, Duration timeout);

  const OdbcDriver driver_;
  std::uint16_t browser_port_;
  OdbcHandle environment_;
  std::unique_ptr<FreeTdsConfig> config_;
};

}  // namespace milink::sql
