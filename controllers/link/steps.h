// What the planner may ask for: one struct per change, each comparable, with its words, its class
// and the field of the spec that permits it. `act` turns a step into a batch or a request.
//
// Plain values, no thread rule.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controllers/link/network_tests.h"
#include "core/azure/models.h"
#include "core/base/strong.h"

namespace milink::link {

// Key of an entry of the journal: the owned object without identity and state.
struct ObjectRef {
  std::string side;  // "SqlServer", "ManagedInstance"
  std::string kind;
  std::string name;

  auto operator<=>(const ObjectRef&) const = default;
  bool operator==(const ObjectRef&) const = default;
};

// Replace is for owned credentials, taken away so that the newer one can take the place, and for
// what exists for a while only, as a job that tests the network.
enum class StepClass { kCreate, kAlter, kReplace, kRoleChange, kDrop };

// Takes something away or changes who is writable: nothing undoes it.
constexpr bool IsDisruptive(StepClass step_class) {
  return step_class == StepClass::kReplace || step_class == StepClass::kRoleChange ||
         step_class == StepClass::kDrop;
}

// The managed instance's public key, in SQL Server's master, under the instance's exact FQDN.
struct ImportInstanceCertificate {
  CertificateName name;
  std::string der;
  bool operator==(const ImportInstanceCertificate&) const = default;
};

struct ImportRootAuthority {
  CertificateName name;
  std::string der;
  std::string thumbprint;
  bool operator==(const ImportRootAuthority&) const = default;
};

// Lets a root vouch for the names under `dns_pattern`. Nothing shows whether this was done, and
// doing it again is harmless (37447).
struct TrustIssuer {
  CertificateName root;  // its name in SQL Server
  std::string thumbprint;
  std::string dns_pattern;  // "*.database.windows.net"
  int certificate_id = 0;   // another one once the root was imported anew, without its entry
  bool operator==(const TrustIssuer&) const = default;
};
// What was done, as a process remembers it.
std::string IssuerKey(const TrustIssuer& step);

// Lets SQL Server follow the chain of the instance's certificate. It changes nothing, and nothing
// waits for what comes out.
struct ValidateChain {
  CertificateName certificate;
  std::string thumbprint;
  int certificate_id = 0;  // as of TrustIssuer
  bool operator==(const ValidateChain&) const = default;
};
std::string ChainKey(const ValidateChain& step);

// SQL Server's public key, on the managed instance. A long operation.
struct UploadCertificate {
  std::string name;
  std::string der;
  std::string thumbprint;
  bool operator==(const UploadCertificate&) const = default;
};

struct SetFullRecovery {
  DatabaseName database;
  bool operator==(const SetFullRecovery&) const = default;
};

// Runs for as long as it takes, on a connection of its own.
struct BackupDatabase {
  DatabaseName database;
  std::string file;  // as the server sees it
  bool operator==(const BackupDatabase&) const = default;
};

struct CreateGroup {
  DatabaseName database;
  GroupName group;
  std::string server_name;  // @@SERVERNAME, exactly
  std::string endpoint_url;
  bool cluster_type_clause = true;  // unknown to SQL Server 2016
  bool operator==(const CreateGroup&) const = default;
};

struct CreateDistributedGroup {
  DatabaseName database;
  GroupName group;
  GroupName local_group;
  std::string local_url;
  GroupName instance_group;
  std::string instance_url;
  bool operator==(const CreateDistributedGroup&) const = default;
};

// The link in Azure. A long operation.
struct CreateLink {
  DatabaseName database;
  GroupName link;
  GroupName partner_group;
  GroupName instance_group;
  std::string partner_endpoint;
  std::string failover_mode;  // "None", "Manual"
  bool operator==(const CreateLink&) const = default;
};

// A long operation.
struct DeleteLink {
  DatabaseName database;
  GroupName link;
  // The one that was looked at.
  GroupName partner_group;
  GroupName instance_group;
  std::string instance_role;
  bool operator==(const DeleteLink&) const = default;
};

struct DropDistributedGroup {
  DatabaseName database;
  GroupName group;
  std::string group_id;  // the one that was looked at
  bool operator==(const DropDistributedGroup&) const = default;
};

struct DropGroup {
  DatabaseName database;
  GroupName group;
  std::string group_id;
  bool operator==(const DropGroup&) const = default;
};

// A public key in SQL Server, of a managed instance or of an authority; never one with its private
// key.
struct DropCertificate {
  CertificateName name;
  std::string thumbprint;
  bool replace = false;  // true: a newer one takes its place
  bool foreign = false;  // true: others imported it
  bool operator==(const DropCertificate&) const = default;
};

// A long operation.
struct DeleteTrustCertificate {
  std::string name;
  std::string thumbprint;  // the one that was looked at
  bool replace = false;    // true: SQL Server shows a newer one
  bool operator==(const DeleteTrustCertificate&) const = default;
};

// A part of a test of the network, which ends by itself and takes away what it needs for it; or
// takes away what such a part could not.
struct TestNetwork {
  NetworkProbe probe = NetworkProbe::kRules;
  bool first = false;                       // begins the test
  std::string request;                      // of the annotation that it answers
  std::vector<sql::NetworkTarget> targets;  // to try
  std::string subnet_id;                    // to read
  bool operator==(const TestNetwork&) const = default;
};

// The kind of its entry in the journal, whose name is the thumbprint.
inline constexpr char kTdeCertificateKind[] = "TdeCertificate";

// The certificate that protects an encrypted database, with its private key, from SQL Server to the
// managed instance. A long operation; nothing shows afterwards that it is there.
struct UploadTdeCertificate {
  DatabaseName database;  // the one for which it is asked
  CertificateName name;
  std::string thumbprint;
  bool operator==(const UploadTdeCertificate&) const = default;
};

using Step =
    std::variant<ImportInstanceCertificate, ImportRootAuthority, TrustIssuer, ValidateChain,
                 UploadCertificate, SetFullRecovery, BackupDatabase, CreateGroup,
                 CreateDistributedGroup, CreateLink, DeleteLink, DropDistributedGroup, DropGroup,
                 DropCertificate, DeleteTrustCertificate, TestNetwork, UploadTdeCertificate>;

// In words, for people: "create availability group AG_sales for database sales".
std::string Describe(const Step& step);
StepClass ClassOf(const Step& step);
std::string_view ToString(StepClass step_class);
// Path of the field that permits the step; empty where none is needed.
std::string_view PermittedBy(const Step& step);
// Stable name of what the step is about: "CreateGroup/AG_sales". Key of failures and operations.
std::string KeyOf(const Step& step);
// The database it works for; empty for what all databases share.
DatabaseName DatabaseOf(const Step& step);
// The entry which must stand in the stored journal before the step; nothing when it makes nothing.
std::optional<ObjectRef> EntryOf(const Step& step);
// By what that object will be known, where the step itself says it: a thumbprint. Else empty.
std::string IdentityMadeBy(const Step& step);
// Where it happens: true = in Azure, false = in SQL Server.
bool IsAzureStep(const Step& step);

}  // namespace milink::link
