#include "tests/sim/world/partners.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "tests/sim/world/network.h"

namespace milink::sim {
namespace {

bool Has(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

bool HasKeyOf(const SqlServerInstance& instance, const SqlServerInstance& other) {
  const Certificate* const own = other.FindCertificateById(other.endpoint->certificate_id);
  return own != nullptr && instance.FindCertificateByThumbprint(own->thumbprint) != nullptr;
}

bool Listens(const SqlServerInstance& instance) {
  return instance.endpoint && instance.endpoint->state == EndpointState::kStarted &&
         instance.endpoint->listening;
}

}  // namespace

bool AuthenticationAgrees(const SqlServerInstance& a, const SqlServerInstance& b) {
  const std::string_view mine = Desc(a.endpoint->auth);
  const std::string_view theirs = Desc(b.endpoint->auth);
  const auto windows = [](std::string_view auth) {
    return Has(auth, "NTLM") || Has(auth, "KERBEROS") || Has(auth, "NEGOTIATE");
  };
  if (windows(mine) && windows(theirs)) {
    const bool negotiated = Has(mine, "NEGOTIATE") || Has(theirs, "NEGOTIATE");
    if (negotiated || Has(mine, "NTLM") == Has(theirs, "NTLM")) {
      return true;
    }
  }
  return UsesCertificate(a.endpoint->auth) && UsesCertificate(b.endpoint->auth) && HasKeyOf(a, b) &&
         HasKeyOf(b, a);
}

bool EncryptionAgrees(EncryptionAlgorithm a, EncryptionAlgorithm b) {
  const std::string_view mine = Desc(a);
  const std::string_view theirs = Desc(b);
  const bool common = std::ranges::any_of(std::array{"AES", "RC4"}, [&](const char* algorithm) {
    return Has(mine, algorithm) && Has(theirs, algorithm);
  });
  return common || (!RequiresEncryption(a) && !RequiresEncryption(b));
}

bool PartnersConnect(const SqlServerInstance& from, const SqlServerInstance& to,
                     const std::string& url) {
  const auto place = ParseTcpUrl(url);
  if (!place || !Listens(from) || !Listens(to)) {
    return false;
  }
  const MirroringEndpoint& endpoint = *to.endpoint;
  const bool bound = endpoint.ip_address.empty() || endpoint.ip_address == place->host;
  return bound && place->port == endpoint.port &&
         std::ranges::find(to.addresses, place->host) != to.addresses.end() &&
         AuthenticationAgrees(from, to) &&
         EncryptionAgrees(from.endpoint->encryption, endpoint.encryption);
}

}  // namespace milink::sim
