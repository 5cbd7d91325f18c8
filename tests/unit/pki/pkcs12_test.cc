#include "core/pki/pkcs12.h"

#include <memory>
#include <utility>

#include <gtest/gtest.h>
#include <openssl/pkcs12.h>

#include "core/pki/pvk.h"
#include "tests/sim/world/pvk.h"
#include "tests/unit/pki/rsa_pair.h"

namespace milink::pki {
namespace {

Secret OurKey() {
  return *PrivateKeyFromPvk(Secret(sim::MakePvk(test::OurPair().key_pem, "")), Secret());
}

// What a reader finds in the file: the certificate's bytes, and whether the key fits it.
std::pair<std::string, bool> Open(const Secret& file, const char* password) {
  const std::string_view bytes = file.Reveal();
  const auto* cursor = reinterpret_cast<const unsigned char*>(bytes.data());
  const std::unique_ptr<PKCS12, decltype(&PKCS12_free)> parsed(
      d2i_PKCS12(nullptr, &cursor, static_cast<long>(bytes.size())), &PKCS12_free);
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  if (parsed == nullptr || PKCS12_parse(parsed.get(), password, &key, &certificate, nullptr) != 1) {
    return {"", false};
  }
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_owner(key, &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> owner(certificate, &X509_free);
  std::string der(static_cast<std::size_t>(i2d_X509(certificate, nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate, &out);
  return {der, X509_check_private_key(certificate, key) == 1};
}

TEST(Pkcs12Test, HoldsCertificateAndKeyUnderItsPassword) {
  for (const auto cipher : {Pkcs12Cipher::kTripleDes, Pkcs12Cipher::kAes256}) {
    const auto file =
        Pkcs12FromPvk(test::OurPair().der, Secret(sim::MakePvk(test::OurPair().key_pem, "export")),
                      Secret("export"), Secret("p12-Password"), cipher);
    ASSERT_TRUE(file.ok()) << ToString(file.error());
    EXPECT_EQ(Open(*file, "p12-Password"), std::pair(test::OurPair().der, true));
    EXPECT_EQ(Open(*file, "another"), std::pair(std::string(), false));
  }
}

TEST(Pkcs12Test, WhatDoesNotBelongTogetherIsRefused) {
  struct Case {
    const char* name;
    std::string certificate;
    Secret key;
    const char* password;
    const char* reason;
  };
  const std::string der = test::OurPair().der;
  const Case cases[] = {
      {"no certificate", "", OurKey(), "p", "CertificateUnreadable"},
      {"more than a certificate", der + "x", OurKey(), "p", "CertificateUnreadable"},
      {"a certificate of another key", test::OtherPair().der, OurKey(), "p", "PrivateKeyDiffers"},
      {"no key", der, Secret(), "p", "PrivateKeyUnreadable"},
      {"no password", der, OurKey(), "", "Pkcs12Failed"},
  };
  for (const auto& c : cases) {
    const auto file = MakePkcs12(c.certificate, c.key, Secret(c.password));
    ASSERT_FALSE(file.ok()) << c.name;
    EXPECT_EQ(file.error().reason, c.reason) << c.name;
  }
  EXPECT_EQ(Pkcs12FromPvk(der, Secret("no PVK"), Secret(), Secret("p")).error().reason,
            "PrivateKeyUnreadable");
}

}  // namespace
}  // namespace milink::pki
