#include "core/base/digest.h"

#include <array>

#include <openssl/evp.h>

#include "core/base/text.h"

namespace milink {
namespace {

std::string Digest(const EVP_MD* algorithm, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, algorithm, nullptr) != 1) {
    return {};
  }
  return ToHex({reinterpret_cast<const char*>(out.data()), size});  // NOLINT(*-reinterpret-cast)
}

}  // namespace

std::string Sha1Thumbprint(std::string_view bytes) { return Digest(EVP_sha1(), bytes); }

std::string Sha256Hex(std::string_view bytes) { return ToLowerAscii(Digest(EVP_sha256(), bytes)); }

}  // namespace milink
