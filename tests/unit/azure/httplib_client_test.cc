#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/azure/http.h"
#include "tests/sim/world/x509.h"

namespace milink::azure {
namespace {

std::unique_ptr<HttpClient> Client(const std::string& ca_file = "") {
  static const SystemClock clock;
  return MakeHttpClient(ca_file, 2, clock);
}

// A plain server on a free port.
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
  const auto client = Client();
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
  const auto client = Client();
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
  const auto response = Client()->Send({.method = "GET", .url = url});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().reason, "ConnectionFailed");
}

TEST(HttplibClientTest, ABadUrlIsAnErrorNotACrash) {
  EXPECT_EQ(Client()->Send({.method = "GET", .url = "nonsense"}).error().reason, "InvalidUrl");
}

// A server whose handshakes stall until it wakes: the kernel accepts its connections meanwhile.
class StalledTlsServer {
 public:
  StalledTlsServer() {
    std::string folder = std::filesystem::temp_directory_path() / "milink-httplib-XXXXXX";
    directory_ = mkdtemp(folder.data());
    const auto now = std::chrono::system_clock::now();
    const auto make = [now](const std::string& name, bool authority,
                            const sim::CertificateWithKey* issuer) {
      return sim::MakeCertificate({.common_name = name,
                                   .dns_names = {"127.0.0.1"},
                                   .not_before = now - std::chrono::hours(24),
                                   .not_after = now + std::chrono::hours(24),
                                   .authority = authority},
                                  issuer);
    };
    const auto authority = make("authority", true, nullptr);
    const auto own = make("arm", false, &authority);
    std::ofstream(ca_file()) << authority.certificate_pem;
    std::ofstream(directory_ / "cert.pem") << own.certificate_pem;
    std::ofstream(directory_ / "key.pem") << own.key_pem;
    server_ = std::make_unique<httplib::SSLServer>((directory_ / "cert.pem").c_str(),
                                                   (directory_ / "key.pem").c_str());
    server_->Delete("/x", [this](const httplib::Request&, httplib::Response& response) {
      ++requests_;
      response.set_content("{}", "application/json");
    });
    port_ = server_->bind_to_any_port("127.0.0.1");
  }
  ~StalledTlsServer() {
    server_->stop();
    thread_.join();
    std::filesystem::remove_all(directory_);
  }
  StalledTlsServer(const StalledTlsServer&) = delete;
  StalledTlsServer& operator=(const StalledTlsServer&) = delete;

  void Wake() {
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) {
      std::this_thread::yield();
    }
  }
  std::string Url() const { return "https://127.0.0.1:" + std::to_string(port_) + "/x"; }
  std::string ca_file() const { return directory_ / "ca.pem"; }
  int requests() const { return requests_; }

 private:
  std::filesystem::path directory_;
  std::unique_ptr<httplib::SSLServer> server_;
  std::atomic<int> requests_{0};
  int port_ = 0;
  std::thread thread_;
};

TEST(HttplibClientTest, APermitThatEndsWhileTheHandshakeStallsKeepsTheRequestFromLeaving) {
  StalledTlsServer server;
  const auto client = Client(server.ca_file());
  std::atomic<bool> leads{true};
  std::promise<void> asked;
  int times = 0;
  HttpRequest request{.method = "DELETE", .url = server.Url()};
  request.permit = [&]() -> Status {
    const bool allowed = leads;
    if (++times == 1) {
      asked.set_value();
    }
    return allowed ? OkStatus() : Status(Error{ErrorKind::kConflict, "NotLeader", "closed", ""});
  };
  auto sending = std::async(std::launch::async, [&] { return client->Send(request); });
  asked.get_future().wait();
  leads = false;
  server.Wake();
  const auto refused = sending.get();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, "NotLeader");
  EXPECT_EQ(times, 2) << "before connecting and after it";
  EXPECT_EQ(server.requests(), 0);

  leads = true;
  const auto response = client->Send(request);
  ASSERT_TRUE(response.ok()) << ToString(response.error());
  EXPECT_EQ(response->status, 200);
  leads = false;
  EXPECT_EQ(client->Send(request).error().reason, "NotLeader") << "nor on the kept connection";
  leads = true;
  EXPECT_TRUE(client->Send(request).ok());
  EXPECT_EQ(server.requests(), 2);
}

