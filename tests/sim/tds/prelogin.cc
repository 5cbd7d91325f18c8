#include "tests/sim/tds/prelogin.h"

#include <array>
#include <charconv>

#include "core/base/text.h"
#include "tests/sim/tds/bytes.h"

namespace milink::sim::tds {
namespace {

enum Option : std::uint8_t {
  kVersion = 0,
  kEncryption = 1,
  kInstance = 2,
  kThreadId = 3,
  kMars = 4,
  kFederated = 6,
  kTerminator = 0xFF,
};

Error MalformedPrelogin(std::string message) {
  return Error{.kind = ErrorKind::kInvalid, .reason = "TdsPrelogin", .message = std::move(message)};
}

}  // namespace

Result<PreloginRequest> ParsePrelogin(std::string_view payload) {
  PreloginRequest request;
  ByteReader table(payload);
  while (true) {
    const std::uint8_t option = table.U8();
    if (!table.ok()) {
      return MalformedPrelogin("option table without terminator");
    }
    if (option == kTerminator) {
      return request;
    }
    const std::size_t offset = table.BigEndian16();
    const std::size_t length = table.BigEndian16();
    if (!table.ok() || offset > payload.size() || length > payload.size() - offset) {
      return MalformedPrelogin("option " + std::to_string(option) + " lies outside the message");
    }
    if (option == kFederated) {
      request.asks_federated = true;
    }
    if (option == kEncryption) {
      // 0x80 and 0x20 ask for a client certificate (TDS 7.4 revisions), which nobody here sends.
      const unsigned value = length == 0 ? 4U : static_cast<unsigned char>(payload[offset]) & 0x1FU;
      if (value > 3) {
        return MalformedPrelogin("unknown encryption value");
      }
      request.encryption = static_cast<Encryption>(value);
    }
  }
}

EncryptionChoice ChooseEncryption(Encryption client, ServerEncryption server) {
  using enum EncryptionChoice::Scope;
  const bool demands = client == Encryption::kOn || client == Encryption::kRequired;
  if (server == ServerEncryption::kNoTls) {
    return {.answer = Encryption::kNotSupported, .scope = kNone, .close = demands};
  }
  if (demands) {
    return {.answer = Encryption::kOn, .scope = kWhole};
  }
  if (server == ServerEncryption::kOn) {
    return {.answer = Encryption::kRequired,
            .scope = kWhole,
            .close = client == Encryption::kNotSupported};
  }
  if (client == Encryption::kNotSupported) {
    return {.answer = Encryption::kNotSupported, .scope = kNone};
  }
  return {.answer = Encryption::kOff, .scope = kLoginOnly};
}

std::string EncodeVersion(std::string_view version) {
  std::array<std::uint16_t, 3> numbers = {};
  const std::vector<std::string> parts = Split(version, '.');
  for (std::size_t i = 0; i < numbers.size() && i < parts.size(); ++i) {
    std::from_chars(parts[i].data(), parts[i].data() + parts[i].size(), numbers.at(i));
  }
  ByteWriter out;
  out.U8(static_cast<std::uint8_t>(numbers[0])).U8(static_cast<std::uint8_t>(numbers[1]));
  out.BigEndian16(numbers[2]).U16(0);
  return out.Take();
}

std::string EncodePreloginReply(std::string_view version, Encryption answer, bool federated) {
  struct Entry {
    std::uint8_t option;
    std::string data;
  };
  std::vector<Entry> entries = {{kVersion, EncodeVersion(version)},
                                {kEncryption, std::string(1, static_cast<char>(answer))},
                                {kInstance, std::string(1, '\0')},
                                {kThreadId, ""},
                                {kMars, std::string(1, '\0')}};
  if (federated) {
    entries.push_back({kFederated, std::string(1, '\1')});
  }
  ByteWriter out;
  std::size_t offset = entries.size() * 5 + 1;
  for (const Entry& entry : entries) {
    out.U8(entry.option)
        .BigEndian16(static_cast<std::uint16_t>(offset))
        .BigEndian16(static_cast<std::uint16_t>(entry.data.size()));
    offset += entry.data.size();
  }
  out.U8(kTerminator);
  for (const Entry& entry : entries) {
    out.Raw(entry.data);
  }
  return out.Take();
}

}  // namespace milink::sim::tds
