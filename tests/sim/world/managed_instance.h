// One simulated managed instance and its links, as plain data, guarded by the World's lock.
//
// A link's replication state lives here, because it belongs to both sides: the SQL Server side
// derives its rows from it (views.h), Azure its JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"

namespace milink::sim {

struct WorldState;
struct SqlServerInstance;

struct TrustCertificate {
  std::string name;
  std::string der;
  std::string thumbprint;
};

struct ManagedDatabase {
  std::string name;
  std::string status = "Online";  // "Restoring" while seeding
  TimePoint creation_date;
};

enum class LinkStage {
  kInitiating,   // accepted; not yet tried to connect
  kConnecting,   // tries, and fails for now: `waiting_for` says why
  kSeeding,      // connected, the database is being copied
  kEstablished,  // seeded
};

struct LinkDatabase {
  std::string name;
  std::string instance_replica_id;
  std::string partner_replica_id;
  std::uint64_t seed_bytes = 0;
  std::uint64_t seeded_bytes = 0;
  std::uint64_t seed_carry = 0;       // thousandths of a byte not copied yet
  std::uint64_t send_carry = 0;       // the same for the log
  bool poisoned = false;              // a log backup ran while seeding
  bool stopped = false;               // it cannot apply the log for want of a certificate
  std::string seeding_operation_id;   // of the running attempt; empty before the first
  std::uint64_t hardened_offset = 0;  // position in the source's log
  std::optional<TimePoint> received_time;
  std::string last_error;  // mostRecentLinkError
};

struct Link {
  std::string name;  // = name of the distributed group on SQL Server
  std::string id;    // distributedAvailabilityGroupId
  std::string replication_mode = "Async";
  std::string instance_role = "Secondary";
  std::string partner_group;
  std::string instance_group;
  std::string partner_endpoint;  // as written
  std::string failover_mode = "None";
  std::string seeding_mode = "Automatic";
  std::vector<LinkDatabase> databases;

  LinkStage stage = LinkStage::kInitiating;
  bool connected = false;
  std::string sql_server;  // instance found at partner_endpoint, once connected
  std::string operation;   // id of the create operation while it runs
  std::string dropping;    // id of the drop operation while it runs
  TimePoint created;
  TimePoint next_attempt;
  int attempts = 0;
  int disconnects = 0;      // how often a connection was lost
  std::string waiting_for;  // why it is not connected, for people
};

enum class OperationState { kInProgress, kSucceeded, kFailed };

struct AzureError {
  std::string code;
  std::string message;
};

// A long-running operation of Azure (ARM 3).
struct Operation {
  std::string id;
  std::string name;      // of the 202 body
  std::string family;    // URL part: "distributedAvailabilityGroups", "serverTrustCertificates"
  std::string location;  // region of the URL
  std::string scope;     // "/subscriptions/../resourceGroups/.."
  std::string target;    // resource id
  TimePoint start_time;
  OperationState state = OperationState::kInProgress;
  // For an operation that needs only time: when it ends, and what it does then. `error` is set when
  // it is bound to fail.
  std::optional<TimePoint> ends_at;
  std::function<AzureError(WorldState&)> effect;  // an empty code: succeeded
  AzureError error;                               // set when failed
};

struct RolePermission {
  std::vector<std::string> actions = {"*"};
  std::vector<std::string> not_actions;
};

struct SecurityRule {
  std::string name;
  int priority = 100;
  std::string direction = "Inbound";
  std::string access = "Allow";
  std::string protocol = "Tcp";
  std::vector<std::string> sources = {"*"};
  std::vector<std::string> destinations = {"*"};
  std::vector<std::string> ports = {"*"};
};

struct ManagedInstance {
  std::string subscription_id = "00000000-0000-0000-0000-000000000001";
  std::string resource_group = "rg1";
  std::string name = "sqlmi1";
  std::string location = "westeurope";
  std::string dns_zone = "73d19f36a420a";
  std::string suffix = "database.windows.net";
  std::string state = "Ready";
  std::string provisioning_state = "Succeeded";
  std::string collation = "SQL_Latin1_General_CP1_CI_AS";
  std::string database_format = "SQLServer2022";
  std::string sku = "GP_Gen5";
  std::string tier = "GeneralPurpose";
  int vcores = 4;
  int storage_gb = 256;

  // Where it is in the network, and the node that serves it now (LINK-LIFECYCLE P2).
  std::string address = "10.0.1.4";
  std::string node = "DB1";
  std::string cluster = "tr1.westeurope1-a.worker.database.windows.net";
  int hadr_port = 11'002;
  std::string subnet_prefix = "10.0.1.0/24";
  std::vector<SecurityRule> security_rules;  // of the group that guards the subnet
  // Its T-SQL side: logins, Agent and views. Null: nobody can sign in.
  std::shared_ptr<SqlServerInstance> sql;

  // The endpoint certificate is really issued by `issuing_certificate_der`, that by `root_der`. The
  // one liberty: the private keys of the authorities which sign for Azure are not to be had, so
  // the thumbprints of those that SQL Server must trust are data. The defaults are the two public
  // roots of Azure; put the simulated root's thumbprint here to have the chain checked for real.
  std::string endpoint_certificate_der;
  std::string issuing_certificate_der;
  std::string issuing_key_pem;
  std::string root_der;
  std::vector<std::string> authority_thumbprints = {"73A5E64A3BFF8316FF0EDCCC618A906E4EAE4D74",
                                                    "DF3C24F9BFD666761B268073FE06D1CC8D4F82A4"};

  std::vector<TrustCertificate> trust_certificates;
  std::vector<std::string> tde_thumbprints;  // of uploaded encryption certificates
  std::vector<Link> links;
  std::vector<ManagedDatabase> databases;
  // By client id; "*" is everybody else who can sign in.
  std::map<std::string, std::vector<RolePermission>> permissions = {{"*", {RolePermission{}}}};

  std::string Id() const;
  std::string Fqdn() const;
  std::string SubnetId() const;
  std::string SecurityGroupId() const;
  std::string NodeHost() const;           // to which the endpoint sends on who connects
  Link* FindLink(std::string_view link);  // without regard to case, as Azure compares
  const Link* FindLink(std::string_view link) const;
  ManagedDatabase* FindDatabase(std::string_view database);
};

}  // namespace milink::sim
