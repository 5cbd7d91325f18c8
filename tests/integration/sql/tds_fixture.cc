#include "tests/integration/sql/tds_fixture.h"

#include <stdexcept>

#include "core/base/text.h"

namespace milink::sql {

sim::tds::Browser& LocalBrowser() {
  static const std::unique_ptr<sim::tds::Browser> kBrowser = [] {
    auto started = sim::tds::Browser::Start();
    if (!started.ok()) {
      throw std::runtime_error(ToString(started.error()));
    }
    return *std::move(started);
  }();
  return *kBrowser;
}

OdbcConnector& Connector() {
  static const std::unique_ptr<OdbcConnector> kConnector = [] {
    auto made = OdbcConnector::Make(*FindOdbcDriver(kDefaultDriver), LocalBrowser().port());
    if (!made.ok()) {
      throw std::runtime_error(ToString(made.error()));
    }
    return *std::move(made);
  }();
  return *kConnector;
}

const sim::tds::TlsIdentity& LocalIdentity() {
  static const sim::tds::TlsIdentity kIdentity = [] {
    auto made = sim::tds::MakeSelfSigned("localhost");
    if (!made.ok()) {
      throw std::runtime_error(ToString(made.error()));
    }
    return *std::move(made);
  }();
  return kIdentity;
}

std::string EncryptionText() { return std::string(Trim(EncryptionBatch().shown)); }

SqlBatch Batch(const std::string& text) { return SqlBatch{Secret(text), text}; }

sim::Column TextColumn(const std::string& name) {
  return {name, {sim::SqlType::kNVarChar, 128, 0, 0, true}};
}

TdsFixture::TdsFixture() {
  executor_.On(EncryptionText(),
               sim::tds::Rows({TextColumn("encrypt_option")}, {{std::string("TRUE")}}));
}

void TdsFixture::Start(const sim::tds::ListenerOptions& options, const std::string& host) {
  sim::tds::TdsServerConfig config;
  config.options = options;
  config.certificate_host = host;
  if (host == "localhost") {
    config.identity = LocalIdentity();
  }
  auto started = sim::tds::TdsServer::Start(executor_, config);
  ASSERT_TRUE(started.ok()) << ToString(started.error());
  server_ = *std::move(started);
}

SqlTarget TdsFixture::Target() const {
  SqlTarget target;
  target.host = "localhost";
  target.port = server_->port();
  target.user = "sa";
  target.password = Secret("Correct-Horse-9");
  target.ca_pem = server_->certificate_pem();
  return target;
}

std::unique_ptr<SqlSession> TdsFixture::Connect() {
  auto session = Connector().Connect(Target(), kWait);
  if (!session.ok()) {
    ADD_FAILURE() << ToString(session.error());
    return nullptr;
  }
  return *std::move(session);
}

}  // namespace milink::sql
