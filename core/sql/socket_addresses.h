// What blocking sockets have in common. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <netdb.h>

#include "core/base/clock.h"
#include "core/sql/file_descriptor.h"

namespace milink::sql {

struct AddressListFreer {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListFreer>;

// Every address of the host; null when there is none, and then `problem` says why. `type`:
// SOCK_STREAM or SOCK_DGRAM.
AddressList ResolveAddresses(const std::string& host, std::uint16_t port, int type,
                             std::string& problem);

// For sending and receiving; on Linux the limit of sending covers connect(), too.
bool LimitWaits(const FileDescriptor& socket, Duration wait);

}  // namespace milink::sql
