// Whatever a credential plugin prints becomes an identity or an error that quotes none of it.
#include "core/kube/exec_protocol.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using milink::fuzz::Check;
  const auto answer = milink::kube::ParsePluginAnswer(milink::fuzz::Text(data, size),
                                                      "client.authentication.k8s.io/v1");
  if (!answer.ok()) {
    Check(answer.error().reason == "PluginAnswerInvalid", "an error has its reason");
    Check(answer.error().detail.empty(), "an error quotes nothing");
    return 0;
  }
  const auto& identity = answer->identity;
  Check(!identity.token.empty() || !identity.certificate_pem.empty(), "somebody is identified");
  Check(identity.certificate_pem.empty() == identity.key_pem.empty(), "a certificate has its key");
  return 0;
}