// Answers drip until the client has gone.
class DrippingServer {
 public:
  DrippingServer() {
    server_.Get("/drip", [this](const httplib::Request&, httplib::Response& response) {
      response.set_chunked_content_provider("text/plain",
                                            [this](std::size_t, httplib::DataSink& sink) {
                                              if (!dripping_.exchange(true)) {
                                                began_.set_value();
                                              }
                                              std::this_thread::yield();
                                              return sink.write("x", 1);
                                            });
    });
    server_.Put("/hold", [this](const httplib::Request&, httplib::Response& response) {
      began_.set_value();
      go_on_.get_future().wait();
      response.set_content("done", "text/plain");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) {
      std::this_thread::yield();
    }
  }
  ~DrippingServer() {
    server_.stop();
    thread_.join();
  }
  DrippingServer(const DrippingServer&) = delete;
  DrippingServer& operator=(const DrippingServer&) = delete;

  std::string Url(const std::string& target) const {
    return "http://127.0.0.1:" + std::to_string(port_) + target;
  }
  void WaitForRequest() { began_.get_future().wait(); }
  void LetGo() { go_on_.set_value(); }

 private:
  httplib::Server server_;
  std::atomic<bool> dripping_{false};
  std::promise<void> began_;
  std::promise<void> go_on_;
  int port_ = 0;
  std::thread thread_;
};

// Every byte comes in time: without a limit for the whole this test would not end.
TEST(HttplibClientTest, AnAnswerThatDripsEndsWithItsTime) {
  DrippingServer server;
  const auto response = Client()->Send(
      {.method = "GET", .url = server.Url("/drip"), .timeout = std::chrono::milliseconds(300)});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind, ErrorKind::kTransient);
}

// A listener whose queue is full: who connects hears nothing.
class BlackHole {
 public:
  BlackHole() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    bind(listener_, Address(), size);
    listen(listener_, 0);
    getsockname(listener_, Address(), &size);
    for (int& filler : fillers_) {
      filler = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      connect(filler, Address(), size);
    }
  }
  ~BlackHole() {
    for (const int filler : fillers_) {
      close(filler);
    }
    close(listener_);
  }
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;
  std::string Url() const {
    return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/";
  }

 private:
  sockaddr* Address() { return reinterpret_cast<sockaddr*>(&address_); }

  sockaddr_in address_{};
  int listener_ = -1;
  std::array<int, 8> fillers_{};
};

TEST(HttplibClientTest, AConnectionThatIsNeverMadeEndsWithTheTimeOfTheWholeRequest) {
  const BlackHole server;
  const auto response = Client()->Send({.method = "GET",
                                        .url = server.Url(),
                                        .timeout = std::chrono::milliseconds(100),
                                        .connect_timeout = std::chrono::hours(1)});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().reason, "ConnectionFailed") << "nothing was sent";
}

TEST(HttplibClientTest, AShutdownEndsAReadThatIsUnderWay) {
  DrippingServer server;
  const auto client = Client();
  auto reading = std::async(std::launch::async, [&] {
    return client->Send({.method = "GET", .url = server.Url("/drip")});
  });
  server.WaitForRequest();
  client->Shutdown();
  EXPECT_FALSE(reading.get().ok());
  EXPECT_EQ(client->Send({.method = "GET", .url = server.Url("/drip")}).error().reason, "Stopped");
}

TEST(HttplibClientTest, AShutdownLetsAChangeThatIsUnderWayEnd) {
  DrippingServer server;
  const auto client = Client();
  auto changing = std::async(std::launch::async, [&] {
    return client->Send(
        {.method = "PUT", .url = server.Url("/hold"), .body = "{}", .permit = OkStatus});
  });
  server.WaitForRequest();
  client->Shutdown();
  server.LetGo();
  const auto response = changing.get();
  ASSERT_TRUE(response.ok()) << ToString(response.error());
  EXPECT_EQ(response->body, "done");
}

}  // namespace
}  // namespace milink::azure
