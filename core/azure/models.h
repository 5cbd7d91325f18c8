// Azure resources of the link, as plain values. Enumerations stay the service's own texts, because
// all of them are open. Times UTC; LSNs decimal text of up to 25 digits.
// Facts: ARM 1-6.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/azure/identity.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/strong.h"

namespace milink::azure {

// A managed instance, and as whom it is asked.
struct ManagedInstanceRef {
  std::string subscription_id;
  std::string resource_group;
  std::string name;
  std::string cloud;  // empty: the operator's own
  IdentityRef identity;

  // "/subscriptions/../managedInstances/<name>". Azure compares ids without regard to case.
  ResourceId Id() const;
  // The instance as this identity sees it: the same text for the same thing.
  std::string Key() const;
  auto operator<=>(const ManagedInstanceRef&) const = default;
  bool operator==(const ManagedInstanceRef&) const = default;
};

struct ManagedInstance {
  std::string name;
  std::string location;
  std::string fqdn;  // fullyQualifiedDomainName
  std::string dns_zone;
  std::string state;  // "Ready", "Creating", "Stopped", ..
  std::string provisioning_state;
  std::string collation;
  std::string database_format;  // "SQLServer2022", "AlwaysUpToDate", ..; empty in old versions
  std::string tier;             // "GeneralPurpose", "BusinessCritical"
  std::string subnet_id;        // resource id

  bool operator==(const ManagedInstance&) const = default;
};

struct LinkDatabase {
  std::string name;
  std::string replica_state;     // "InitiatingLink", "LinkSynchronizing", .. free text
  std::string seeding_progress;  // "80%", empty when the service says nothing
  std::string synchronization_health;
  std::string connected_state;
  std::string most_recent_link_error;  // may be a bare SQL error number
  std::string last_hardened_lsn;

  bool operator==(const LinkDatabase&) const = default;
};

// `distributedAvailabilityGroups/{name}`. Never compared by id: the service has returned the
// instance's id there.
struct Link {
  GroupName name;
  std::string replication_mode;  // "Async", "Sync"; empty while the link is bare
  std::string instance_role;     // "Primary", "Secondary"
  GroupName partner_group;       // the availability group on SQL Server
  GroupName instance_group;
  std::string partner_endpoint;         // as it was written
  std::string failover_mode;            // "Manual"; absent means "None"
  std::vector<LinkDatabase> databases;  // in no fixed order

  bool operator==(const Link&) const = default;
};

struct LinkRequest {
  GroupName name;
  GroupName partner_group;
  GroupName instance_group;
  std::string partner_endpoint;  // "tcp://10.0.0.4:5022"
  std::string instance_role;     // "Secondary": SQL Server is the first primary
  std::string failover_mode;     // "None", "Manual"
  std::vector<DatabaseName> databases;
};

// A public key: of SQL Server, given to the instance, or the instance's own endpoint certificate.
struct PublicCertificate {
  std::string name;
  std::string der;         // bytes
  std::string thumbprint;  // SHA-1 of `der`, upper-case hexadecimal, computed here

  bool operator==(const PublicCertificate&) const = default;
};

// One entry of the caller's effective rights. An action is allowed when some entry's `actions`
// match it and that same entry's `not_actions` do not.
struct Permission {
  std::vector<std::string> actions;
  std::vector<std::string> not_actions;

  bool operator==(const Permission&) const = default;
};

// The part of a virtual network in which an instance is.
struct Subnet {
  std::vector<std::string> prefixes;  // "10.0.1.0/24"
  std::string security_group_id;      // empty: none
  bool operator==(const Subnet&) const = default;
};

// Singular and plural fields of a rule are one list here; addresses may be service tags.
struct SecurityRule {
  std::string name;
  int priority = 0;       // the lowest decides
  std::string direction;  // "Inbound", "Outbound"
  std::string access;     // "Allow", "Deny"
  std::string protocol;   // "Tcp", "*", ..
  std::vector<std::string> sources;
  std::vector<std::string> destinations;
  std::vector<std::string> destination_ports;  // "5022", "11000-11999", "*"
  std::vector<std::string> source_ports;       // the same; empty: any
  bool operator==(const SecurityRule&) const = default;
};

struct SecurityGroup {
  std::string name;
  std::vector<SecurityRule> rules;  // the default ones too
  bool operator==(const SecurityGroup&) const = default;
};

// A long operation that was accepted. `poll_url` is followed verbatim; it is signed (about 3 KB):
// never logged, never shown in events.
struct OperationTicket {
  std::string poll_url;
  std::string operation;  // "DistributedAvailabilityGroupsLinkCreate", for display
  std::chrono::seconds retry_after{15};
};

enum class OperationState { kInProgress, kSucceeded, kFailed, kCanceled, kUnknown };

struct OperationStatus {
  OperationState state =
      OperationState::kUnknown;  // kUnknown: its record is gone; read the resource
  std::string error_code;        // with kFailed and kCanceled
  std::string error_message;
  std::chrono::seconds retry_after{15};
};

// What of an instance takes a right of its own to be read.
enum class InstancePart {
  kLinks,
  kTrustCertificates,
  kEndpointCertificate,
  kDatabaseNames,
  kPermissions,  // the identity's own
};

// One managed instance as one identity sees it, immutable once published.
struct ManagedInstanceSnapshot {
  std::uint64_t version = 0;
  // When the reading began: what was changed before is in it.
  TimePoint read_at;       // of `links`: when the reading began
  Duration read_took{};    // and how long it took
  TimePoint slow_read_at;  // of everything else
  ManagedInstance instance;
  std::vector<Link> links;
  std::vector<PublicCertificate> trust_certificates;
  std::optional<PublicCertificate> endpoint_certificate;  // DATABASE_MIRRORING
  std::vector<Permission> permissions;                    // of this identity: see permissions.h
  std::vector<std::string> database_names;                // on the instance
  // The parts that this identity may not read, and Azure's refusal: empty above, and unknown.
  std::map<InstancePart, Error> refused;

  // False: nothing is known of this part; that it is empty above says nothing.
  bool Shows(InstancePart part) const { return !refused.contains(part); }
  const Link* FindLink(const GroupName& name) const;  // without regard to ASCII case
};

}  // namespace milink::azure
