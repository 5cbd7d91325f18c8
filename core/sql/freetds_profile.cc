#include "core/sql/freetds_profile.h"

#include "core/base/text.h"

namespace milink::sql {
namespace {

// In {..} FreeTDS takes everything up to a brace that a semicolon or the end follows.
bool FitsInBraces(std::string_view text) { return text.find("};") == std::string_view::npos; }

Status CheckTls(const SqlTarget& target) {
  if (target.tls == TlsMode::kStrict) {
    return TlsUnsupported(
        "spec.tls.mode is Strict (TDS 8), which the ODBC driver FreeTDS of this operator cannot "
        "do; set it to Mandatory, which encrypts every connection and verifies the server, too, "
        "or run the operator with Microsoft's driver (--odbc-driver msodbcsql18)");
  }
  if (!target.server_name.empty() && !EqualsIgnoreCaseAscii(target.server_name, target.host)) {
    return TlsUnsupported(
        "spec.tls.serverName is " + Shorten(target.server_name, 60) +
        ", but the ODBC driver FreeTDS of this operator compares the certificate with spec.host, " +
        Shorten(target.host, 60) +
        "; make that name the spec.host (a DNS entry or the pod's hostAliases can lead it to the "
        "server), use a certificate that carries spec.host, or run the operator with Microsoft's "
        "driver (--odbc-driver msodbcsql18)");
  }
  return OkStatus();
}

std::string_view EncryptionOf(const SqlTarget& target) {
  return target.tls == TlsMode::kOptional ? "request" : "require";
}

class FreeTds final : public DriverProfile {
 public:
  std::string_view name() const override { return "FreeTDS"; }

  Status Check(const SqlTarget& target) const override {
    if (!FitsInBraces(target.user)) {
      return UserNotAllowed("the ODBC driver FreeTDS takes none with '};'");
    }
    if (!FitsInBraces(target.password.Reveal())) {
      return PasswordNotAllowed("FreeTDS takes none with the characters '};' next to each other");
    }
    return CheckTls(target);
  }

  // Optional with a CA verifies whenever the server encrypts; Optional without one never verifies.
  bool Verifies(const SqlTarget& target) const override {
    return !target.trust_server_certificate &&
           (target.tls == TlsMode::kMandatory || target.ca_pem.has_value());
  }
  Companion CompanionOf(const SqlTarget& target) const override {
    return Verifies(target) ? Companion::kSection : Companion::kNone;
  }

  Secret ConnectionString(const std::string& library, const SqlTarget& target,
                          const std::string& section) const override {
    const std::string where = section.empty()
                                  ? "Server=" + target.host + "," + std::to_string(target.port) +
                                        ";Encryption=" + std::string(EncryptionOf(target))
                                  : "Servername=" + section;
    return JoinSecret({"DRIVER={", library, "};", where,
                       ";TDS_Version=7.4;Database=master;APP=milink-operator;UID={", target.user,
                       "};PWD={", target.password.Reveal(), "};"});
  }

  std::string_view TrustRemedy(const SqlTarget& /*target*/) const override {
    return "give its CA in tls.caRef";
  }
  std::string_view NameRemedy() const override {
    return "use as host a name that the certificate carries";
  }
};

}  // namespace

const DriverProfile& FreeTdsProfile() {
  static const FreeTds kProfile;
  return kProfile;
}

std::string FreeTdsSection(const SqlTarget& target, const std::string& section,
                           const std::string& ca_file) {
  return "[" + section + "]\n\thost = " + target.host +
         "\n\tport = " + std::to_string(target.port) +
         "\n\ttds version = 7.4\n\tencryption = " + std::string(EncryptionOf(target)) +
         "\n\tca file = " + ca_file + "\n\tcheck certificate hostname = yes\n";
}

}  // namespace milink::sql
