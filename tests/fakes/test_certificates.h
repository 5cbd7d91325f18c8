// Certificates for servers of tests: a new authority each time, elliptic keys (fast to make).
#pragma once

#include <string>

namespace milink::fakes {

struct KeyPair {
  std::string certificate_pem;
  std::string key_pem;
};

struct TestCertificates {
  std::string ca_pem;
  KeyPair server;
  KeyPair client;  // CN=test-client
};

// `subject_alt_names` in OpenSSL's form, "IP:127.0.0.1,DNS:localhost".
TestCertificates MakeTestCertificates(const std::string& subject_alt_names);

}  // namespace milink::fakes
