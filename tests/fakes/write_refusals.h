// How an API server refuses a write that our own rights and schema allow: an admission webhook
// denies it, or the time for it ran out (K-19 of the fault catalogue).
#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "core/kube/api_status.h"
#include "tests/fakes/fake_object_client.h"

namespace milink::fakes {

struct WriteRefusal {
  std::string name;
  Error error;  // as the client reads the answer
  FakeObjectClient::When when = FakeObjectClient::When::kBefore;
};

inline std::ostream& operator<<(std::ostream& out, const WriteRefusal& refusal) {
  return out << refusal.name;
}

inline WriteRefusal MakeWriteRefusal(const std::string& name, int code, const std::string& reason,
                                     const std::string& message, FakeObjectClient::When when) {
  const nlohmann::json status{{"kind", "Status"},
                              {"apiVersion", "v1"},
                              {"reason", reason},
                              {"message", message},
                              {"code", code}};
  return {name, kube::DecodeRefusal(code, status.dump(), std::nullopt), when};
}

inline std::vector<WriteRefusal> DeniedWrites() {
  using When = FakeObjectClient::When;
  const std::string denied = "admission webhook \"guard.test\" denied the request: frozen";
  const std::string late = "failed calling webhook \"guard.test\": context deadline exceeded";
  return {MakeWriteRefusal("Forbidden", 403, "Forbidden", denied, When::kBefore),
          MakeWriteRefusal("BadRequest", 400, "BadRequest", denied, When::kBefore),
          MakeWriteRefusal("WebhookTooSlow", 500, "InternalError", late, When::kBefore)};
}

inline std::vector<WriteRefusal> TimedOutWrites() {
  using When = FakeObjectClient::When;
  const std::string late = "request did not complete within the allotted timeout";
  return {MakeWriteRefusal("Timeout", 504, "Timeout", late, When::kAfter),
          MakeWriteRefusal("ServerTimeout", 500, "ServerTimeout", late, When::kAfter)};
}

}  // namespace milink::fakes
