#include "core/sql/socket_addresses.h"

#include <sys/socket.h>
#include <sys/time.h>

namespace milink::sql {

AddressList ResolveAddresses(const std::string& host, std::uint16_t port, int type,
                             std::string& problem) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = type;
  addrinfo* list = nullptr;
  const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (code != 0) {
    problem = gai_strerror(code);
    return nullptr;
  }
  return AddressList(list);
}

bool LimitWaits(const FileDescriptor& socket, Duration wait) {
  timeval limit{};
  limit.tv_sec = wait.count() / 1000;
  limit.tv_usec = wait.count() % 1000 * 1000;
  return setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0 &&
         setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0;
}

}  // namespace milink::sql
