// The bytes of one connection, in clear or through TLS, with the faults of its listener.
//
// One thread may read while another one writes. StartTls() and StopTls() only while nobody else
// uses the object; Abort() from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/random.h"
#include "tests/sim/tds/listener_state.h"
#include "tests/sim/tds/socket.h"
#include "tests/sim/tds/tls.h"

namespace milink::sim::tds {

class Transport {
 public:
  // `state` outlives the transport. `number` of the connection varies its random choices.
  Transport(Socket socket, const ListenerState& state, std::uint64_t number);

  // Appends what arrived. False at the end of the connection.
  bool Read(std::string& plain);
  bool Write(std::string_view plain);

  // Everything goes through `tls` from now on; its handshake is done.
  void StartTls(std::unique_ptr<TlsEndpoint> tls);
  void StopTls();

  // Waits, silent, until the peer leaves or Abort().
  void Stall() const;
  void Abort() const { socket_.Shutdown(); }
  Random& random() { return *random_; }

 private:
  bool WriteRaw(std::string_view bytes);
  bool SendPieces(std::string_view bytes, bool split);

  Socket socket_;
  const ListenerState& state_;
  std::unique_ptr<Random> random_;
  std::uint64_t written_ = 0;

  std::mutex tls_mutex_;  // guards what tls_ points to
  std::unique_ptr<TlsEndpoint> tls_;
};

}  // namespace milink::sim::tds
