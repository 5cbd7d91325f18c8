// JSON Web Tokens as clients sign in with them: read, and verified against the certificate that
// was uploaded for the client. Pure, thread-safe. Source: RFC 7515, 7519.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/sim/world/x509.h"

namespace milink::sim {

struct Jwt {
  nlohmann::json header;
  nlohmann::json payload;
  std::string signed_text;
  std::string signature;  // bytes
};

std::optional<Jwt> ReadJwt(const std::string& text);
// RS256, and made with the key of this certificate, which the header names by its thumbprint.
bool VerifyJwt(const Jwt& jwt, const std::string& certificate_pem);
// Signed as a client would, RS256; for tests of the stand-in.
std::string MakeJwt(const nlohmann::json& payload, const CertificateWithKey& certificate);
std::string EncodeBase64Url(const std::string& bytes);
// Without padding; nothing when malformed.
std::optional<std::string> DecodeBase64Url(const std::string& text);

}  // namespace milink::sim
