#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "controllers/link/plan/certificates.h"
#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"

namespace milink::link {
namespace {

void Ask(Draft& draft, Step step) { AskWhenReady(draft, draft.trust, std::move(step)); }

// A certificate that we imported is replaced by the link that did it. False: it is nobody's of
// ours.
bool Replace(Draft& draft, const sql::Certificate& certificate) {
  const ObjectRef ref{"SqlServer", "Certificate", certificate.name.str()};
  if (draft.Owns(ref, certificate.thumbprint)) {
    Ask(draft, DropCertificate{certificate.name, certificate.thumbprint, true});
    return true;
  }
  const auto* owner = OtherOwner(draft, ref, certificate.thumbprint);
  if (owner == nullptr || owner->spec.suspend || owner->meta.deletion_time.has_value()) {
    return false;
  }
  draft.trust.Add(Severity::kWaiting, reason::kWaiting,
                  fmt::format("waiting until ManagedInstanceLink {}, which imported certificate {} "
                              "into SQL Server, replaces it",
                              owner->meta.key.name, certificate.name.str()));
  return true;
}

// What SQL Server could itself show or sign with is never dropped.
bool IsPublicOnly(const Draft& draft, const sql::Certificate& certificate) {
  const auto& endpoints = draft.seen.sql->endpoints;
  return certificate.private_key == "NA" &&
         std::ranges::none_of(endpoints, [&](const sql::MirroringEndpoint& endpoint) {
           return endpoint.certificate == certificate.name;
         });
}

// One that others imported stands in the way of the instance's: replaced where that is permitted,
// else told.
void ReplaceForeign(Draft& draft, const sql::Certificate& certificate, const char* reason,
                    std::string finding) {
  const bool replaceable = IsPublicOnly(draft, certificate);
  if (replaceable && draft.spec.preparation.replace_instance_certificate) {
    Ask(draft, DropCertificate{certificate.name, certificate.thumbprint, true, true});
    return;
  }
  finding += replaceable
                 ? ", or set spec.preparation.replaceInstanceCertificate"
                 : "; the operator never does that to a certificate with a private key, or one "
                   "that an endpoint uses";
  draft.trust.Add(Severity::kBlocked, reason, std::move(finding));
}

void TrustInstance(Draft& draft) {
  constexpr auto kPart = azure::InstancePart::kEndpointCertificate;
  if (!draft.seen.Shows(kPart)) {
    draft.trust.Add(Severity::kUnknown, reason::kActionsMissing, draft.WhyHidden(kPart));
    return;
  }
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
      if (Replace(draft, *elsewhere)) return;
      ReplaceForeign(
          draft, *elsewhere, reason::kInstanceCertificateOtherName,
          fmt::format("SQL Server holds the managed instance's certificate as {}, and a link works "
                      "only with the name {}, under which it will be imported once it is gone: "
                      "drop it there (DROP CERTIFICATE)",
                      elsewhere->name.str(), fqdn));
      return;
    }
    Ask(draft, ImportInstanceCertificate{name, wanted->der});
    return;
  }
  if (present->thumbprint == wanted->thumbprint) return;
  if (Replace(draft, *present)) return;
  ReplaceForeign(
      draft, *present, reason::kInstanceCertificateDiffers,
      fmt::format("certificate {} on SQL Server has the thumbprint {}, and the managed instance "
                  "presents {}, which will be imported once that one is gone: if it is outdated, "
                  "drop it there (DROP CERTIFICATE)",
                  fqdn, present->thumbprint, wanted->thumbprint));
}

// There is no way to see whether an issuer entry is there. It is made once per process and imported
// certificate, and only while it matters.
void TrustRoot(Draft& draft, const pki::RootAuthority& root) {
  const sql::InstanceSnapshot& sql = *draft.seen.sql;
  const sql::Certificate* present = sql.FindCertificateByThumbprint(root.thumbprint);
  if (present != nullptr) {
    TrustIssuer step{present->name, root.thumbprint, draft.seen.dns_pattern,
                     present->certificate_id};
    if (AuthoritiesMatter(draft) && !draft.seen.facts.issuers.contains(IssuerKey(step))) {
      Ask(draft, std::move(step));
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

}  // namespace

void PlanTrust(Draft& draft) {
  if (draft.seen.sql == nullptr || draft.seen.instance == nullptr) {
    draft.trust.Add(Severity::kUnknown, reason::kWaiting, "both sides must be readable first");
    return;
  }
  TrustInstance(draft);
  for (const pki::RootAuthority& root : draft.seen.roots) TrustRoot(draft, root);
  PlanUploads(draft);
}

}  // namespace milink::link
