// Packets: every message travels in pieces with an eight-byte header (MS-TDS 2.2.3.1).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace milink::sim::tds {

enum class PacketType : std::uint8_t {
  kSqlBatch = 0x01,
  kRpc = 0x03,
  kReply = 0x04,
  kAttention = 0x06,
  kBulkLoad = 0x07,
  kTransaction = 0x0E,
  kLogin7 = 0x10,
  kSspi = 0x11,
  kPrelogin = 0x12,
};

inline constexpr std::size_t kHeaderSize = 8;
inline constexpr std::size_t kMinPacketSize = 512;
inline constexpr std::size_t kDefaultPacketSize = 4096;
inline constexpr std::size_t kMaxPacketSize = 32767;

struct Message {
  PacketType type = PacketType::kSqlBatch;
  bool reset_connection = false;  // RESETCONNECTION or RESETCONNECTIONSKIPTRAN
  bool keep_transaction = false;  // the latter
  std::string payload;
};

// Makes messages from the bytes of a connection, however they are cut. One thread.
class MessageAssembler {
 public:
  // Messages with a longer payload are refused.
  explicit MessageAssembler(std::size_t limit) : limit_(limit) {}

  void Append(std::string_view bytes) { buffer_.append(bytes); }
  // The next whole message; nothing when more bytes are needed. An error is final: the stream
  // cannot be understood any more. Messages which the client withdrew (ignore bit) are skipped.
  Result<std::optional<Message>> Next();
  // Bytes that belong to no packet yet, for the switch to TLS.
  std::string TakeRest();
  void set_limit(std::size_t limit) { limit_ = limit; }

 private:
  std::size_t limit_;
  std::string buffer_;
  std::optional<Message> partial_;
};

// Cuts one outgoing message into packets. One thread.
class MessageOutput {
 public:
  // Returns false when the connection is gone; nothing is sent after that.
  using Send = std::function<bool(std::string_view)>;

  MessageOutput(Send send, PacketType type, std::size_t packet_size, std::uint16_t spid);

  // Sends nothing before `kHold` bytes are waiting, so that a short reply can still be withheld.
  void Write(std::string_view payload);
  void Finish();
  bool failed() const { return failed_; }

  static constexpr std::size_t kHold = 256UL * 1024;

 private:
  void SendFullPackets();
  void SendPacket(std::string_view piece, bool last);

  Send send_;
  PacketType type_;
  std::size_t room_;  // for payload in one packet
  std::uint16_t spid_;
  std::uint8_t next_id_ = 1;
  std::string pending_;
  bool failed_ = false;
};

// A whole message at once.
std::string PackMessage(PacketType type, std::string_view payload, std::size_t packet_size,
                        std::uint16_t spid);

}  // namespace milink::sim::tds
