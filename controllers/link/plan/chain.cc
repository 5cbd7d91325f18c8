#include <algorithm>
#include <utility>

#include "controllers/link/plan/certificates.h"
#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"

namespace milink::link {
namespace {

bool CanValidate(const Draft& draft) {
  const auto& capabilities = draft.seen.replica->status.capabilities;
  return std::ranges::find(capabilities, "ChainValidation") != capabilities.end();
}

}  // namespace

void PlanChainCheck(Draft& draft) {
  if (!draft.trust.Clear() || !draft.MayCreate() || !AuthoritiesMatter(draft) ||
      !CanValidate(draft)) {
    return;
  }
  const sql::Certificate* certificate =
      draft.seen.sql->FindCertificate(CertificateName(draft.seen.instance->instance.fqdn));
  if (certificate == nullptr) return;
  ValidateChain step{certificate->name, certificate->thumbprint, certificate->certificate_id};
  const auto known = draft.seen.facts.chains.find(ChainKey(step));
  if (known == draft.seen.facts.chains.end()) {
    Topic nothing_to_tell;
    draft.Propose(nothing_to_tell, reason::kBuildingTrust, std::move(step));
  } else if (!known->second) {
    draft.renewal.Add(Severity::kUnknown, reason::kChainNotValidated,
                      ChainAdvice(certificate->name));
  }
}

}  // namespace milink::link
