#include "core/pki/one_time_password.h"

#include <array>
#include <string>
#include <string_view>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "core/pki/openssl_types.h"

namespace milink::pki {
namespace {

// 64 of them, so that six bits choose one without preferring any.
constexpr std::string_view kCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kOneOfEachKind = "Aa1-";
constexpr std::size_t kRandomCharacters = 32;

}  // namespace

Result<Secret> MakeOneTimePassword() {
  std::array<unsigned char, kRandomCharacters> bits{};
  if (RAND_priv_bytes(bits.data(), static_cast<int>(bits.size())) != 1) {
    ERR_clear_error();
    return Error{ErrorKind::kInternal, "Pkcs12Failed", "there is no randomness for a password", ""};
  }
  std::string text(kOneOfEachKind.size() + kRandomCharacters, '\0');
  const Wiper wiper(text);
  text.replace(0, kOneOfEachKind.size(), kOneOfEachKind);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    text[kOneOfEachKind.size() + i] = kCharacters[bits.at(i) & 0x3FU];
  }
  OPENSSL_cleanse(bits.data(), bits.size());
  return Secret(text);
}

}  // namespace milink::pki
