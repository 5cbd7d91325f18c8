// A client that shows every byte of a reply, for tests of the server. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tests/sim/tds/packet.h"
#include "tests/sim/tds/prelogin.h"
#include "tests/sim/tds/socket.h"
#include "tests/sim/tds/tls.h"

namespace milink::sim::tds {

// The parts of LOGIN7 which tests vary.
struct RawLogin {
  std::string user = "sa";
  std::string password = "Correct-Horse-9";
  std::string database;
  std::uint32_t packet_size = 4096;
  bool integrated_security = false;
  std::string access_token;
};
std::string EncodeLogin7(const RawLogin& login);
std::string EncodePreloginRequest(Encryption encryption);
// ALL_HEADERS, then what follows them.
std::string WithHeaders(std::string_view body);
std::string EncodeBatch(std::string_view sql);

class RawClient {
 public:
  // Not connected when nobody listens.
  explicit RawClient(std::uint16_t port);

  bool connected() const { return socket_.valid(); }
  // The server's answer; nothing when it closed the connection.
  std::optional<Encryption> Prelogin(Encryption encryption);
  bool WrappedTls();
  bool StrictTls();
  void StopTls() { tls_.reset(); }

  void Send(PacketType type, std::string_view payload, std::uint8_t status = 0x01);
  void SendRaw(std::string_view bytes);
  void SendAttention() { Send(PacketType::kAttention, {}); }
  // The payload of the next message; nothing at the end of the connection.
  std::optional<std::string> Receive();

  // All steps with the server's choice of encryption; the login reply.
  std::optional<std::string> LogIn(const RawLogin& login, Encryption encryption);
  // The reply to a batch.
  std::optional<std::string> Run(std::string_view sql);

 private:
  bool Handshake(bool wrapped);
  bool ReadMore();

  Socket socket_;
  MessageAssembler input_;
  std::unique_ptr<TlsEndpoint> tls_;
};

}  // namespace milink::sim::tds
