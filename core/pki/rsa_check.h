// Do the numbers of an RSA key fit each other? Inside core/pki only.
#pragma once

struct rsa_st;  // RSA, as OpenSSL calls it

namespace milink::pki {

// Every number is in an equation with others, so a bit that has tipped anywhere is found. Whether
// the factors are prime is not asked: that would take a second. Pure; what it computes is wiped.
bool NumbersFit(const rsa_st& key);

}  // namespace milink::pki
