// How a listener behaves, faults included. Plain values; TdsServer takes them at run time.
#pragma once

#include <cstdint>
#include <optional>

#include "tests/sim/tds/prelogin.h"
#include "tests/sim/tds/types.h"

namespace milink::sim::tds {

// Where a connection falls silent for ever.
enum class Stall { kNever, kPrelogin, kTls, kLogin, kReply };

struct ListenerFaults {
  bool refuse = false;         // nobody listens on the port; open connections stay
  bool junk_prelogin = false;  // the first answer is no TDS
  bool ignore_attention = false;
  Stall stall = Stall::kNever;
  // Counted from the start of the connection, over all that the server writes to the socket.
  std::optional<std::uint64_t> close_after_bytes;
  std::optional<std::uint64_t> stall_after_bytes;

  bool operator==(const ListenerFaults&) const = default;
};

struct ListenerOptions {
  ServerEncryption encryption = ServerEncryption::kOff;  // kNoTls plays a downgrade
  RowEncoding rows;
  // Each connection gets its own packet size, whatever the client asks for.
  bool random_packet_size = false;
  // Each write is cut at random places into several.
  bool split_writes = false;
  std::uint64_t seed = 1;  // of both
  ListenerFaults faults;

  bool operator==(const ListenerOptions&) const = default;
};

}  // namespace milink::sim::tds
