#include "controllers/replica/plan/endpoint_fit.h"

namespace milink::replica {
namespace {

bool Has(const std::string& text, const char* word) { return text.find(word) != std::string::npos; }

bool OnlyWindows(const sql::MirroringEndpoint& endpoint) {
  return endpoint.authentication == "NTLM" || endpoint.authentication == "KERBEROS" ||
         endpoint.authentication == "NEGOTIATE";
}

// "NONE, AES" and its like only support encryption; the managed instance asks for more (41998).
bool RequiresAes(const sql::MirroringEndpoint& endpoint) {
  return endpoint.encryption_enabled && Has(endpoint.encryption, "AES") &&
         !Has(endpoint.encryption, "NONE");
}

bool RequiresRc4(const sql::MirroringEndpoint& endpoint) {
  return endpoint.encryption_enabled && endpoint.encryption == "RC4";
}

}  // namespace

bool UsesCertificate(const sql::MirroringEndpoint& endpoint) {
  return Has(endpoint.authentication, "CERTIFICATE");
}

EndpointFit FitOf(const sql::MirroringEndpoint& endpoint) {
  EndpointFit fit;
  const auto add = [&](std::string difference, bool alterable) {
    fit.differences.push_back(std::move(difference));
    fit.alterable = fit.alterable && alterable;
  };
  if (endpoint.role != "ALL" && endpoint.role != "PARTNER") {
    add("its role is " + endpoint.role + " instead of ALL", false);
  }
  if (!UsesCertificate(endpoint)) {
    add("it authenticates with " + endpoint.authentication + " and no certificate",
        OnlyWindows(endpoint));
  }
  if (!RequiresAes(endpoint)) {
    add("its encryption is " + endpoint.encryption + " instead of required AES",
        RequiresRc4(endpoint));
  }
  if (!endpoint.ip_address.empty()) {
    add("it listens on " + endpoint.ip_address + " only", true);
  }
  if (endpoint.state != "STARTED") {
    fit.only_stopped = fit.differences.empty();
    add("it is " + endpoint.state, endpoint.state == "STOPPED");
  }
  return fit;
}

sql::EndpointChange ChangeOf(const sql::MirroringEndpoint& endpoint, const CertificateName& own) {
  sql::EndpointChange change;
  change.name = endpoint.name;
  change.endpoint_id = endpoint.endpoint_id;
  change.seen_authentication = endpoint.authentication;
  change.seen_encryption = endpoint.encryption;
  change.seen_certificate = endpoint.certificate;
  change.port = static_cast<std::uint16_t>(endpoint.port);
  change.role = endpoint.role;
  const bool certificate = UsesCertificate(endpoint);
  change.authentication = certificate ? endpoint.authentication : "NEGOTIATE, CERTIFICATE";
  change.certificate = certificate ? endpoint.certificate : own;
  change.encryption = RequiresRc4(endpoint) ? "AES, RC4" : endpoint.encryption;
  return change;
}

}  // namespace milink::replica
