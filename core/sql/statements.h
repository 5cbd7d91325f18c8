// The statements that change a SQL Server, one function each. Pure.
//
// Each returns one batch for a connection whose database is master, outside a transaction. No
// statement here is idempotent by itself except the guarded drops: observe before and after.
// Errors: kInvalid TextNotAllowed (quoting.h). Facts: LINK-LIFECYCLE P3-P10 and 11; the grammar is
// that of the T-SQL reference.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/base/strong.h"
#include "core/sql/session.h"

namespace milink::sql {

// -- The running instance

// For the whole instance, until it restarts. Harmless when they are on.
Result<SqlBatch> EnableTraceFlags(const std::vector<int>& flags);

// Did a guarded statement find something else than what was seen, and leave it alone?
bool WasLeftAlone(const SqlReply& reply);

// -- Keys and certificates

Result<SqlBatch> CreateMasterKey(const Secret& password);
// For a key that the engine cannot open unattended; `password` is the one it was made with.
Result<SqlBatch> AddServiceKeyEncryption(const Secret& password);

struct CertificateRequest {
  CertificateName name;
  std::string subject;
  TimePoint not_before;  // whole days count, UTC
  TimePoint not_after;
};
Result<SqlBatch> CreateCertificate(const CertificateRequest& request);
// A public key without its private key. The certificate of a managed instance must carry the
// instance's full DNS name.
Result<SqlBatch> ImportCertificate(const CertificateName& name, std::string_view der);
// Trusts what this authority signed for `dns_pattern`, e.g. "*.database.windows.net". Needed beside
// every imported root; 37447 says that it was done before.
Result<SqlBatch> AddTrustedIssuer(const CertificateName& root, std::string_view dns_pattern);
// Lets the engine follow the chain of an imported certificate, which may take it outbound HTTP.
// Changes nothing. Only where Capabilities::chain_validation holds.
Result<SqlBatch> ValidateChain(const CertificateName& name);
// Did the engine warn (37449) that it could not?
bool ChainNotValidated(const SqlReply& reply);
// Drops it only if the certificate under this name still has this thumbprint (hexadecimal).
Result<SqlBatch> DropCertificate(const CertificateName& name, std::string_view thumbprint);

// The same of one without a private key: what SQL Server could show or sign with is left alone.
Result<SqlBatch> DropPublicCertificate(const CertificateName& name, std::string_view thumbprint);

// -- Mirroring endpoint

// Listens on all addresses, certificate authentication, encryption required with AES, started.
Result<SqlBatch> CreateEndpoint(const EndpointName& name, std::uint16_t port,
                                const CertificateName& certificate);
Result<SqlBatch> StartEndpoint(const EndpointName& name);

// An endpoint as it was seen and as it shall be. What is wanted is told in full, in the words of
// the catalog: whatever stands in no statement may fall back to a default.
struct EndpointChange {
  EndpointName name;
  int endpoint_id = 0;
  std::string seen_authentication;  // connection_auth_desc
  std::string seen_encryption;      // encryption_algorithm_desc
  std::uint16_t port = 0;           // as it is; a listener cannot be told without it
  std::string role;                 // "ALL", "PARTNER"
  std::string authentication;       // e.g. "NEGOTIATE, CERTIFICATE"
  CertificateName certificate;
  std::string encryption;            // algorithms of a required encryption: "AES, RC4"
  CertificateName seen_certificate;  // empty: it had none
  bool operator==(const EndpointChange&) const = default;
};
// Starts it, listening on all addresses. Nothing happens, without an error, when the endpoint is
// not as it was seen: another hand was quicker. Errors: kInvalid TextNotAllowed for other words.
Result<SqlBatch> AlterEndpoint(const EndpointChange& change);
// Nothing happens, without an error, when it is another one or an availability group is there.
Result<SqlBatch> DropEndpoint(const EndpointName& name, int endpoint_id);

// -- Databases

Result<SqlBatch> SetFullRecovery(const DatabaseName& database);
// The file of the first full backup, the same for the same arguments: the database's name reduced
// to safe characters, a hash of the whole name and `tag`. The separator follows the directory's
// form.
std::string BackupFile(std::string_view directory, const DatabaseName& database,
                       std::string_view tag);
// A full backup, not copy-only: it starts the log chain and resets the differential base.
Result<SqlBatch> BackupDatabase(const DatabaseName& database, std::string_view file);

// -- Availability groups

struct LocalGroupRequest {
  GroupName name;
  DatabaseName database;
  std::string server_name;          // @@SERVERNAME in its exact case
  std::string endpoint_url;         // urls.h
  bool cluster_type_clause = true;  // false on SQL Server 2016, which does not know it
};
Result<SqlBatch> CreateAvailabilityGroup(const LocalGroupRequest& request);

struct DistributedGroupRequest {
  GroupName name;
  GroupName local_group;
  std::string local_url;
  GroupName instance_group;
  std::string instance_url;
};
// Asynchronous, as a link must begin (47501).
Result<SqlBatch> CreateDistributedGroup(const DistributedGroupRequest& request);

// Both drop only the very group that was looked at: name, identity and nature must still match.
// Nothing happens otherwise, without an error.
Result<SqlBatch> DropAvailabilityGroup(const GroupName& name, std::string_view group_id);
Result<SqlBatch> DropDistributedGroup(const GroupName& name, std::string_view group_id);

}  // namespace milink::sql
