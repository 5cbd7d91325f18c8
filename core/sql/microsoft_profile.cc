#include "core/sql/microsoft_profile.h"

#include "core/base/text.h"

namespace milink::sql {
namespace {

std::string_view EncryptOf(const SqlTarget& target) {
  switch (target.tls) {
    case TlsMode::kMandatory:
      return "yes";
    case TlsMode::kStrict:
      return "strict";
    case TlsMode::kOptional:
      break;
  }
  return "no";
}

// In {..} a closing brace is written twice.
Secret Quoted(std::string_view text) {
  std::string out;
  out.reserve(2 * text.size() + 2);
  out += '{';
  for (const char c : text) {
    out.append(c == '}' ? 2 : 1, c);
  }
  out += '}';
  return Secret(std::move(out));
}

bool IsOneCertificate(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  const auto first = pem.find(kBegin);
  return first != std::string_view::npos &&
         pem.find(kBegin, first + kBegin.size()) == std::string_view::npos;
}

class Microsoft final : public DriverProfile {
 public:
  std::string_view name() const override { return "msodbcsql18"; }

  Status Check(const SqlTarget& target) const override {
    if (target.ca_pem && target.tls != TlsMode::kStrict) {
      return TlsUnsupported(
          "spec.tls.caRef (or ca.crt beside the login of a managed instance) is set, but the ODBC "
          "driver msodbcsql18 of this operator trusts the authorities of the operator's system "
          "alone; put the authority there (SSL_CERT_FILE) and remove caRef, set spec.tls.mode to "
          "Strict with the server's own certificate in caRef, or "
          "run the operator with FreeTDS (--odbc-driver FreeTDS)");
    }
    if (target.ca_pem && !IsOneCertificate(*target.ca_pem)) {
      return TlsUnsupported(
          "spec.tls.caRef holds several certificates, but the ODBC driver msodbcsql18 of this "
          "operator compares one with the server's; leave the server's own certificate alone "
          "there, "
          "or put the authorities into the trust store of the operator's system and remove caRef");
    }
    if (target.trust_server_certificate && target.tls == TlsMode::kStrict) {
      return TlsUnsupported(
          "spec.tls.trustServerCertificate is set, but with spec.tls.mode Strict the ODBC driver "
          "msodbcsql18 always verifies; remove one of the two");
    }
    return OkStatus();
  }

  bool Verifies(const SqlTarget& target) const override { return !target.trust_server_certificate; }
  Companion CompanionOf(const SqlTarget& target) const override {
    return target.ca_pem && Verifies(target) ? Companion::kCertificate : Companion::kNone;
  }

  // ConnectRetryCount=0: a connection that breaks is not made again behind our back, because a lock
  // of the session may guard what is under way. The port is never asked of the driver's own
  // browser.
  Secret ConnectionString(const std::string& library, const SqlTarget& target,
                          const std::string& certificate) const override {
    std::string how = "Server=tcp:" + target.host + "," + std::to_string(target.port) +
                      ";Encrypt=" + std::string(EncryptOf(target)) +
                      ";TrustServerCertificate=" + (target.trust_server_certificate ? "yes" : "no");
    if (!target.server_name.empty()) {
      how += ";HostnameInCertificate=" + target.server_name;
    }
    if (!certificate.empty()) {
      how += ";ServerCertificate=" + certificate;
    }
    const Secret user = Quoted(target.user);
    const Secret password = Quoted(target.password.Reveal());
    return JoinSecret({"DRIVER={", library, "};", how,
                       ";ConnectRetryCount=0;Database=master;APP=milink-operator;UID=",
                       user.Reveal(), ";PWD=", password.Reveal(), ";"});
  }

  std::string_view TrustRemedy(const SqlTarget& target) const override {
    return target.ca_pem
               ? "the ODBC driver msodbcsql18 compares it with the one in tls.caRef, which "
                 "must be the server's own"
               : "put its CA into the trust store of the operator's system "
                 "(SSL_CERT_FILE), which is where the ODBC driver msodbcsql18 looks";
  }
  std::string_view NameRemedy() const override {
    return "use as host a name that the certificate carries, or name it in tls.serverName";
  }
};

}  // namespace

const DriverProfile& MicrosoftProfile() {
  static const Microsoft kProfile;
  return kProfile;
}

}  // namespace milink::sql
