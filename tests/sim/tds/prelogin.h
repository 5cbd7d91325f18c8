// The first message of a connection: version and encryption are agreed (MS-TDS 2.2.6.5).
//
// Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace milink::sim::tds {

// Values of the ENCRYPTION option.
enum class Encryption : std::uint8_t { kOff = 0, kOn = 1, kNotSupported = 2, kRequired = 3 };

// The server's setting. kOff still has a certificate, as SQL Server always has.
enum class ServerEncryption { kOff, kOn, kNoTls };

struct PreloginRequest {
  Encryption encryption = Encryption::kNotSupported;  // as when the option is missing
  bool asks_federated = false;                        // FEDAUTHREQUIRED was present
};

Result<PreloginRequest> ParsePrelogin(std::string_view payload);

struct EncryptionChoice {
  enum class Scope { kNone, kLoginOnly, kWhole };

  Encryption answer = Encryption::kOff;
  Scope scope = Scope::kNone;
  bool close = false;  // after the answer: the two sides cannot agree

  bool operator==(const EncryptionChoice&) const = default;
};

EncryptionChoice ChooseEncryption(Encryption client, ServerEncryption server);

// `version` is "16.0.1000.6"; four numbers, missing ones are 0.
std::string EncodePreloginReply(std::string_view version, Encryption answer, bool federated);

// The first three numbers in the six bytes of VERSION; LOGINACK uses the first four of them.
std::string EncodeVersion(std::string_view version);

}  // namespace milink::sim::tds
