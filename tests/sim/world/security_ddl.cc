#include "tests/sim/world/security_ddl.h"

#include <algorithm>
#include <cctype>

#include "tests/sim/world/link_dynamics.h"
#include "tests/sim/world/x509.h"

namespace milink::sim {
namespace {

constexpr std::size_t kMaxDnsName = 255;

// The operating system's policy: long enough and of three kinds of characters.
int PasswordProblem(const std::string& password) {
  if (password.size() < 8) {
    return 15'116;
  }
  const auto has = [&](auto kind) { return std::ranges::any_of(password, kind); };
  const int kinds = static_cast<int>(has([](unsigned char c) { return std::isupper(c) != 0; })) +
                    static_cast<int>(has([](unsigned char c) { return std::islower(c) != 0; })) +
                    static_cast<int>(has([](unsigned char c) { return std::isdigit(c) != 0; })) +
                    static_cast<int>(has([](unsigned char c) { return std::ispunct(c) != 0; }));
  return kinds < 3 ? 15'118 : 0;
}

Certificate FromFacts(const std::string& name, const std::string& der,
                      const CertificateFacts& facts) {
  Certificate certificate;
  certificate.name = name;
  certificate.subject = facts.subject;
  certificate.issuer = facts.issuer;
  certificate.serial = facts.serial;
  certificate.start_date = facts.not_before;
  certificate.expiry_date = facts.not_after;
  certificate.thumbprint = facts.thumbprint;
  certificate.der = der;
  certificate.key_length = facts.key_bits;
  return certificate;
}

bool FitForEndpoint(const WorldState& world, const Certificate& certificate) {
  return certificate.has_private_key && certificate.start_date <= world.now &&
         world.now < certificate.expiry_date;
}

// Checks the certificate clause; fills its id.
SqlOutcome ResolveCertificate(const WorldState& world, const SqlServerInstance& instance,
                              const EndpointClauses& clauses, MirroringEndpoint& endpoint) {
  if (!clauses.certificate) {
    return {};
  }
  const Certificate* const certificate = instance.FindCertificate(*clauses.certificate);
  if (certificate == nullptr) {
    return Refuse(15'151, {"find", "certificate", *clauses.certificate});
  }
  if (!FitForEndpoint(world, *certificate)) {
    return Refuse(28'055, {certificate->name});
  }
  endpoint.certificate_id = certificate->certificate_id;
  return {};
}

void ApplyClauses(const EndpointClauses& clauses, MirroringEndpoint& endpoint) {
  endpoint.state = clauses.state.value_or(endpoint.state);
  endpoint.port = clauses.port.value_or(endpoint.port);
  endpoint.ip_address = clauses.ip_address.value_or(endpoint.ip_address);
  endpoint.role = clauses.role.value_or(endpoint.role);
  endpoint.auth = clauses.auth.value_or(endpoint.auth);
  endpoint.encryption = clauses.encryption.value_or(endpoint.encryption);
}

}  // namespace

void RebindEndpoint(WorldState& world, SqlServerInstance& instance) {
  world.network.Close(instance.server_name);
  if (!instance.endpoint || instance.endpoint->state != EndpointState::kStarted) {
    return;
  }
  MirroringEndpoint& endpoint = *instance.endpoint;
  // Bound to one address, it is not reachable at the others.
  const std::vector<std::string> addresses = endpoint.ip_address.empty()
                                                 ? instance.addresses
                                                 : std::vector<std::string>{endpoint.ip_address};
  endpoint.listening = world.network.Listen(instance.server_name, addresses, endpoint.port);
  if (!endpoint.listening) {
    instance.error_log.push_back(
        MakeMessage(26'023, {"'any'", "ipv4", std::to_string(endpoint.port)}).text);
  }
}

SqlOutcome CreateMasterKey(WorldState& world, SqlServerInstance& instance,
                           const std::string& password) {
  if (instance.master_key.exists) {
    return Refuse(15'578);
  }
  if (const int problem = PasswordProblem(password); problem != 0) {
    return Refuse(problem);
  }
  instance.master_key = {.exists = true,
                         .encrypted_by_service_key = true,
                         .create_date = world.now,
                         .guid = world.NewId(),
                         .password = password};
  return {};
}

SqlOutcome OpenMasterKey(const WorldState& world, const SqlServerInstance& instance,
                         const std::string& password) {
  if (!instance.master_key.exists) {
    return Refuse(15'151, {"open", "symmetric key", "##MS_DatabaseMasterKey##"});
  }
  if (instance.master_key.password != password) {
    return Refuse(world.switches.wrong_key_password_is_decryption_error ? 15'466 : 15'313);
  }
  return {};
}

SqlOutcome DropMasterKey(WorldState& /*world*/, SqlServerInstance& instance) {
  if (!instance.master_key.exists) {
    return Refuse(15'151, {"drop", "symmetric key", "master key"});
  }
  for (const Certificate& certificate : instance.certificates) {
    if (certificate.has_private_key) {
      return Refuse(15'580, {"master key", "certificate", certificate.name});
    }
  }
  instance.master_key = {};
  return {};
}

SqlOutcome EncryptMasterKeyByServiceKey(WorldState& /*world*/, SqlServerInstance& instance) {
  if (!instance.master_key.exists) {
    return Refuse(15'151, {"find", "symmetric key", "master key"});
  }
  instance.master_key.encrypted_by_service_key = true;
  return {};
}

SqlOutcome CreateCertificate(WorldState& world, SqlServerInstance& instance,
                             const CertificateRequest& request) {
  if (!instance.master_key.exists || !instance.master_key.encrypted_by_service_key) {
    return Refuse(15'581);
  }
  const std::size_t longest = instance.platform == "Linux" ? 64 : 128;
  if (request.subject.empty() || request.subject.size() > longest) {
    return Refuse(15'212, {std::to_string(longest)});
  }
  if (instance.FindCertificate(request.name) != nullptr) {
    return Refuse(15'232, {request.name});
  }
  const TimePoint start = request.start_date.value_or(world.now);
  const TimePoint expiry = request.expiry_date.value_or(start + std::chrono::hours(24 * 365));
  const CertificateWithKey made = MakeCertificate({.common_name = request.subject,
                                                   .dns_names = {},
                                                   .not_before = start,
                                                   .not_after = expiry,
                                                   .rsa = true});
  const std::optional<CertificateFacts> facts = ReadCertificate(made.der);
  Certificate certificate = FromFacts(request.name, made.der, *facts);
  certificate.subject = request.subject;
  certificate.issuer = request.subject;
  certificate.has_private_key = true;
  certificate.private_key_pem = made.key_pem;
  certificate.certificate_id = instance.next_certificate_id++;
  instance.certificates.push_back(std::move(certificate));
  SqlOutcome outcome;
  if (start > world.now) {
    outcome.Add(15'213);
  }
  if (expiry <= world.now) {
    outcome.Add(15'214);
  }
  return outcome;
}

SqlOutcome ImportCertificate(WorldState& /*world*/, SqlServerInstance& instance,
                             const std::string& name, const std::string& der) {
  const std::optional<CertificateFacts> facts = ReadCertificate(der);
  if (!facts) {
    return Refuse(15'297);
  }
  // The same bytes under another name count as added already.
  if (instance.FindCertificate(name) != nullptr ||
      instance.FindCertificateByThumbprint(facts->thumbprint) != nullptr) {
    return Refuse(15'232, {name});
  }
  Certificate certificate = FromFacts(name, der, *facts);
  certificate.certificate_id = instance.next_certificate_id++;
  instance.certificates.push_back(std::move(certificate));
  return {};
}

SqlOutcome DropCertificate(WorldState& /*world*/, SqlServerInstance& instance,
                           const std::string& name) {
  const Certificate* const certificate = instance.FindCertificate(name);
  if (certificate == nullptr) {
    return Refuse(15'151, {"drop", "certificate", name});
  }
  const bool in_use = std::ranges::any_of(instance.databases, [&](const Database& database) {
    return database.encryptor_thumbprint == certificate->thumbprint;
  });
  if (in_use ||
      (instance.endpoint && instance.endpoint->certificate_id == certificate->certificate_id)) {
    return Refuse(15'352, {"certificate"});
  }
  std::erase_if(instance.certificates, [id = certificate->certificate_id](const Certificate& c) {
    return c.certificate_id == id;
  });
  return {};
}

SqlOutcome AddTrustedIssuer(WorldState& /*world*/, SqlServerInstance& instance,
                            std::optional<int> certificate_id, const std::string& dns_name) {
  if (!instance.link_procedures) {
    return Refuse(2'812, {"sys.sp_certificate_add_issuer"});
  }
  const int id = certificate_id.value_or(0);
  const auto it = std::ranges::find(instance.certificates, id, &Certificate::certificate_id);
  if (it == instance.certificates.end()) {
    return Refuse(15'151, {"find", "certificate", std::to_string(id)});
  }
  if (dns_name.size() > kMaxDnsName) {
    return Refuse(37'451, {std::to_string(kMaxDnsName)});
  }
  const std::optional<CertificateFacts> facts = ReadCertificate(it->der);
  if (!facts || !facts->may_sign_certificates) {
    return Refuse(37'450, {it->name});
  }
  if (std::ranges::find(it->issuer_of, dns_name) != it->issuer_of.end()) {
    return Refuse(37'447, {it->name, dns_name});
  }
  it->issuer_of.push_back(dns_name);
  return {};
}

SqlOutcome CreateEndpoint(WorldState& world, SqlServerInstance& instance,
                          const EndpointClauses& clauses) {
  if (instance.endpoint) {
    return Refuse(7'862);
  }
  MirroringEndpoint endpoint;
  endpoint.name = clauses.name;
  if (SqlOutcome refused = ResolveCertificate(world, instance, clauses, endpoint);
      refused.failed()) {
    return refused;
  }
  ApplyClauses(clauses, endpoint);
  endpoint.endpoint_id = instance.next_endpoint_id++;
  instance.endpoint = endpoint;
  RebindEndpoint(world, instance);
  return {};
}

SqlOutcome AlterEndpoint(WorldState& world, SqlServerInstance& instance,
                         const EndpointClauses& clauses) {
  if (!instance.endpoint || !instance.SameName(instance.endpoint->name, clauses.name)) {
    return Refuse(15'151, {"alter", "endpoint", clauses.name});
  }
  if (!clauses.state && !clauses.port && !clauses.ip_address && !clauses.role && !clauses.auth &&
      !clauses.certificate && !clauses.encryption) {
    return Refuse(7'863);
  }
  MirroringEndpoint changed = *instance.endpoint;
  if (SqlOutcome refused = ResolveCertificate(world, instance, clauses, changed);
      refused.failed()) {
    return refused;
  }
  ApplyClauses(clauses, changed);
  instance.endpoint = changed;
  RebindEndpoint(world, instance);
  ConnectAnew(world, instance);
  return {};
}

SqlOutcome DropEndpoint(WorldState& world, SqlServerInstance& instance, const std::string& name) {
  if (!instance.endpoint || !instance.SameName(instance.endpoint->name, name)) {
    return Refuse(15'151, {"drop", "endpoint", name});
  }
  instance.endpoint.reset();
  world.network.Close(instance.server_name);
  return {};
}

SqlOutcome GetEndpointCertificate(const WorldState& /*world*/, const SqlServerInstance& instance,
                                  std::string& der) {
  constexpr std::string_view kMirroringType = "4";
  if (!instance.endpoint) {
    return Refuse(47'505, {std::string(kMirroringType)});
  }
  const Certificate* const certificate =
      instance.FindCertificateById(instance.endpoint->certificate_id);
  if (certificate == nullptr) {
    return Refuse(47'506, {std::string(kMirroringType)});
  }
  der = certificate->der;
  return {};
}

}  // namespace milink::sim
