#include "tests/sim/world/pvk.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rc4.h>

namespace milink::sim {
namespace {

struct FreeHandle {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(BIO* p) const { BIO_free_all(p); }
};
template <typename T>
using Handle = std::unique_ptr<T, FreeHandle>;

std::string LittleEndian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) {
    bytes += static_cast<char>(number >> shift & 0xFF);
  }
  return bytes;
}

// PRIVATEKEYBLOB, in clear.
std::string BlobOf(const std::string& key_pem) {
  const Handle<BIO> in(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const Handle<EVP_PKEY> key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  const Handle<BIO> out(BIO_new(BIO_s_mem()));
  if (key == nullptr || i2b_PrivateKey_bio(out.get(), key.get()) <= 0) {
    throw std::runtime_error("no key that a PVK file can hold");
  }
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

std::string MakePvk(const std::string& key_pem, const std::string& password, bool weak) {
  constexpr std::size_t kClear = 8;  // the blob's own header
  std::string blob = BlobOf(key_pem);
  const std::string salt = password.empty() ? "" : "0123456789abcdef";
  if (!salt.empty()) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> key{};
    const std::string seed = salt + password;
    EVP_Digest(seed.data(), seed.size(), key.data(), nullptr, EVP_sha1(), nullptr);
    std::fill(key.begin() + (weak ? 5 : 16), key.end(), std::uint8_t{0});
    RC4_KEY state;
    RC4_set_key(&state, 16, key.data());
    auto* const body = reinterpret_cast<unsigned char*>(blob.data()) + kClear;
    RC4(&state, blob.size() - kClear, body, body);
  }
  constexpr std::uint32_t kMagic = 0xB0B5F11E;
  constexpr std::uint32_t kKeyExchange = 1;
  return LittleEndian(kMagic) + LittleEndian(0) + LittleEndian(kKeyExchange) +
         LittleEndian(salt.empty() ? 0 : 1) +
         LittleEndian(static_cast<std::uint32_t>(salt.size())) +
         LittleEndian(static_cast<std::uint32_t>(blob.size())) + salt + blob;
}

}  // namespace milink::sim
