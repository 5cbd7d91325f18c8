#include "core/pki/pvk.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rc4.h>
#include <openssl/x509.h>

#include "core/pki/openssl_types.h"
#include "core/pki/rsa_check.h"

namespace milink::pki {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using DigestPtr = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;

constexpr std::uint32_t kPvkMagic = 0xB0B5F11E;
constexpr std::uint32_t kRsa2Magic = 0x32415352;  // "RSA2"
constexpr std::size_t kPvkHeader = 24;
constexpr std::size_t kBlobHeader = 8;  // of the PRIVATEKEYBLOB, never encrypted
constexpr std::size_t kRsaHeader = 12;
constexpr std::size_t kMaxSalt = 1024;
constexpr std::uint32_t kMinBits = 1024;
constexpr std::uint32_t kMaxBits = 4096;
constexpr std::size_t kStrongKey = 16;
constexpr std::size_t kWeakKey = 5;  // of old exports: 40 bits, the rest zero

Error UnreadableKey(std::string_view what) {
  ERR_clear_error();
  return {ErrorKind::kInvalid, "PrivateKeyUnreadable",
          "the private key cannot be read: " + std::string(what), ""};
}

Error Unsupported(std::string_view what) {
  return {ErrorKind::kInvalid, "PrivateKeyUnsupported",
          "the private key cannot be used: " + std::string(what), ""};
}

// Little-endian. REQUIRES: at + 4 <= bytes.size().
std::uint32_t NumberAt(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    number |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return number;
}

struct Parts {
  std::string_view salt;  // empty: not encrypted
  std::string_view blob;
};

Result<Parts> Take(std::string_view file) {
  if (file.size() < kPvkHeader || NumberAt(file, 0) != kPvkMagic) {
    return UnreadableKey("it is no PVK file");
  }
  const bool encrypted = NumberAt(file, 12) != 0;
  const std::size_t salt_size = NumberAt(file, 16);
  const std::size_t blob_size = NumberAt(file, 20);
  if (salt_size > kMaxSalt || encrypted != (salt_size != 0) ||
      file.size() != kPvkHeader + salt_size + blob_size || blob_size < kBlobHeader + kRsaHeader) {
    return UnreadableKey("its parts have not the sizes that its header says");
  }
  return Parts{file.substr(kPvkHeader, salt_size), file.substr(kPvkHeader + salt_size)};
}

bool HasRsaMark(std::string_view blob) { return NumberAt(blob, kBlobHeader) == kRsa2Magic; }

// ASCII as UTF-16LE.
Secret Widened(const Secret& password) {
  std::string wide;
  wide.reserve(2 * password.Reveal().size());  // grown, it would leave copies behind
  const Wiper wiper(wide);
  for (const char c : password.Reveal()) {
    wide += c;
    wide += '\0';
  }
  return Secret(wide);
}

// The blob in clear, if this is the length of the key. The key of the cipher is the beginning of
// SHA1(salt + password).
std::optional<Secret> Decrypt(const Parts& parts, const Secret& password, std::size_t key_size) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> key{};
  const DigestPtr digest(EVP_MD_CTX_new());
  const std::string_view text = password.Reveal();
  if (digest == nullptr || EVP_DigestInit_ex(digest.get(), EVP_sha1(), nullptr) != 1 ||
      EVP_DigestUpdate(digest.get(), parts.salt.data(), parts.salt.size()) != 1 ||
      EVP_DigestUpdate(digest.get(), text.data(), text.size()) != 1 ||
      EVP_DigestFinal_ex(digest.get(), key.data(), nullptr) != 1) {
    return std::nullopt;
  }
  std::fill(key.begin() + static_cast<std::ptrdiff_t>(key_size), key.end(), std::uint8_t{0});
  std::string clear(parts.blob);
  const Wiper wiper(clear);
  RC4_KEY state;
  RC4_set_key(&state, static_cast<int>(kStrongKey), key.data());
  auto* const body = reinterpret_cast<unsigned char*>(clear.data()) + kBlobHeader;
  RC4(&state, clear.size() - kBlobHeader, body, body);
  OPENSSL_cleanse(&state, sizeof(state));
  OPENSSL_cleanse(key.data(), key.size());
  return HasRsaMark(clear) ? std::optional(Secret(clear)) : std::nullopt;
}

Result<Secret> ClearBlob(const Parts& parts, const Secret& password) {
  if (parts.salt.empty()) {
    return HasRsaMark(parts.blob) ? Result<Secret>(Secret(std::string(parts.blob)))
                                  : Unsupported("it is no RSA key");
  }
  const Secret wide = Widened(password);
  for (const Secret* const form : {&password, &wide}) {
    for (const std::size_t size : {kStrongKey, kWeakKey}) {
      if (auto clear = Decrypt(parts, *form, size)) {
        return *std::move(clear);
      }
    }
  }
  return UnreadableKey("it is damaged, or encrypted with another password");
}

// Not a part more or less than a key of its size has: OpenSSL would read beyond neither, but would
// take a shorter one.
Status CheckSize(std::string_view blob) {
  const std::size_t bits = NumberAt(blob, kBlobHeader + 4);
  if (bits < kMinBits || bits > kMaxBits || bits % 16 != 0) {
    return Unsupported("its size is not 1024 to 4096 bits");
  }
  // Modulus and private exponent whole, five numbers of half the size.
  const std::size_t size = kBlobHeader + kRsaHeader + 2 * (bits / 8) + 5 * (bits / 16);
  return blob.size() == size ? OkStatus()
                             : Status(UnreadableKey("its parts do not fit the size of the key"));
}

KeyPtr Parse(std::string_view blob) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(blob.data());
  KeyPtr key(b2i_PrivateKey(&cursor, static_cast<long>(blob.size())));
  const RSA* const numbers = key == nullptr ? nullptr : EVP_PKEY_get0_RSA(key.get());
  return numbers != nullptr && NumbersFit(*numbers) ? std::move(key) : nullptr;
}

}  // namespace

Result<Secret> PrivateKeyFromPvk(const Secret& pvk, const Secret& password) {
  const auto parts = Take(pvk.Reveal());
  if (!parts) {
    return parts.error();
  }
  const auto blob = ClearBlob(*parts, password);
  if (!blob) {
    return blob.error();
  }
  if (const Status fits = CheckSize(blob->Reveal()); !fits.ok()) {
    return fits.error();
  }
  const KeyPtr key = Parse(blob->Reveal());
  if (key == nullptr) {
    return UnreadableKey("it is damaged: its numbers do not make an RSA key");
  }
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freer<PKCS8_PRIV_KEY_INFO_free>> info(
      EVP_PKEY2PKCS8(key.get()));
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr);
  if (info == nullptr || size <= 0) {
    return UnreadableKey("it cannot be written as PKCS#8");
  }
  std::string der(static_cast<std::size_t>(size), '\0');
  const Wiper wiper(der);
  auto* cursor = reinterpret_cast<unsigned char*>(der.data());
  i2d_PKCS8_PRIV_KEY_INFO(info.get(), &cursor);
  return Secret(der);
}

}  // namespace milink::pki
