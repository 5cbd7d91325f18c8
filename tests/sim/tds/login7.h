// The LOGIN7 message (MS-TDS 2.2.6.4), decoded with every offset checked. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace milink::sim::tds {

struct Login7 {
  std::uint32_t tds_version = 0;
  std::uint32_t packet_size = 0;
  std::string host;
  std::string user;
  std::string password;  // in clear
  std::string application;
  std::string server;  // FreeTDS puts a NUL in place of a comma: good for nothing but a log
  std::string database;
  bool integrated_security = false;  // an SSPI token instead of a password
  bool read_only_intent = false;
  bool has_features = false;
  std::optional<std::string> access_token;  // FEDAUTH, library "security token"
};

Result<Login7> ParseLogin7(std::string_view payload);

// The wire form of a password: UTF-16LE, nibbles swapped, XOR 0xA5; and back to UTF-8.
std::string ObfuscatePassword(std::string_view utf8);
std::string RevealPassword(std::string_view wire);

// The size to announce: the client's wish within the legal range, 0 meaning the default.
std::size_t ChoosePacketSize(std::uint32_t wish);

}  // namespace milink::sim::tds
