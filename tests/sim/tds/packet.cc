#include "tests/sim/tds/packet.h"

#include <algorithm>
#include <utility>

#include "tests/sim/tds/bytes.h"

namespace milink::sim::tds {
namespace {

constexpr std::uint8_t kEndOfMessage = 0x01;
constexpr std::uint8_t kIgnore = 0x02;
constexpr std::uint8_t kReset = 0x08;
constexpr std::uint8_t kResetKeepTransaction = 0x10;

Error MalformedPacket(std::string message) {
  return Error{.kind = ErrorKind::kInvalid, .reason = "TdsFraming", .message = std::move(message)};
}

}  // namespace

Result<std::optional<Message>> MessageAssembler::Next() {
  while (buffer_.size() >= kHeaderSize) {
    ByteReader header(buffer_);
    const auto type = static_cast<PacketType>(header.U8());
    const std::uint8_t status = header.U8();
    const std::size_t length = header.BigEndian16();
    if (length < kHeaderSize || length > kMaxPacketSize) {
      return MalformedPacket("packet length " + std::to_string(length));
    }
    if (buffer_.size() < length) {
      break;
    }
    // An attention withdraws a request of which only a part has arrived.
    if (!partial_ || type == PacketType::kAttention) {
      const bool keep = (status & kResetKeepTransaction) != 0;
      partial_ = Message{.type = type,
                         .reset_connection = keep || (status & kReset) != 0,
                         .keep_transaction = keep,
                         .payload = {}};
    } else if (partial_->type != type) {
      return MalformedPacket("packet type changed inside a message");
    }
    if (partial_->payload.size() + length - kHeaderSize > limit_) {
      return MalformedPacket("message too long");
    }
    partial_->payload.append(buffer_, kHeaderSize, length - kHeaderSize);
    buffer_.erase(0, length);
    if ((status & kEndOfMessage) == 0) {
      continue;
    }
    Message whole = *std::exchange(partial_, std::nullopt);
    if ((status & kIgnore) == 0) {
      return std::optional<Message>(std::move(whole));
    }
  }
  return std::optional<Message>();
}

std::string MessageAssembler::TakeRest() { return std::exchange(buffer_, std::string()); }

MessageOutput::MessageOutput(Send send, PacketType type, std::size_t packet_size,
                             std::uint16_t spid)
    : send_(std::move(send)),
      type_(type),
      room_(std::clamp(packet_size, kMinPacketSize, kMaxPacketSize) - kHeaderSize),
      spid_(spid) {}

void MessageOutput::Write(std::string_view payload) {
  if (failed_) {
    return;
  }
  pending_.append(payload);
  if (pending_.size() > kHold) {
    SendFullPackets();
  }
}

void MessageOutput::Finish() {
  SendFullPackets();
  SendPacket(pending_, true);
  pending_.clear();
}

// The last packet carries EOM, so the last `room_` bytes wait for Finish().
void MessageOutput::SendFullPackets() {
  std::size_t sent = 0;
  while (pending_.size() - sent > room_) {
    SendPacket(std::string_view(pending_).substr(sent, room_), false);
    sent += room_;
  }
  pending_.erase(0, sent);
}

void MessageOutput::SendPacket(std::string_view piece, bool last) {
  if (failed_) {
    return;
  }
  ByteWriter packet;
  packet.U8(static_cast<std::uint8_t>(type_))
      .U8(last ? kEndOfMessage : 0)
      .BigEndian16(static_cast<std::uint16_t>(piece.size() + kHeaderSize))
      .BigEndian16(spid_)
      .U8(next_id_++)
      .U8(0)
      .Raw(piece);
  failed_ = !send_(packet.bytes());
}

std::string PackMessage(PacketType type, std::string_view payload, std::size_t packet_size,
                        std::uint16_t spid) {
  std::string bytes;
  MessageOutput output(
      [&bytes](std::string_view packet) {
        bytes.append(packet);
        return true;
      },
      type, packet_size, spid);
  output.Write(payload);
  output.Finish();
  return bytes;
}

}  // namespace milink::sim::tds
