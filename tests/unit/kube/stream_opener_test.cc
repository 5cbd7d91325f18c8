// A name with several addresses, the first of which does not answer, as with a zone that is out.
#include "core/kube/stream_opener.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gmock/gmock.h>

#include "core/kube/dialer.h"
#include "core/kube/http_transport.h"
#include "tests/fakes/connect_proxy.h"
#include "tests/fakes/scripted_server.h"

namespace milink::kube {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr char kSilentAddress[] = "127.0.0.2";
constexpr char kOtherAddress[] = "127.0.0.1";

// A port of kSilentAddress where whoever connects hears nothing: Linux drops the SYNs to a listener
// whose queue is full.
class SilentPort {
 public:
  explicit SilentPort(int port)
      : endpoint_(asio::ip::make_address(kSilentAddress), static_cast<unsigned short>(port)),
        listener_(io_, endpoint_) {
    listener_.listen(0);  // still takes one
    filler_.connect(endpoint_);
    listener_.wait(tcp::acceptor::wait_read);
  }

 private:
  asio::io_context io_;
  const tcp::endpoint endpoint_;
  tcp::acceptor listener_;
  tcp::socket filler_{io_};
};

class SilentAddressTest : public testing::Test {
 protected:
  ClusterAccess Access() const {
    auto access = server_.Access();
    access.server = "https://api.test:" + std::to_string(server_.port());
    return access;
  }
  Result<HttpResponse> Put(const ClusterAccess& access, ConnectionTimeouts timeouts,
                           Duration deadline) {
    const auto dialer = Dialer::Make(
        access, "t", clock_, Logger(), timeouts,
        [addresses = addresses_](const std::string&) { return NameResult(addresses); });
    HttpRequest request{HttpMethod::kPut, target_};
    request.deadline = deadline;
    return HttpTransport(*dialer, clock_, Logger()).Send(request);
  }

  SystemClock clock_;
  std::vector<std::string> addresses_{kSilentAddress, kOtherAddress};
  std::string target_ = "/lease";
  const fakes::ScriptedServer server_{
      [](const fakes::ScriptedRequest& request, fakes::ScriptedAnswer& answer) {
        request.target == "/unanswered" ? answer.WaitForClose() : answer.Respond(200, "{}");
      },
      "DNS:api.test"};
};

TEST_F(SilentAddressTest, TheLimitOfConnectingSufficesForTheNextAddress) {
  const SilentPort silent(server_.port());
  const auto answer =
      Put(Access(), {.connect = seconds(1), .address = milliseconds(1)}, minutes(1));
  EXPECT_TRUE(answer.ok()) << ToString(answer.error());
}

TEST_F(SilentAddressTest, TheDeadlineOfARequestSufficesForTheNextAddress) {
  const SilentPort silent(server_.port());
  const auto answer = Put(Access(), {.address = milliseconds(1)}, seconds(2));
  EXPECT_TRUE(answer.ok()) << ToString(answer.error());
}

TEST_F(SilentAddressTest, ThoseOfAProxyAreSharedOutToo) {
  const fakes::ConnectProxy proxy(server_.port());
  const SilentPort silent(proxy.port());
  auto access = Access();
  access.proxy.emplace();
  access.proxy->host = "proxy.test";
  access.proxy->port = std::to_string(proxy.port());
  const auto answer = Put(access, {.connect = seconds(1), .address = milliseconds(1)}, minutes(1));
  EXPECT_TRUE(answer.ok()) << ToString(answer.error());
}

TEST_F(SilentAddressTest, OnceConnectedOnlyTheDeadlineOfTheRequestHolds) {
  addresses_ = {kOtherAddress, kSilentAddress};
  target_ = "/unanswered";
  const auto answer = Put(Access(), {.address = milliseconds(1)}, milliseconds(500));
  ASSERT_FALSE(answer.ok());
  EXPECT_THAT(answer.error().message, testing::HasSubstr("did not answer in time"));
}

TEST(TimeOfAddress, IsAnEqualShareButEnoughWhereThatIsLeft) {
  EXPECT_EQ(TimeOfAddress(seconds(30), 3, seconds(2)), seconds(10));
  EXPECT_EQ(TimeOfAddress(seconds(5), 3, seconds(2)), seconds(2));
  EXPECT_EQ(TimeOfAddress(seconds(1), 3, seconds(2)), seconds(1));
  EXPECT_LE(TimeOfAddress(seconds(-1), 3, seconds(2)), seconds(0));
}

}  // namespace
}  // namespace milink::kube
