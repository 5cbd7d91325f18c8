#include <thread>

#include <gtest/gtest.h>
#include <httplib.h>

#include "core/azure/http.h"

namespace milink::azure {
namespace {

// A plain server on a free port; TLS is shown by the integration tests of the Azure stand-in.
class Server {
 public:
  Server() {
    server_.Get("/echo", [](const httplib::Request& request, httplib::Response& response) {
      response.set_header("X-Echo", request.target);
      response.set_content(request.get_header_value("Authorization"), "text/plain");
    });
    server_.Put("/put", [](const httplib::Request& request, httplib::Response& response) {
      response.status = 202;
      response.set_content(request.get_header_value("Content-Type") + " " + request.body,
                           "text/plain");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) {
      std::this_thread::yield();
    }
  }
  ~Server() {
    server_.stop();
    thread_.join();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  std::string Url(const std::string& target) const {
    return "http://127.0.0.1:" + std::to_string(port_) + target;
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

// The server decodes the target once: what it shows proves that the client changed nothing.
TEST(HttplibClientTest, TargetAndHeadersGoVerbatim) {
  const Server server;
  const auto client = MakeHttpClient("", 2);
  HttpRequest request{.method = "GET", .url = server.Url("/echo?t=1&c=A%252Fb+c&s=x_-y")};
  request.headers.emplace("Authorization", "Bearer abc");
  for (int i = 0; i < 3; ++i) {  // the later ones on the kept connection
    const auto response = client->Send(request);
    ASSERT_TRUE(response.ok()) << ToString(response.error());
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "Bearer abc");
    EXPECT_EQ(response->Header("x-echo"), "/echo?t=1&c=A%2Fb+c&s=x_-y");
  }
}

TEST(HttplibClientTest, ABodyIsSentWithItsType) {
  const Server server;
  const auto client = MakeHttpClient("", 2);
  const auto response =
      client->Send({.method = "PUT", .url = server.Url("/put"), .body = R"({"a":1})"});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 202);
  EXPECT_EQ(response->body, R"(application/json {"a":1})");
}

TEST(HttplibClientTest, NobodyListeningIsSafeToRepeat) {
  std::string url;
  {
    const Server server;
    url = server.Url("/echo");
  }
  const auto response = MakeHttpClient("", 2)->Send({.method = "GET", .url = url});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().reason, "ConnectionFailed");
}

TEST(HttplibClientTest, ABadUrlIsAnErrorNotACrash) {
  EXPECT_EQ(MakeHttpClient("", 2)->Send({.method = "GET", .url = "nonsense"}).error().reason,
            "InvalidUrl");
}

}  // namespace
}  // namespace milink::azure
