#include <algorithm>

#include <fmt/format.h>

#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"

namespace milink::link {
namespace {

void Ask(Draft& draft, Step step) {
  // Trust is built only for a pair that is otherwise in order.
  if (draft.MayCreate()) {
    draft.Propose(draft.trust, reason::kBuildingTrust, std::move(step));
  } else {
    draft.trust.Add(Severity::kWaiting, reason::kWaiting,
                    fmt::format("waiting until both sides are ready; then: {}", Describe(step)));
  }
}

void TrustInstance(Draft& draft) {
  const auto& wanted = draft.seen.instance->endpoint_certificate;
  const std::string& fqdn = draft.seen.instance->instance.fqdn;
  if (!wanted.has_value()) {
    draft.trust.Add(Severity::kWaiting, reason::kInstanceCertificateMissing,
                    fmt::format("managed instance {} shows no endpoint certificate yet",
                                draft.spec.managed_instance.name));
    return;
  }
  const sql::InstanceSnapshot& sql = *draft.seen.sql;
  const CertificateName name(fqdn);
  const sql::Certificate* present = sql.FindCertificate(name);
  if (present == nullptr) {
    const sql::Certificate* elsewhere = sql.FindCertificateByThumbprint(wanted->thumbprint);
    if (elsewhere != nullptr) {
      draft.trust.Add(
          Severity::kBlocked, reason::kInstanceCertificateOtherName,
          fmt::format("SQL Server holds the managed instance's certificate as {}, and a link works "
                      "only with the name {}; drop it there (DROP CERTIFICATE), it will be "
                      "imported anew",
                      elsewhere->name.str(), fqdn));
      return;
    }
    Ask(draft, ImportInstanceCertificate{name, wanted->der});
    return;
  }
  if (present->thumbprint == wanted->thumbprint) return;
  if (draft.Owns({"SqlServer", "Certificate", fqdn}, present->thumbprint)) {
    Ask(draft, DropCertificate{present->name, present->thumbprint, true});
    return;
  }
  draft.trust.Add(
      Severity::kBlocked, reason::kInstanceCertificateDiffers,
      fmt::format("certificate {} on SQL Server has the thumbprint {}, and the managed instance "
                  "presents {}; drop it there (DROP CERTIFICATE) if it is outdated, the right one "
                  "will be imported",
                  fqdn, present->thumbprint, wanted->thumbprint));
}

// There is no way to see whether an issuer entry is there. It is made once per process, and only
// while a link is still coming up: a link that replicates proves that it is.
bool IssuersMatter(const Draft& draft) {
  return std::any_of(draft.spec.databases.begin(), draft.spec.databases.end(),
                     [&](const DatabaseSpec& names) {
                       const DatabaseRecord* record = draft.StoredRecord(names.name);
                       return record == nullptr || !record->established;
                     });
}

void TrustRoot(Draft& draft, const pki::RootAuthority& root) {
  const sql::InstanceSnapshot& sql = *draft.seen.sql;
  const sql::Certificate* present = sql.FindCertificateByThumbprint(root.thumbprint);
  if (present != nullptr) {
    if (IssuersMatter(draft) && !draft.seen.facts.issuers.contains(root.thumbprint)) {
      Ask(draft, TrustIssuer{present->name, root.thumbprint, draft.seen.dns_pattern});
    }
    return;
  }
  const sql::Certificate* other = sql.FindCertificate(root.sql_name);
  if (other != nullptr) {
    draft.trust.Add(Severity::kBlocked, reason::kRootNameTaken,
                    fmt::format("certificate {} on SQL Server is not the root authority of that "
                                "name (thumbprint {} instead of {}); import the right one under "
                                "any name, or drop this one",
                                root.sql_name.str(), other->thumbprint, root.thumbprint));
    return;
  }
  Ask(draft, ImportRootAuthority{root.sql_name, root.der, root.thumbprint});
}

const azure::PublicCertificate* FindTrust(const azure::ManagedInstanceSnapshot& instance,
                                          const std::string& name) {
  const auto found = std::find_if(
      instance.trust_certificates.begin(), instance.trust_certificates.end(),
      [&](const azure::PublicCertificate& other) { return SameName(other.name, name); });
  return found == instance.trust_certificates.end() ? nullptr : &*found;
}

void Upload(Draft& draft, UploadCertificate step) {
  const OperationFact* running = draft.OperationOf(KeyOf(step));
  if (running == nullptr || running->state == azure::OperationState::kFailed ||
      running->state == azure::OperationState::kCanceled ||
      running->state == azure::OperationState::kUnknown) {
    Ask(draft, std::move(step));
    return;
  }
  draft.trust.Add(Severity::kProgressing, reason::kBuildingTrust,
                  fmt::format("the managed instance is taking certificate {}", step.name));
  draft.WakeAfter(running->state == azure::OperationState::kInProgress
                      ? std::chrono::duration_cast<Duration>(running->poll_at - draft.seen.now)
                      : Duration(std::chrono::seconds(5)));
}

// The instance trusts the certificate that SQL Server's endpoint shows, whoever made it.
void TrustSqlServer(Draft& draft) {
  const sql::InstanceSnapshot& sql = *draft.seen.sql;
  const sql::Certificate* own =
      sql.endpoints.empty() ? nullptr : sql.FindCertificate(sql.endpoints.front().certificate);
  if (own == nullptr || own->der.empty()) {
    draft.trust.Add(Severity::kWaiting, reason::kEndpointMissing,
                    "SQL Server has no mirroring endpoint with a readable certificate");
    return;
  }
  const azure::ManagedInstanceSnapshot& instance = *draft.seen.instance;
  const bool trusted = std::any_of(
      instance.trust_certificates.begin(), instance.trust_certificates.end(),
      [&](const azure::PublicCertificate& other) { return other.thumbprint == own->thumbprint; });
  if (trusted) return;
  std::string name = own->name.str();
  if (FindTrust(instance, name) != nullptr) name += "_" + own->thumbprint.substr(0, 8);
  if (FindTrust(instance, name) != nullptr) {
    draft.trust.Add(Severity::kBlocked, reason::kCertificateNameTaken,
                    fmt::format("the managed instance holds other certificates as {} and as {}; "
                                "remove one of them there",
                                own->name.str(), name));
    return;
  }
  Upload(draft, {name, own->der, own->thumbprint});
}

}  // namespace

void PlanTrust(Draft& draft) {
  if (draft.seen.sql == nullptr || draft.seen.instance == nullptr) {
    draft.trust.Add(Severity::kUnknown, reason::kWaiting, "both sides must be readable first");
    return;
  }
  TrustInstance(draft);
  for (const pki::RootAuthority& root : draft.seen.roots) TrustRoot(draft, root);
  TrustSqlServer(draft);
}

}  // namespace milink::link
