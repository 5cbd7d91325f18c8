// Private keys as SQL Server exports them: PVK files, made by
// OpenSSL but for their encryption, which its default provider does not know any more.
//
// Pure, thread-safe.
#pragma once

#include <string>

namespace milink::sim {

// `key_pem`: an RSA key. An empty password: not encrypted. `weak`: 40 bits, as old exports.
std::string MakePvk(const std::string& key_pem, const std::string& password, bool weak = false);

}  // namespace milink::sim
