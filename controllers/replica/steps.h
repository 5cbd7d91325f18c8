// What the planner may ask for: one struct per change. `act` turns a step into a batch.
//
// Plain values, no thread rule.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/api/owned_object.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/strong.h"
#include "core/sql/statements.h"

namespace milink::replica {

// The password comes from spec.masterKey.passwordSecretRef, and only when the step is sent.
struct CreateMasterKey {
  bool operator==(const CreateMasterKey&) const = default;
};

// Lets the server open a key without its password, which comes from the same place and must be the
// one with which the key was made. Permitted by spec.masterKey.
struct RepairMasterKey {
  bool operator==(const RepairMasterKey&) const = default;
};

struct CreateCertificate {
  CertificateName name;
  std::string subject;
  TimePoint not_before;
  TimePoint not_after;
  bool operator==(const CreateCertificate&) const = default;
};

struct CreateEndpoint {
  EndpointName name;
  std::uint16_t port = 0;
  CertificateName certificate;
  bool operator==(const CreateEndpoint&) const = default;
};

// Beside what others use of it. Permitted by spec.endpoint.adoption: Alter.
struct AlterEndpoint {
  sql::EndpointChange change;
  bool operator==(const AlterEndpoint&) const = default;
};

// The endpoint proves who it is with another certificate of ours from now on.
struct SwitchCertificate {
  sql::EndpointChange change;
  std::vector<std::string> untold;  // links and groups whose partners do not trust it yet
  // What of the endpoint fits no link and is altered with it. Permitted by spec.endpoint.adoption.
  std::vector<std::string> mended = {};
  bool operator==(const SwitchCertificate&) const = default;
};

// One of ours that the endpoint used before, or one of a replica that is deleted.
struct DropCertificate {
  CertificateName name;
  std::string thumbprint;
  bool operator==(const DropCertificate&) const = default;
};

// Of a replica that is deleted. Permitted by spec.deletionPolicy: RemoveOwned.
struct DropEndpoint {
  EndpointName name;
  int endpoint_id = 0;
  bool operator==(const DropEndpoint&) const = default;
};

// In the running instance. Permitted by spec.traceFlags: Enable.
struct EnableTraceFlags {
  std::vector<int> flags;
  bool operator==(const EnableTraceFlags&) const = default;
};

// What creates needs no permission, nor does what replaces a certificate of ours; what alters names
// the field that gives it.
using Step =
    std::variant<CreateMasterKey, RepairMasterKey, CreateCertificate, CreateEndpoint, AlterEndpoint,
                 SwitchCertificate, DropCertificate, DropEndpoint, EnableTraceFlags>;

// A step that was refused.
struct FailedStep {
  Step step;
  Error error;
};

// In words: "create the mirroring endpoint database_mirroring_endpoint on port 5022".
std::string Describe(const Step& step);

// "Create", "Alter" or "Drop".
std::string ClassOf(const Step& step);

// Can it disconnect somebody, or take something away?
bool IsDisruptive(const Step& step);

// Is the master key's password needed to carry it out?
bool NeedsPassword(const Step& step);

// The journal's entry that must be stored before the step is sent. Nothing: it creates no object.
std::optional<api::OwnedObject> EntryOf(const Step& step);
// Of the event that tells that the step is done.
std::string DoneReason(const Step& step);

inline constexpr char kSqlServerSide[] = "SqlServer";
inline constexpr char kMasterKeyKind[] = "MasterKey";
inline constexpr char kCertificateKind[] = "Certificate";
inline constexpr char kEndpointKind[] = "Endpoint";
inline constexpr char kMasterKeyName[] = "##MS_DatabaseMasterKey##";

}  // namespace milink::replica
