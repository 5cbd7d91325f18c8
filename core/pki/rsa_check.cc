#include "core/pki/rsa_check.h"

#include <memory>

#include <openssl/bn.h>
#include <openssl/rsa.h>

#include "core/pki/openssl_types.h"

namespace milink::pki {
namespace {

using NumberPtr = std::unique_ptr<BIGNUM, Freer<BN_clear_free>>;
using ContextPtr = std::unique_ptr<BN_CTX, Freer<BN_CTX_free>>;

// a * b = 1 (modulo m)
bool AreInverse(const BIGNUM* a, const BIGNUM* b, const BIGNUM* m, BN_CTX* context) {
  const NumberPtr product(BN_new());
  return product != nullptr && BN_mod_mul(product.get(), a, b, m, context) == 1 &&
         BN_is_one(product.get()) == 1;
}

// The exponent of one factor is the whole one's remainder by (factor - 1), and undoes e there.
bool ExponentFits(const BIGNUM* factor, const BIGNUM* exponent, const BIGNUM* whole,
                  const BIGNUM* e, BN_CTX* context) {
  const NumberPtr less(BN_dup(factor));
  const NumberPtr rest(BN_new());
  return less != nullptr && rest != nullptr && BN_sub_word(less.get(), 1) == 1 &&
         BN_is_zero(less.get()) == 0 && BN_mod(rest.get(), whole, less.get(), context) == 1 &&
         BN_cmp(rest.get(), exponent) == 0 && AreInverse(exponent, e, less.get(), context);
}

}  // namespace

bool NumbersFit(const rsa_st& key) {
  const BIGNUM* n = RSA_get0_n(&key);
  const BIGNUM* e = RSA_get0_e(&key);
  const BIGNUM* d = RSA_get0_d(&key);
  const BIGNUM* p = RSA_get0_p(&key);
  const BIGNUM* q = RSA_get0_q(&key);
  const ContextPtr context(BN_CTX_new());
  const NumberPtr product(BN_new());
  if (context == nullptr || product == nullptr || BN_is_zero(p) == 1 || BN_is_zero(q) == 1) {
    return false;
  }
  return BN_mul(product.get(), p, q, context.get()) == 1 && BN_cmp(product.get(), n) == 0 &&
         ExponentFits(p, RSA_get0_dmp1(&key), d, e, context.get()) &&
         ExponentFits(q, RSA_get0_dmq1(&key), d, e, context.get()) &&
         AreInverse(RSA_get0_iqmp(&key), q, p, context.get());
}

}  // namespace milink::pki
