// From the first byte of a connection to its login: PRELOGIN, TLS, LOGIN7 and the answer.
//
// Belongs to the connection's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tests/sim/sql/executor.h"
#include "tests/sim/tds/listener_state.h"
#include "tests/sim/tds/login7.h"
#include "tests/sim/tds/packet.h"
#include "tests/sim/tds/transport.h"

namespace milink::sim::tds {

struct LoggedIn {
  std::unique_ptr<SqlSession> session;
  std::size_t packet_size = kDefaultPacketSize;
};

class Handshake {
 public:
  // All outlive the handshake. `input` holds what the client sent too early, afterwards.
  Handshake(Executor& executor, const ListenerState& state, Transport& transport,
            MessageAssembler& input)
      : executor_(executor), state_(state), transport_(transport), input_(input) {}

  // Nothing when the client was refused or left: the connection is to be closed.
  std::optional<LoggedIn> Run();

 private:
  bool StartStrict();
  bool Prelogin();
  bool WrappedTls();
  std::optional<LoggedIn> Login();

  LoginRequest MakeRequest(const Login7& login) const;
  void Refuse(const std::vector<ServerMessage>& messages);
  void Accept(const Login7& login, const LoggedIn& result,
              const std::vector<ServerMessage>& messages);
  bool Send(PacketType type, std::string_view payload, std::uint16_t spid = 0);
  // The next message if it is of `type`, else nothing.
  std::optional<Message> Expect(PacketType type);
  // True when the connection was stalled here and has ended.
  bool StalledAt(Stall place) const;

  Executor& executor_;
  const ListenerState& state_;
  Transport& transport_;
  MessageAssembler& input_;
  EncryptionChoice::Scope scope_ = EncryptionChoice::Scope::kNone;
  bool strict_ = false;
};

}  // namespace milink::sim::tds
