#include "core/pki/rsa_check.h"

#include <array>
#include <memory>

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "tests/unit/pki/rsa_pair.h"

namespace milink::pki {
namespace {

using RsaPtr = std::unique_ptr<RSA, decltype(&RSA_free)>;

RsaPtr Ours() {
  const std::string& pem = test::OurPair().key_pem;
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  return {PEM_read_bio_RSAPrivateKey(bio.get(), nullptr, nullptr, nullptr), &RSA_free};
}

// The eight numbers of a key, one of them changed by one.
RsaPtr With(const RSA& key, std::size_t changed) {
  std::array<BIGNUM*, 8> numbers{};
  RsaPtr made(RSA_new(), &RSA_free);
  const std::array<const BIGNUM*, 8> from{
      RSA_get0_n(&key), RSA_get0_e(&key),    RSA_get0_d(&key),    RSA_get0_p(&key),
      RSA_get0_q(&key), RSA_get0_dmp1(&key), RSA_get0_dmq1(&key), RSA_get0_iqmp(&key)};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers.at(i) = BN_dup(from.at(i));
    if (i == changed) {
      BN_add_word(numbers.at(i), 1);
    }
  }
  RSA_set0_key(made.get(), numbers[0], numbers[1], numbers[2]);
  RSA_set0_factors(made.get(), numbers[3], numbers[4]);
  RSA_set0_crt_params(made.get(), numbers[5], numbers[6], numbers[7]);
  return made;
}

TEST(NumbersFitTest, AKeyFits) {
  const RsaPtr ours = Ours();
  EXPECT_TRUE(NumbersFit(*ours));
  EXPECT_TRUE(NumbersFit(*With(*ours, 8)));
}

TEST(NumbersFitTest, AChangeOfAnyNumberIsFound) {
  const RsaPtr ours = Ours();
  for (std::size_t changed = 0; changed < 8; ++changed) {
    EXPECT_FALSE(NumbersFit(*With(*ours, changed))) << changed;
  }
}

}  // namespace
}  // namespace milink::pki
