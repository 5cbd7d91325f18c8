// Statements about keys, certificates and the mirroring endpoint: what they check and change.
// Names and literals arrive already unquoted. Permissions, database context and transactions are
// the T-SQL engine's business. Call with the World's lock held.
// Source: CATALOG 8, ERRORS 3, LINK-LIFECYCLE P3-P6.
#pragma once

#include <optional>
#include <string>

#include "tests/sim/world/outcome.h"
#include "tests/sim/world/world.h"

namespace milink::sim {

SqlOutcome CreateMasterKey(WorldState& world, SqlServerInstance& instance,
                           const std::string& password);
// OPEN MASTER KEY DECRYPTION BY PASSWORD: does the password fit?
SqlOutcome OpenMasterKey(const WorldState& world, const SqlServerInstance& instance,
                         const std::string& password);
SqlOutcome DropMasterKey(WorldState& world, SqlServerInstance& instance);
// ALTER MASTER KEY ADD ENCRYPTION BY SERVICE MASTER KEY
SqlOutcome EncryptMasterKeyByServiceKey(WorldState& world, SqlServerInstance& instance);

struct CertificateRequest {
  std::string name;
  std::string subject;
  std::optional<TimePoint> start_date;   // default now
  std::optional<TimePoint> expiry_date;  // default one year after the start
};
SqlOutcome CreateCertificate(WorldState& world, SqlServerInstance& instance,
                             const CertificateRequest& request);
// FROM BINARY = 0x..
SqlOutcome ImportCertificate(WorldState& world, SqlServerInstance& instance,
                             const std::string& name, const std::string& der);
SqlOutcome DropCertificate(WorldState& world, SqlServerInstance& instance, const std::string& name);
// sys.sp_certificate_add_issuer. `certificate_id` is nothing when CERT_ID() was NULL.
SqlOutcome AddTrustedIssuer(WorldState& world, SqlServerInstance& instance,
                            std::optional<int> certificate_id, const std::string& dns_name);

// The clauses that were written; nothing: not mentioned.
struct EndpointClauses {
  std::string name;
  std::optional<EndpointState> state;
  std::optional<int> port;
  std::optional<std::string> ip_address;  // empty: ALL
  std::optional<EndpointRole> role;
  std::optional<ConnectionAuth> auth;
  std::optional<std::string> certificate;
  std::optional<EncryptionAlgorithm> encryption;
};
SqlOutcome CreateEndpoint(WorldState& world, SqlServerInstance& instance,
                          const EndpointClauses& clauses);
SqlOutcome AlterEndpoint(WorldState& world, SqlServerInstance& instance,
                         const EndpointClauses& clauses);
SqlOutcome DropEndpoint(WorldState& world, SqlServerInstance& instance, const std::string& name);

// Opens or closes the real socket as the endpoint's state says.
void RebindEndpoint(WorldState& world, SqlServerInstance& instance);

// sys.sp_get_endpoint_certificate 4: the DER in `der`, or 47505 / 47506.
SqlOutcome GetEndpointCertificate(const WorldState& world, const SqlServerInstance& instance,
                                  std::string& der);

}  // namespace milink::sim
