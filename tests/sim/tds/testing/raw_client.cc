#include "tests/sim/tds/testing/raw_client.h"

#include <array>
#include <utility>

#include "tests/sim/tds/bytes.h"
#include "tests/sim/tds/login7.h"
#include "tests/sim/tds/text.h"

namespace milink::sim::tds {
namespace {

constexpr std::size_t kFixedLogin = 94;
constexpr std::size_t kLimit = 64UL * 1024 * 1024;

std::string FederatedFeature(std::string_view token) {
  const std::string wide = Utf8ToUtf16(token);
  ByteWriter data;
  data.U8(0x03).U32(static_cast<std::uint32_t>(wide.size())).Raw(wide);
  ByteWriter feature;
  feature.U8(0x02).U32(static_cast<std::uint32_t>(data.size())).Raw(data.bytes());
  return feature.Take();
}

}  // namespace

std::string EncodeLogin7(const RawLogin& login) {
  // HostName, UserName, Password, AppName, ServerName, Extension, Library, Language, Database.
  const std::array<std::string, 9> fields = {Utf8ToUtf16("testhost"),
                                             Utf8ToUtf16(login.user),
                                             ObfuscatePassword(login.password),
                                             Utf8ToUtf16("raw client"),
                                             Utf8ToUtf16("server"),
                                             std::string(4, '\0'),
                                             "",
                                             Utf8ToUtf16("us_english"),
                                             Utf8ToUtf16(login.database)};
  constexpr std::size_t kExtension = 5;
  ByteWriter table;
  ByteWriter data;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t unit = i == kExtension ? 1 : 2;
    table.U16(static_cast<std::uint16_t>(kFixedLogin + data.size()))
        .U16(static_cast<std::uint16_t>(fields.at(i).size() / unit));
    data.Raw(fields.at(i));
  }
  std::string tail = data.Take();
  const std::string features =
      (login.access_token.empty() ? std::string() : FederatedFeature(login.access_token)) +
      std::string("\x0A\x01\0\0\0\x01\xFF", 7);
  const std::size_t extension_at =
      fields[0].size() + fields[1].size() + fields[2].size() + fields[3].size() + fields[4].size();
  const std::size_t features_at = kFixedLogin + tail.size();
  tail.replace(extension_at, 4, ByteWriter().U32(static_cast<std::uint32_t>(features_at)).Take());
  tail += features;

  ByteWriter out;
  out.U32(static_cast<std::uint32_t>(kFixedLogin + tail.size())).U32(0x74000004);
  out.U32(login.packet_size).U32(0).U32(1234).U32(0);
  out.U8(0xE0).U8(login.integrated_security ? 0x83 : 0x03).U8(0).U8(0x18);
  out.U32(0).U32(0x0436).Raw(table.bytes()).Raw(std::string(22, '\0')).Raw(tail);
  return out.Take();
}

std::string EncodePreloginRequest(Encryption encryption) {
  ByteWriter out;
  out.U8(0).BigEndian16(11).BigEndian16(6).U8(1).BigEndian16(17).BigEndian16(1).U8(0xFF);
  out.Raw(std::string("\x09\0\0\0\0\0", 6)).U8(static_cast<std::uint8_t>(encryption));
  return out.Take();
}

std::string WithHeaders(std::string_view body) {
  ByteWriter out;
  out.U32(22).U32(18).U16(2).U64(0).U32(1).Raw(body);
  return out.Take();
}

std::string EncodeBatch(std::string_view sql) { return WithHeaders(Utf8ToUtf16(sql)); }

RawClient::RawClient(std::uint16_t port) : input_(kLimit) {
  if (Result<Socket> socket = ConnectTcp("127.0.0.1", port)) {
    socket_ = *std::move(socket);
  }
}

std::optional<Encryption> RawClient::Prelogin(Encryption encryption) {
  Send(PacketType::kPrelogin, EncodePreloginRequest(encryption));
  const std::optional<std::string> answer = Receive();
  if (!answer) {
    return std::nullopt;
  }
  const Result<PreloginRequest> parsed = ParsePrelogin(*answer);
  return parsed ? std::optional(parsed->encryption) : std::nullopt;
}

bool RawClient::WrappedTls() { return Handshake(true); }
bool RawClient::StrictTls() { return Handshake(false); }

bool RawClient::Handshake(bool wrapped) {
  const auto context = TlsContext::ForClient();
  if (!context) {
    return false;
  }
  auto tls = std::make_unique<TlsEndpoint>(
      *context, wrapped ? TlsEndpoint::Mode::kWrapped : TlsEndpoint::Mode::kStrict);
  std::string received;
  while (true) {
    std::string to_send;
    const TlsEndpoint::Progress progress = tls->Handshake(received, to_send);
    if (!to_send.empty()) {
      SendRaw(wrapped ? PackMessage(PacketType::kPrelogin, to_send, kDefaultPacketSize, 0)
                      : to_send);
    }
    if (progress != TlsEndpoint::Progress::kMore) {
      tls_ = std::move(tls);
      return progress == TlsEndpoint::Progress::kDone;
    }
    received.clear();
    if (wrapped) {
      std::optional<std::string> message = Receive();
      if (!message) {
        return false;
      }
      received = *std::move(message);
    } else if (!socket_.Receive(received)) {
      return false;
    }
  }
}

void RawClient::Send(PacketType type, std::string_view payload, std::uint8_t status) {
  std::string bytes = PackMessage(type, payload, kDefaultPacketSize, 0);
  bytes[1] = static_cast<char>(static_cast<unsigned char>(bytes[1]) | status);
  SendRaw(tls_ == nullptr ? bytes : tls_->Encrypt(bytes));
}

void RawClient::SendRaw(std::string_view bytes) { static_cast<void>(socket_.Send(bytes)); }

std::optional<std::string> RawClient::Receive() {
  while (true) {
    Result<std::optional<Message>> next = input_.Next();
    if (!next) {
      return std::nullopt;
    }
    if (next->has_value()) {
      return std::move((*next)->payload);
    }
    if (!ReadMore()) {
      return std::nullopt;
    }
  }
}

bool RawClient::ReadMore() {
  std::string raw;
  if (!socket_.Receive(raw)) {
    return false;
  }
  if (tls_ == nullptr) {
    input_.Append(raw);
    return true;
  }
  std::string plain;
  const bool alive = tls_->Decrypt(raw, plain);
  input_.Append(plain);
  return alive || !plain.empty();
}

std::optional<std::string> RawClient::LogIn(const RawLogin& login, Encryption encryption) {
  const std::optional<Encryption> answer = Prelogin(encryption);
  if (!answer) {
    return std::nullopt;
  }
  if (*answer != Encryption::kNotSupported && !WrappedTls()) {
    return std::nullopt;
  }
  Send(PacketType::kLogin7, EncodeLogin7(login));
  if (*answer == Encryption::kOff) {
    StopTls();
  }
  return Receive();
}

std::optional<std::string> RawClient::Run(std::string_view sql) {
  Send(PacketType::kSqlBatch, EncodeBatch(sql));
  return Receive();
}

}  // namespace milink::sim::tds
