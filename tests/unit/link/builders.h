// Small worlds for tests of the planner: a pair that is ready, on which a test changes the one
// thing it is about.
#pragma once

#include <memory>
#include <string>

#include "controllers/link/observation.h"
#include "core/api/managed_instance_link.h"
#include "core/api/sql_server_replica.h"
#include "core/azure/models.h"
#include "core/sql/snapshot.h"

namespace milink::link::gen {

inline constexpr char kFqdn[] = "sqlmi1.73d19f36a420a.database.windows.net";
inline constexpr char kInstanceThumbprint[] = "A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1";
inline constexpr char kSqlThumbprint[] = "B2B2B2B2B2B2B2B2B2B2B2B2B2B2B2B2B2B2B2B2";
inline constexpr char kTdeThumbprint[] = "E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5E5";
inline constexpr char kSqlCertificate[] = "Cert_SQL1_endpoint";
inline constexpr char kPartnerUrl[] = "TCP://10.0.0.4:5022";

// 2026-11-21T10:00:00Z
TimePoint Start();

// A link of the databases named, with default group names and its finalizer.
api::ManagedInstanceLink Link(const std::vector<std::string>& databases);
api::ManagedInstanceLinkSpec::Database Names(const std::string& database);
api::SqlServerReplica Replica();  // Ready
// SQL Server 2022 with endpoint and certificate, nothing else.
sql::InstanceSnapshot Sql();
azure::ManagedInstanceSnapshot Instance();  // ready and empty

sql::Database Database(const std::string& name);  // ONLINE, FULL, backed up, in no group
sql::DatabaseFiles Files();
sql::AvailabilityGroup Group(const std::string& name, const std::string& database);
sql::AvailabilityGroup DistributedGroup(const std::string& name, const std::string& local,
                                        const std::string& remote);
azure::Link AzureLink(const std::string& database);
std::vector<pki::RootAuthority> Roots();
// The database is encrypted by certificate TdeCert, which the login may use.
void Encrypt(sql::InstanceSnapshot& sql, const std::string& database);

// Both sides hold each other's certificates, the roots are there, issuers made.
void Trust(sql::InstanceSnapshot& sql, azure::ManagedInstanceSnapshot& instance,
           ProcessFacts& facts);
// Azure refuses to show this part.
void Hide(azure::ManagedInstanceSnapshot& instance, azure::InstancePart part);
// Groups and link of this database on both sides, replicating and healthy.
void Linked(sql::InstanceSnapshot& sql, azure::ManagedInstanceSnapshot& instance,
            const std::string& database);
// As the journal has it once the link replicates.
void Established(api::ManagedInstanceLink& link, const std::string& database);

}  // namespace milink::link::gen
