#include "core/kube/socket_options.h"

#include <array>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace milink::kube {
namespace {

int OptionOf(int socket, int level, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(socket, level, option, &value, &size), 0);
  return value;
}

TEST(WatchOverSocket, ADeadPeerIsNoticedWithinAMinute) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  WatchOverSocket(socket);
  EXPECT_EQ(OptionOf(socket, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_LE(OptionOf(socket, IPPROTO_TCP, TCP_KEEPIDLE), 30);
  EXPECT_LE(OptionOf(socket, IPPROTO_TCP, TCP_KEEPINTVL), 15);
  EXPECT_LE(OptionOf(socket, IPPROTO_TCP, TCP_USER_TIMEOUT), 60'000);
  ::close(socket);
}

TEST(IsQuiet, UntilSomethingComesOrItEnds) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
  EXPECT_TRUE(IsQuiet(pair[0]));
  ASSERT_EQ(::write(pair[1], "x", 1), 1);
  EXPECT_FALSE(IsQuiet(pair[0]));
  ::close(pair[1]);
  EXPECT_FALSE(IsQuiet(pair[0]));
  ::close(pair[0]);
}

}  // namespace
}  // namespace milink::kube
