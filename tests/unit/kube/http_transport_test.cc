// The transport and its connection against a scripted HTTPS server.
#include "core/kube/http_transport.h"

#include <atomic>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/kube/api_status.h"
#include "core/kube/user_agent.h"
#include "tests/fakes/connect_proxy.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/log_collector.h"
#include "tests/fakes/scripted_server.h"
#include "tests/unit/kube/temp_folder.h"

namespace milink::kube {
namespace {

using fakes::ScriptedAnswer;
using fakes::ScriptedRequest;
using fakes::ScriptedServer;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kPlenty = seconds(30);

class TransportTest : public testing::Test {
 protected:
  std::unique_ptr<HttpTransport> Connect(const ClusterAccess& access,
                                         TransportOptions options = {}) {
    auto dialer = Dialer::Make(access, "milink-operator/test", clock_, Logger());
    EXPECT_TRUE(dialer.ok());
    return std::make_unique<HttpTransport>(*dialer, clock_, Logger(), options);
  }
  static HttpRequest Get(const std::string& target = "/x") {
    return {HttpMethod::kGet, target, "", "", kPlenty};
  }
  static HttpRequest Post() { return {HttpMethod::kPost, "/x", "{}", "application/json", kPlenty}; }

  SystemClock clock_;
};

void AnswerOk(const ScriptedRequest& /*request*/, ScriptedAnswer& answer) {
  answer.Respond(200, "{}", {"X-Test: yes"});
}

TEST_F(TransportTest, SendsARequestAndReadsTheAnswer) {
  ScriptedServer server(AnswerOk);
  auto access = server.Access();
  access.token = Secret("t0ken");
  const auto response = Connect(access)->Send(Post());
  ASSERT_TRUE(response.ok()) << ToString(response.error());
  EXPECT_EQ(response->head.status, 200);
  EXPECT_EQ(response->head.headers.at("x-test"), "yes");
  EXPECT_EQ(response->body, "{}");
  const ScriptedRequest seen = server.Requests().at(0);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.body, "{}");
  EXPECT_EQ(seen.headers.at("authorization"), "Bearer t0ken");
  EXPECT_EQ(seen.headers.at("user-agent"), UserAgent("milink-operator/test"));
  EXPECT_EQ(seen.headers.at("accept-encoding"), "identity");
  EXPECT_EQ(seen.headers.at("host"), "127.0.0.1:" + std::to_string(server.port()));
}

TEST_F(TransportTest, AnswersInChunksAreJoined) {
  ScriptedServer server([](const auto&, ScriptedAnswer& answer) {
    answer.Begin(200);
    answer.Chunk(std::string(100'000, 'a'));
    answer.Chunk("b");
    answer.Finish();
  });
  const auto response = Connect(server.Access())->Send(Get());
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->body, std::string(100'000, 'a') + "b");
}

TEST_F(TransportTest, AKeptConnectionIsUsedAgain) {
  ScriptedServer server(AnswerOk);
  const auto transport = Connect(server.Access());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(transport->Send(Get()).ok());
  }
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(transport->idle_connections(), 1U);
}

TEST_F(TransportTest, ThePoolKeepsNoMoreThanItsLimit) {
  std::promise<void> all_here;
  std::atomic<int> waiting{0};
  const std::shared_future<void> go = all_here.get_future().share();
  ScriptedServer server([&](const auto&, ScriptedAnswer& answer) {
    if (++waiting == 4) {
      all_here.set_value();
    }
    go.wait();
    answer.Respond(200, "{}");
  });
  const auto transport = Connect(server.Access(), {.max_idle = 2});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(transport->Send(Get()).ok()); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(server.connections(), 4);
  EXPECT_EQ(transport->idle_connections(), 2U);
}

struct TrustCase {
  const char* name;
  std::string names_in_certificate;
  std::string server_name;  // tls-server-name
  bool accepted;
};

class TrustTest : public TransportTest, public testing::WithParamInterface<TrustCase> {};

TEST_P(TrustTest, TheCertificateMustNameTheServer) {
  ScriptedServer server(AnswerOk, GetParam().names_in_certificate);
  auto access = server.Access();
  access.tls_server_name = GetParam().server_name;
  const auto response = Connect(access)->Send(Get());
  EXPECT_EQ(response.ok(), GetParam().accepted);
  if (!response.ok()) {
    EXPECT_EQ(response.error().reason, kTlsFailed);
    EXPECT_TRUE(server.Requests().empty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, TrustTest,
    testing::Values(TrustCase{"AddressInTheCertificate", "IP:127.0.0.1", "", true},
                    TrustCase{"AnotherAddress", "IP:127.0.0.2", "", false},
                    TrustCase{"AddressWrittenAsDnsName", "DNS:127.0.0.1", "", false},
                    TrustCase{"ServerNameInTheCertificate", "DNS:api.test", "api.test", true},
                    TrustCase{"ServerNameNotInTheCertificate", "IP:127.0.0.1", "api.test", false}),
    [](const auto& test) { return test.param.name; });

TEST_F(TransportTest, AnotherAuthorityIsNotTrusted) {
  ScriptedServer server(AnswerOk);
  auto access = server.Access();
  access.ca_pem = fakes::MakeTestCertificates("IP:127.0.0.1").ca_pem;
  const auto response = Connect(access)->Send(Get());
  EXPECT_EQ(response.error().reason, kTlsFailed);
  EXPECT_THAT(response.error().message, testing::HasSubstr("not accepted"));
}

TEST_F(TransportTest, WithoutAnAuthorityTheSystemDecides) {
  ScriptedServer server(AnswerOk);
  auto access = server.Access();
  access.ca_pem.clear();
  EXPECT_EQ(Connect(access)->Send(Get()).error().reason, kTlsFailed);
  access.insecure_skip_tls_verify = true;
  EXPECT_TRUE(Connect(access)->Send(Get()).ok());
}

TEST_F(TransportTest, AClientCertificateIsShown) {
  ScriptedServer server(AnswerOk);
  auto access = server.Access();
  access.client_certificate_pem = server.certificates().client.certificate_pem;
  access.client_key_pem = Secret(server.certificates().client.key_pem);
  EXPECT_TRUE(Connect(access)->Send(Get()).ok());
  // The server verifies what it is shown, so one of another authority is refused.
  const auto foreign = fakes::MakeTestCertificates("IP:127.0.0.1").client;
  access.client_certificate_pem = foreign.certificate_pem;
  access.client_key_pem = Secret(foreign.key_pem);
  EXPECT_FALSE(Connect(access)->Send(Post()).ok());
}

TEST_F(TransportTest, AKeyThatDoesNotFitIsRefusedBeforeConnecting) {
  ClusterAccess access;
  access.server = "https://127.0.0.1:1";
  access.client_certificate_pem = "nonsense";
  access.client_key_pem = Secret("nonsense");
  EXPECT_EQ(Dialer::Make(access, "t", clock_, Logger()).error().reason, "TlsConfigInvalid");
}

TEST_F(TransportTest, K06NobodyListening) {
  ClusterAccess access;
  {
    const ScriptedServer gone(AnswerOk);
    access = gone.Access();
  }
  EXPECT_EQ(Connect(access)->Send(Post()).error().reason, kConnectionRefused);
}

TEST_F(TransportTest, K06AWriteWithoutAnAnswerIsNotSentAgain) {
  ScriptedServer server([](const auto&, ScriptedAnswer& answer) { answer.Cut(); });
  const auto response = Connect(server.Access())->Send(Post());
  EXPECT_EQ(response.error().reason, kOutcomeUnknown);
  EXPECT_EQ(server.Requests().size(), 1U);
}

TEST_F(TransportTest, K06AReadThatLostItsConnectionIsSentAgain) {
  ScriptedServer server([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    request.number == 1 ? answer.Cut() : answer.Respond(200, "{}");
  });
  EXPECT_TRUE(Connect(server.Access())->Send(Get()).ok());
  EXPECT_EQ(server.Requests().size(), 2U);
}

TEST_F(TransportTest, AKeptConnectionThatTheServerClosedCostsNothing) {
  std::promise<void> closed;
  ScriptedServer server([&](const ScriptedRequest& request, ScriptedAnswer& answer) {
    answer.Respond(200, "{}");
    if (request.number == 1) {
      answer.Cut();
      closed.set_value();
    }
  });
  const auto transport = Connect(server.Access());
  ASSERT_TRUE(transport->Send(Get()).ok());
  closed.get_future().wait();
  EXPECT_TRUE(transport->Send(Post()).ok());
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(TransportTest, K16ABodyCutShortLeavesTheOutcomeOfAWriteUnknown) {
  ScriptedServer server([](const auto&, ScriptedAnswer& answer) {
    answer.Begin(200);
    answer.Chunk("half");
    answer.Cut();
  });
  EXPECT_EQ(Connect(server.Access())->Send(Post()).error().reason, kOutcomeUnknown);
}

TEST_F(TransportTest, K03RetryAfterIsFollowedForWritesTooWithTheSameBody) {
  ScriptedServer server([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    request.number < 3 ? answer.Respond(429, "busy", {"Retry-After: 0"})
                       : answer.Respond(201, "{}");
  });
  const auto response = Connect(server.Access())->Send(Post());
  EXPECT_EQ(response->head.status, 201);
  ASSERT_EQ(server.Requests().size(), 3U);
  EXPECT_EQ(server.Requests().at(2).body, "{}");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(TransportTest, K03ATimeBeyondTheDeadlineIsHandedOn) {
  ScriptedServer server([](const auto&, ScriptedAnswer& answer) {
    answer.Respond(429, "busy", {"Retry-After: 31"});
  });
  const auto response = Connect(server.Access())->Send(Get());
  EXPECT_EQ(response->head.status, 429);
  EXPECT_EQ(response->head.headers.at("retry-after"), "31");
  EXPECT_EQ(server.Requests().size(), 1U);
}

class WithoutTimeTest : public TransportTest, public testing::WithParamInterface<int> {};

TEST_P(WithoutTimeTest, K04WithoutRetryAfterNothingIsSentAgain) {
  ScriptedServer server(
      [](const auto&, ScriptedAnswer& answer) { answer.Respond(GetParam(), "busy"); });
  const auto transport = Connect(server.Access());
  EXPECT_EQ(transport->Send(Get())->head.status, GetParam());
  EXPECT_EQ(transport->Send(Post())->head.status, GetParam());
  EXPECT_EQ(server.Requests().size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Codes, WithoutTimeTest, testing::Values(429, 500, 502, 503, 504));

TEST_F(TransportTest, K06AWriteThatNeverLeftIsNoUnknownOutcome) {
  ScriptedServer server(AnswerOk);
  const fakes::ConnectProxy proxy(server.port(), fakes::ConnectProxy::Manner::kCloseAtOnce);
  auto access = server.Access();
  access.proxy.emplace();
  access.proxy->host = "127.0.0.1";
  access.proxy->port = std::to_string(proxy.port());
  EXPECT_EQ(Connect(access)->Send(Post()).error().reason, kConnectionLost);
  EXPECT_EQ(proxy.Heads().size(), 1U);
  EXPECT_TRUE(server.Requests().empty());
}

TEST_F(TransportTest, K12AnAnswerWithoutEndIsCutOff) {
  ScriptedServer server([](const auto&, ScriptedAnswer& answer) {
    answer.Begin(200);
    for (int i = 0; i < 100 && !answer.Closed(); ++i) {
      answer.Chunk(std::string(1000, 'x'));
    }
    answer.WaitForClose();
  });
  const auto transport = Connect(server.Access(), {.max_body = 10'000});
  EXPECT_EQ(transport->Send(Get()).error().reason, kAnswerTooLarge);
  EXPECT_EQ(transport->idle_connections(), 0U);
  EXPECT_EQ(server.Requests().size(), 1U);
}

TEST_F(TransportTest, K12BytesThatAreNoHttpAreNotAskedForAgain) {
  ScriptedServer server([](const auto&, ScriptedAnswer& answer) { answer.Raw("hello\r\n\r\n"); });
  EXPECT_EQ(Connect(server.Access())->Send(Get()).error().reason, kAnswerGarbled);
  EXPECT_EQ(server.Requests().size(), 1U);
}

TEST_F(TransportTest, AFullPoolMakesRequestsWaitForAFreeConnection) {
  ScriptedServer server(AnswerOk);
  const auto transport = Connect(server.Access(), {.max_connections = 2});
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(transport->Send(Get()).ok());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(server.Requests().size(), 60U);
  EXPECT_LE(server.connections(), 2);
}

TEST_F(TransportTest, AFullPoolKeepsNobodyBeyondTheDeadline) {
  std::promise<void> arrived;
  ScriptedServer server([&](const auto&, ScriptedAnswer& answer) {
    arrived.set_value();
    answer.WaitForClose();
  });
  const auto transport = Connect(server.Access(), {.max_connections = 1});
  auto pending = std::async(std::launch::async, [&] { return transport->Send(Get()); });
  arrived.get_future().wait();
  HttpRequest hasty = Get();
  hasty.deadline = milliseconds(20);
  const auto refused = transport->Send(hasty);
  EXPECT_EQ(refused.error().reason, kTimeout);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("busy"));
  transport->Shutdown();
  EXPECT_EQ(pending.get().error().reason, kStopped);
}

TEST_F(TransportTest, ShutdownWakesWhoWaitsForAFreeConnection) {
  std::promise<void> arrived;
  ScriptedServer server([&](const auto&, ScriptedAnswer& answer) {
    arrived.set_value();
    answer.WaitForClose();
  });
  const auto transport = Connect(server.Access(), {.max_connections = 1});
  auto first = std::async(std::launch::async, [&] { return transport->Send(Get()); });
  arrived.get_future().wait();
  auto second = std::async(std::launch::async, [&] { return transport->Send(Get()); });
  transport->Shutdown();
  EXPECT_EQ(first.get().error().reason, kStopped);
  EXPECT_EQ(second.get().error().reason, kStopped);
}

// A clock that counts how often it is read.
class CountingClock final : public Clock {
 public:
  TimePoint Now() const override { return clock_.Now(); }
  MonotonicTime Monotonic() const override {
    ++reads_;
    return clock_.Monotonic();
  }
  int reads() const { return reads_; }

 private:
  SystemClock clock_;
  mutable std::atomic<int> reads_{0};
};

TEST_F(TransportTest, WhoWaitsForAFreeConnectionIsWokenThoughAnotherWaitsForRetryAfter) {
  std::promise<void> arrived;
  std::promise<void> answer_it;
  ScriptedServer server([&](const ScriptedRequest& request, ScriptedAnswer& answer) {
    if (request.target == "/busy") {
      answer.Respond(429, "busy", {"Retry-After: 20"});
      return;
    }
    if (request.target == "/held") {
      arrived.set_value();
      answer_it.get_future().wait();
    }
    answer.Respond(200, "{}");
  });
  const auto log = std::make_shared<fakes::LogCollector>();
  const CountingClock clock;
  auto dialer = Dialer::Make(server.Access(), "t", clock_, Logger());
  HttpTransport transport(*dialer, clock, Logger(log), {.max_connections = 1});
  const auto send = [&](const std::string& target) {
    return std::async(std::launch::async, [&, target] { return transport.Send(Get(target)); });
  };
  auto sleeping = send("/busy");
  while (log->Lines("Waiting before sending a request again").empty()) {
    std::this_thread::yield();
  }
  auto holding = send("/held");
  arrived.get_future().wait();
  const int reads = clock.reads();
  auto waiting = send("/x");
  // It reads the clock at its beginning and, under the lock, as it begins to wait.
  while (clock.reads() < reads + 2) {
    std::this_thread::yield();
  }
  EXPECT_EQ(transport.idle_connections(), 0U);  // takes the lock: it waits now
  answer_it.set_value();
  EXPECT_TRUE(holding.get().ok());
  EXPECT_TRUE(waiting.get().ok());
  transport.Shutdown();
  EXPECT_EQ(sleeping.get().error().reason, kStopped);
}

TEST_F(TransportTest, AnotherTransportHasItsOwnConnections) {
  ScriptedServer server(AnswerOk);
  const auto one = Connect(server.Access());
  const auto other = Connect(server.Access());
  ASSERT_TRUE(one->Send(Get()).ok());
  one->Shutdown();
  EXPECT_TRUE(other->Send(Get()).ok());
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(TransportTest, AnIdleConnectionIsGivenUpAfterFiftySeconds) {
  fakes::FakeClock clock;
  ScriptedServer server(AnswerOk);
  auto dialer = Dialer::Make(server.Access(), "t", clock, Logger());
  HttpTransport transport(*dialer, clock, Logger());
  ASSERT_TRUE(transport.Send(Get()).ok());
  clock.Step(seconds(49));
  ASSERT_TRUE(transport.Send(Get()).ok());
  EXPECT_EQ(server.connections(), 1);
  clock.Step(seconds(50));
  ASSERT_TRUE(transport.Send(Get()).ok());
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(TransportTest, K13ARefusedTokenIsTheCallersErrorAndTheNextRequestHasTheNewOne) {
  TempFolder folder;
  ScriptedServer server([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    answer.Respond(request.headers.at("authorization") == "Bearer new" ? 200 : 401, "{}");
  });
  auto access = server.Access();
  access.token_file = folder.Write("token", "old");
  const auto transport = Connect(access);
  EXPECT_EQ(transport->Send(Get())->head.status, 401);
  EXPECT_EQ(server.Requests().size(), 1U);
  folder.Write("token", "new");
  EXPECT_EQ(transport->Send(Get())->head.status, 200);
}

TEST_F(TransportTest, TheTenthAnswerIsTheLast) {
  ScriptedServer server(
      [](const auto&, ScriptedAnswer& answer) { answer.Respond(503, "busy", {"Retry-After: 0"}); });
  EXPECT_EQ(Connect(server.Access())->Send(Get())->head.status, 503);
  EXPECT_EQ(server.Requests().size(), 10U);
}

TEST_F(TransportTest, AConnectionThatTimedOutIsNotUsedAgain) {
  ScriptedServer server([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    request.target == "/silence" ? answer.WaitForClose() : answer.Respond(200, "{}");
  });
  const auto transport = Connect(server.Access());
  ASSERT_TRUE(transport->Send(Get()).ok());
  HttpRequest hasty = Get("/silence");
  hasty.deadline = milliseconds(50);
  EXPECT_EQ(transport->Send(hasty).error().reason, kTimeout);
  EXPECT_EQ(transport->idle_connections(), 0U);
  EXPECT_TRUE(transport->Send(Get()).ok());
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(TransportTest, WhatIsNotPermittedWhenTheConnectionIsReadyIsNotSent) {
  ScriptedServer server(AnswerOk);
  const auto transport = Connect(server.Access());
  auto refused = Post();
  int connections = -1;
  refused.permit = [&]() -> Status {
    connections = server.connections();
    return Error{ErrorKind::kConflict, "NotLeader", "closed"};
  };
  EXPECT_EQ(transport->Send(refused).error().reason, "NotLeader") << "not an unknown outcome";
  EXPECT_EQ(connections, 1) << "asked when nothing else takes time any more";
  ASSERT_TRUE(transport->Send(Get()).ok());
  EXPECT_EQ(transport->Send(refused).error().reason, "NotLeader") << "on a kept connection, too";
  EXPECT_EQ(server.Requests().size(), 1U);
  auto permitted = Post();
  permitted.permit = [] { return OkStatus(); };
  EXPECT_TRUE(transport->Send(permitted).ok());
}

TEST_F(TransportTest, ShutdownEndsARequestUnderWayAndRefusesNewOnes) {
  std::promise<void> arrived;
  ScriptedServer server([&](const auto&, ScriptedAnswer& answer) {
    arrived.set_value();
    answer.WaitForClose();
  });
  const auto transport = Connect(server.Access());
  auto pending = std::async(std::launch::async, [&] { return transport->Send(Post()); });
  arrived.get_future().wait();
  transport->Shutdown();
  EXPECT_EQ(pending.get().error().reason, kStopped);
  EXPECT_EQ(transport->Send(Get()).error().reason, kStopped);
}

TEST_F(TransportTest, ShutdownEndsAWaitForRetryAfter) {
  std::promise<void> arrived;
  ScriptedServer server([&](const auto&, ScriptedAnswer& answer) {
    answer.Respond(429, "busy", {"Retry-After: 20"});
    arrived.set_value();
  });
  const auto transport = Connect(server.Access());
  auto pending = std::async(std::launch::async, [&] { return transport->Send(Get()); });
  arrived.get_future().wait();
  transport->Shutdown();
  EXPECT_EQ(pending.get().error().reason, kStopped);
}

TEST_F(TransportTest, ManyThreadsShareOneTransport) {
  ScriptedServer server([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    answer.Respond(200, request.target);
  });
  const auto transport = Connect(server.Access());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string target = "/" + std::to_string(t) + "/" + std::to_string(i);
        EXPECT_EQ(transport->Send(Get(target))->body, target);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(server.Requests().size(), 100U);
  EXPECT_LE(server.connections(), 8);
}

}  // namespace
}  // namespace milink::kube
