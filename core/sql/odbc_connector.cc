#include "core/sql/odbc_connector.h"

#include <algorithm>
#include <string>

#include <malloc.h>
#include <sql.h>
#include <sqlext.h>

#include "core/sql/catalog.h"
#include "core/sql/connect_errors.h"
#include "core/sql/memory_file.h"
#include "core/sql/odbc_session.h"
#include "core/sql/tls_probe.h"
#include "core/sql/utf16.h"

namespace milink::sql {

Result<std::unique_ptr<OdbcConnector>> OdbcConnector::Make(OdbcDriver driver,
                                                           std::uint16_t browser_port) {
  auto environment = OdbcHandle::MakeEnvironment();
  if (!environment.ok()) {
    return environment.error();
  }
  auto config = FreeTdsConfig::Make();
  if (!config.ok()) {
    return config.error();
  }
  return std::unique_ptr<OdbcConnector>(new OdbcConnector(
      std::move(driver), browser_port, *std::move(environment), *std::move(config)));
}

Result<std::unique_ptr<SqlSession>> OdbcConnector::Connect(const SqlTarget& wanted,
                                                           Duration timeout) {
  SqlTarget target = wanted;
  if (auto checked = CheckTarget(target); !checked.ok()) {
    return checked.error();
  }
  if (auto checked = driver_.profile->Check(target); !checked.ok()) {
    return checked.error();
  }
  if (target.ca_pem && !IsReadableCa(*target.ca_pem)) {
    return Error{ErrorKind::kInvalid, "CertificateAuthorityUnreadable",
                 "tls.caRef holds no readable certificate; it must be PEM text", ""};
  }
  if (!target.instance.empty()) {
    const auto port = FindInstancePort(target.host, target.instance, browser_port_, timeout);
    if (!port.ok()) {
      return port.error();
    }
    target.port = *port;
  }
  auto connection = Dial(target, timeout);
  if (!connection.ok()) {
    return connection.error();
  }
  auto session = std::make_unique<OdbcSession>(*std::move(connection));
  if (target.tls == TlsMode::kOptional) {
    return session;
  }
  const auto reply = session->Run(EncryptionBatch(), timeout);
  const auto encrypted = reply.ok() ? ReadEncryption(*reply) : Result<bool>(reply.error());
  if (!encrypted.ok()) {
    return encrypted.error();
  }
  if (!*encrypted) {
    return NotEncrypted(target);
  }
  return session;
}

Result<OdbcHandle> OdbcConnector::Dial(const SqlTarget& target, Duration timeout) {
  // A connection takes ten buffers of 32 KiB from iconv and uses a page of each. Where they are cut
  // from memory that was used before, all of their pages stay resident.
  malloc_trim(0);
  auto connection = OdbcHandle::MakeChild(OdbcKind::kConnection, environment_);
  if (!connection.ok()) {
    return connection.error();
  }
  // Without a login timeout a silent peer would hold this thread for ever.
  auto* const seconds = OdbcSeconds(timeout);
  SQLSetConnectAttrW(connection->get(), SQL_ATTR_LOGIN_TIMEOUT, seconds, SQL_IS_UINTEGER);

  const DriverProfile& profile = *driver_.profile;
  std::string companion;
  std::unique_ptr<FreeTdsConfig::Section> section;
  FileDescriptor certificate;
  if (profile.CompanionOf(target) == Companion::kSection) {
    auto added = config_->Add(target);
    if (!added.ok()) {
      return added.error();
    }
    section = *std::move(added);
    companion = section->name();
  } else if (profile.CompanionOf(target) == Companion::kCertificate) {
    auto file = MemoryFile(*target.ca_pem);
    if (!file.ok()) {
      return file.error();
    }
    certificate = *std::move(file);
    companion = PathOf(certificate);
  }
  const Secret text = profile.ConnectionString(driver_.library, target, companion);
  auto wide = ToUtf16(text.Reveal()).value_or(std::u16string());
  const SQLRETURN code = SQLDriverConnectW(
      connection->get(), nullptr, reinterpret_cast<SQLWCHAR*>(wide.data()),
      static_cast<SQLSMALLINT>(wide.size()), nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT);
  std::ranges::fill(wide, u'\0');
  if (SQL_SUCCEEDED(code)) {
    return connection;
  }
  const auto diagnostics = ReadDiagnostics(*connection);
  if (auto error = LoginError(profile, target, diagnostics)) {
    return *std::move(error);
  }
  return ProbeError(profile, target, ProbeTls(ProbeOf(profile, target), timeout), diagnostics);
}

}  // namespace milink::sql
