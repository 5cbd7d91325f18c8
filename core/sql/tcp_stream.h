// A blocking TCP connection with a limit for each wait. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/clock.h"
#include "core/sql/file_descriptor.h"

namespace milink::sql {

class TcpStream {
 public:
  // Tries every address of the host until one answers. After failure `problem` says why.
  static std::optional<TcpStream> Connect(const std::string& host, std::uint16_t port,
                                          Duration wait, std::string& problem);

  // Of the other end, in numbers; empty when it cannot be told.
  std::string PeerAddress() const;

  bool Write(std::string_view bytes);
  // What is there, at least one byte; nothing at the end, after an error or too late.
  std::optional<std::string> Read();

 private:
  explicit TcpStream(FileDescriptor socket) : socket_(std::move(socket)) {}

  FileDescriptor socket_;
};

}  // namespace milink::sql
