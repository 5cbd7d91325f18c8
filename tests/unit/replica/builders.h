// A SQL Server that is ready for links, and a resource that stands for it; a test changes only what
// it is about.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "controllers/replica/observation.h"
#include "core/api/codec.h"
#include "core/base/time_format.h"

namespace milink::replica::testing {

inline TimePoint Now() { return *ParseRfc3339("2026-11-21T10:00:00Z"); }

inline api::SqlServerReplica Replica() {
  api::SqlServerReplica replica;
  replica.meta.key = {"prod", "sql1"};
  replica.meta.uid = "uid-1";
  replica.meta.resource_version = "10";
  replica.meta.generation = 3;
  replica.meta.creation_time = Now() - std::chrono::hours(1);
  replica.meta.finalizers = {api::kReplicaFinalizer};
  replica.spec.host = "sql1.corp.example";
  replica.spec.credentials_secret = "sql1-login";
  replica.spec.endpoint.address = "10.0.0.4";
  replica.status.identity = {"SQL1", "KEY-1"};
  return replica;
}

// As the status shows the certificate of the endpoint.
inline api::SqlServerReplicaStatus::Certificate Shown(const std::string& thumbprint) {
  api::SqlServerReplicaStatus::Certificate certificate;
  certificate.current.thumbprint = thumbprint;
  return certificate;
}

inline sql::Certificate EndpointCertificate() {
  sql::Certificate certificate;
  certificate.name = CertificateName("Cert_SQL1_endpoint");
  certificate.certificate_id = 256;
  certificate.private_key = "MK";
  certificate.not_before = Now() - std::chrono::hours(24 * 10);
  certificate.not_after = Now() + std::chrono::hours(24 * 300);
  certificate.thumbprint = "AB12";
  certificate.der = "der";
  return certificate;
}

inline sql::MirroringEndpoint MirroringEndpoint() {
  sql::MirroringEndpoint endpoint;
  endpoint.name = EndpointName("database_mirroring_endpoint");
  endpoint.endpoint_id = 65536;
  endpoint.state = "STARTED";
  endpoint.role = "ALL";
  endpoint.authentication = "CERTIFICATE";
  endpoint.encryption_enabled = true;
  endpoint.encryption = "AES";
  endpoint.port = 5022;
  endpoint.certificate = CertificateName("Cert_SQL1_endpoint");
  return endpoint;
}

// SQL Server 2022 CU13 Enterprise on Linux, nothing prepared.
inline sql::InstanceSnapshot FreshInstance() {
  sql::InstanceSnapshot snapshot;
  snapshot.version = 1;
  snapshot.read_at = Now();
  snapshot.slow_read_at = Now();
  snapshot.properties.server_name = "SQL1";
  snapshot.properties.service_master_key_guid = "KEY-1";
  snapshot.properties.product_version = "16.0.4125.3";
  snapshot.properties.edition = "Enterprise Edition (64-bit)";
  snapshot.properties.engine_edition = 3;
  snapshot.properties.hadr_enabled = true;
  snapshot.properties.hadr_manager_status = 1;
  snapshot.properties.sysadmin = true;
  snapshot.properties.host_platform = "Linux";
  snapshot.properties.trace_flags = {1800, 9567};
  return snapshot;
}

inline sql::InstanceSnapshot PreparedInstance() {
  auto snapshot = FreshInstance();
  snapshot.master_key = {true, true};
  snapshot.certificates = {EndpointCertificate()};
  snapshot.endpoints = {MirroringEndpoint()};
  return snapshot;
}

inline Observation Observe(api::SqlServerReplica replica, sql::InstanceSnapshot snapshot) {
  Observation observed;
  observed.replica = std::make_shared<const api::SqlServerReplica>(std::move(replica));
  observed.sql = std::make_shared<const sql::InstanceSnapshot>(std::move(snapshot));
  observed.now = Now();
  return observed;
}

}  // namespace milink::replica::testing
