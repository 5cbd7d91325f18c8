#include "tests/sim/tds/login7.h"

#include <algorithm>

#include "tests/sim/tds/bytes.h"
#include "tests/sim/tds/packet.h"
#include "tests/sim/tds/text.h"

namespace milink::sim::tds {
namespace {

constexpr std::size_t kFixedSize = 94;
constexpr std::uint8_t kIntegratedSecurity = 0x80;  // OptionFlags2
constexpr std::uint8_t kReadOnlyIntent = 0x20;      // TypeFlags
constexpr std::uint8_t kExtensionUsed = 0x10;       // OptionFlags3
constexpr std::uint8_t kFederatedFeature = 0x02;
constexpr std::uint8_t kFeatureTerminator = 0xFF;
constexpr std::uint8_t kSecurityTokenLibrary = 1;

Error MalformedLogin(std::string message) {
  return Error{.kind = ErrorKind::kInvalid, .reason = "TdsLogin7", .message = std::move(message)};
}

ByteReader ReaderAt(std::string_view payload, std::size_t offset) {
  ByteReader reader(payload);
  reader.Raw(offset);
  return reader;
}

// The bytes which the (offset, length) pair at `at` names. The offset of an empty field may be
// anything. `unit` is the size of what the length counts.
std::string_view Field(std::string_view payload, std::size_t at, std::size_t unit, bool& ok) {
  ByteReader entry = ReaderAt(payload, at);
  const std::size_t offset = entry.U16();
  const std::size_t length = entry.U16() * unit;
  if (length == 0) {
    return {};
  }
  ByteReader data = ReaderAt(payload, offset);
  const std::string_view bytes = data.Raw(length);
  ok = ok && data.ok();
  return bytes;
}

Status ParseFederated(std::string_view data, Login7& login) {
  ByteReader reader(data);
  const std::uint8_t options = reader.U8();
  if (!reader.ok() || (options >> 1U) != kSecurityTokenLibrary) {
    return OkStatus();  // another library: the login is refused later for want of a user
  }
  const std::size_t length = reader.U32();
  const std::string_view token = reader.Raw(length);
  if (!reader.ok()) {
    return MalformedLogin("access token lies outside the message");
  }
  login.access_token = Utf16ToUtf8(token);
  return OkStatus();
}

Status ParseFeatures(std::string_view payload, Login7& login) {
  bool ok = true;
  ByteReader pointer(Field(payload, 56, 1, ok));
  const std::size_t offset = pointer.U32();
  if (!ok || !pointer.ok()) {
    return MalformedLogin("feature extension lies outside the message");
  }
  ByteReader reader = ReaderAt(payload, offset);
  while (true) {
    const std::uint8_t id = reader.U8();
    if (!reader.ok()) {
      return MalformedLogin("feature list without terminator");
    }
    if (id == kFeatureTerminator) {
      return OkStatus();
    }
    const std::size_t length = reader.U32();
    const std::string_view data = reader.Raw(length);
    if (!reader.ok()) {
      return MalformedLogin("feature data lie outside the message");
    }
    if (id == kFederatedFeature) {
      if (const Status status = ParseFederated(data, login); !status) {
        return status;
      }
    }
  }
}

}  // namespace

Result<Login7> ParseLogin7(std::string_view payload) {
  if (payload.size() < kFixedSize) {
    return MalformedLogin("shorter than its fixed part");
  }
  ByteReader reader(payload);
  const std::size_t length = reader.U32();
  if (length < kFixedSize || length > payload.size()) {
    return MalformedLogin("length field contradicts the message");
  }
  payload = payload.substr(0, length);

  Login7 login;
  login.tds_version = reader.U32();
  login.packet_size = reader.U32();
  ByteReader flags = ReaderAt(payload, 25);
  login.integrated_security = (flags.U8() & kIntegratedSecurity) != 0;
  login.read_only_intent = (flags.U8() & kReadOnlyIntent) != 0;
  login.has_features = (flags.U8() & kExtensionUsed) != 0;

  bool ok = true;
  const auto text = [&](std::size_t at) { return Utf16ToUtf8(Field(payload, at, 2, ok)); };
  login.host = text(36);
  login.user = text(40);
  login.password = RevealPassword(Field(payload, 44, 2, ok));
  login.application = text(48);
  login.server = text(52);
  login.database = text(68);
  if (!ok) {
    return MalformedLogin("a field lies outside the message");
  }
  if (login.has_features) {
    if (const Status status = ParseFeatures(payload, login); !status) {
      return status.error();
    }
  }
  return login;
}

std::string ObfuscatePassword(std::string_view utf8) {
  std::string wire = Utf8ToUtf16(utf8);
  for (char& c : wire) {
    const auto byte = static_cast<unsigned char>(c);
    c = static_cast<char>(((byte << 4U | byte >> 4U) & 0xFFU) ^ 0xA5U);
  }
  return wire;
}

std::string RevealPassword(std::string_view wire) {
  std::string clear(wire);
  for (char& c : clear) {
    const unsigned byte = static_cast<unsigned char>(c) ^ 0xA5U;
    c = static_cast<char>((byte << 4U | byte >> 4U) & 0xFFU);
  }
  return Utf16ToUtf8(clear);
}

std::size_t ChoosePacketSize(std::uint32_t wish) {
  return wish == 0 ? kDefaultPacketSize
                   : std::clamp<std::size_t>(wish, kMinPacketSize, kMaxPacketSize);
}

}  // namespace milink::sim::tds
