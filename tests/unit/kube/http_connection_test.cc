// One connection at a time against scripted servers and proxies: limits, cuts, rotation.
#include "core/kube/http_connection.h"

#include <mutex>
#include <thread>

#include <gmock/gmock.h>

#include "core/kube/api_status.h"
#include "core/kube/dialer.h"
#include "core/kube/http_transport.h"
#include "tests/fakes/connect_proxy.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/scripted_server.h"
#include "tests/unit/kube/held_lookup.h"
#include "tests/unit/kube/temp_folder.h"

namespace milink::kube {
namespace {

using fakes::ConnectProxy;
using fakes::ScriptedAnswer;
using fakes::ScriptedRequest;
using fakes::ScriptedServer;
using std::chrono::milliseconds;
using testing::HasSubstr;

class NotingObserver final : public RequestObserver {
 public:
  void OnRequest(const RequestReport& report) override {
    const std::lock_guard lock(mutex_);
    reports_.push_back(report);
  }
  std::vector<RequestReport> Reports() const {
    const std::lock_guard lock(mutex_);
    return reports_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<RequestReport> reports_;
};

class HttpConnectionTest : public testing::Test {
 protected:
  void Dial(const ClusterAccess& access, ConnectionTimeouts timeouts = {},
            NameLookup look_up = LookUpName) {
    auto dialer = Dialer::Make(access, "milink-operator/test", clock_, Logger(), timeouts,
                               std::move(look_up));
    ASSERT_TRUE(dialer.ok()) << ToString(dialer.error());
    (*dialer)->Observe(observer_);
    connection_ = (*dialer)->Dial(loop_);
  }
  static ClusterAccess Through(const ConnectProxy& proxy, ClusterAccess access) {
    access.proxy.emplace();
    access.proxy->host = "127.0.0.1";
    access.proxy->port = std::to_string(proxy.port());
    return access;
  }

  // Until the head is there.
  Result<HttpHead> Head() {
    std::optional<Result<HttpHead>> out;
    connection_->Start({HttpMethod::kGet, "/x"}, [&](Result<HttpHead> head) { out = head; });
    loop_.RunWhileBusy();
    return *out;
  }
  // Up to the next part of the body; empty at its end.
  Result<std::string> Part() {
    std::optional<Result<std::string>> out;
    connection_->ReadSome([&](const Result<std::string_view>& bytes) {
      out = bytes.ok() ? Result<std::string>(std::string(*bytes)) : bytes.error();
    });
    loop_.RunWhileBusy();
    return *out;
  }
  // The whole body, or the error that cut it.
  Result<std::string> Body() {
    std::string all;
    while (true) {
      auto part = Part();
      if (!part.ok()) {
        return part.error();
      }
      if (part->empty()) {
        return all;
      }
      all += *part;
    }
  }

  fakes::FakeClock clock_;
  NotingObserver observer_;
  TempFolder folder_;
  IoLoop loop_;
  std::unique_ptr<HttpConnection> connection_;
};

void SayOk(const ScriptedRequest& /*request*/, ScriptedAnswer& answer) {
  answer.Respond(200, "{}");
}

TEST_F(HttpConnectionTest, RepeatedHeadersAreJoined) {
  const ScriptedServer server([](const auto&, ScriptedAnswer& answer) {
    answer.Respond(200, "{}", {"Warning: 299 - \"a\"", "Warning: 299 - \"b\""});
  });
  Dial(server.Access());
  EXPECT_EQ(Head()->headers.at("warning"), "299 - \"a\", 299 - \"b\"");
}

TEST_F(HttpConnectionTest, ImpersonationIsInEveryRequest) {
  ScriptedServer server(SayOk);
  auto access = server.Access();
  access.impersonate = {"jane", "u1", {"dev", "ops"}, {}};
  Dial(access);
  ASSERT_TRUE(Head().ok());
  const auto headers = server.Requests().at(0).headers;
  EXPECT_EQ(headers.at("impersonate-user"), "jane");
  EXPECT_EQ(headers.at("impersonate-uid"), "u1");
  EXPECT_EQ(headers.count("impersonate-group"), 1U);
}

// --- limits -----------------------------------------------------------------------------------

TEST_F(HttpConnectionTest, K07AServerThatNeverOpensTlsIsGivenUpInTime) {
  const ConnectProxy silent(1);  // it waits for a CONNECT which never comes
  ClusterAccess access;
  access.server = "https://127.0.0.1:" + std::to_string(silent.port());
  Dial(access, {.handshake = milliseconds(30)});
  const auto head = Head();
  EXPECT_EQ(head.error().reason, kTimeout);
  EXPECT_THAT(head.error().message, HasSubstr("TLS"));
  EXPECT_FALSE(connection_->request_sent());
  EXPECT_FALSE(connection_->reusable());
}

TEST_F(HttpConnectionTest, K07AProxyThatNeverAnswersIsGivenUpInTime) {
  const ScriptedServer server(SayOk);
  const ConnectProxy proxy(server.port(), ConnectProxy::Manner::kStaySilent);
  Dial(Through(proxy, server.Access()), {.connect = milliseconds(30)});
  EXPECT_EQ(Head().error().reason, kTimeout);
  EXPECT_FALSE(connection_->request_sent());
}

TEST_F(HttpConnectionTest, TheLimitsOfConnectingEndWithIt) {
  const ScriptedServer server([](const auto&, ScriptedAnswer& answer) {
    answer.Begin(200);
    answer.WaitForClose();
  });
  Dial(server.Access());
  ASSERT_TRUE(Head().ok()) << "a timer that is still armed would keep the loop busy";
}

// --- cuts -------------------------------------------------------------------------------------

struct CutCase {
  const char* name;
  std::function<void(ScriptedAnswer&)> script;
  bool has_head;
  std::string_view reason = kConnectionLost;
};

class CutTest : public HttpConnectionTest, public testing::WithParamInterface<CutCase> {};

TEST_P(CutTest, IsAnErrorAndNoCrash) {
  const ScriptedServer server(
      [](const ScriptedRequest&, ScriptedAnswer& answer) { GetParam().script(answer); });
  Dial(server.Access());
  const auto head = Head();
  ASSERT_EQ(head.ok(), GetParam().has_head);
  EXPECT_EQ((head.ok() ? Body().error() : head.error()).reason, GetParam().reason);
  EXPECT_TRUE(connection_->request_sent());
  EXPECT_FALSE(connection_->reusable());
}

INSTANTIATE_TEST_SUITE_P(
    Table, CutTest,
    testing::Values(
        CutCase{"K06CutAfterTheRequest", [](ScriptedAnswer& answer) { answer.Cut(); }, false},
        CutCase{"K06ResetAfterTheRequest", [](ScriptedAnswer& answer) { answer.Reset(); }, false},
        CutCase{"K06ResetInsideTheHead",
                [](ScriptedAnswer& answer) {
                  answer.Raw("HTTP/1.1 200 OK\r\nContent-");
                  answer.Cut();
                },
                false},
        CutCase{"K06CutAfterTheHead",
                [](ScriptedAnswer& answer) {
                  answer.Begin(200);
                  answer.Cut();
                },
                true},
        CutCase{"K06CutInsideAChunk",
                [](ScriptedAnswer& answer) {
                  answer.Begin(200);
                  answer.Raw("10\r\nabc");
                  answer.Cut();
                },
                true},
        CutCase{"K06CutInsideACharacter",
                [](ScriptedAnswer& answer) {
                  answer.Begin(200);
                  answer.Chunk("\"\xC3");
                  answer.Cut();
                },
                true},
        CutCase{"K12GarbageInsteadOfHttp",
                [](ScriptedAnswer& answer) { answer.Raw("220 mail.test ready\r\n\r\n"); }, false,
                kAnswerGarbled},
        CutCase{"K12HeadWithoutEnd",
                [](ScriptedAnswer& answer) {
                  answer.Raw("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'));
                  answer.WaitForClose();
                },
                false, kAnswerGarbled}),
    [](const auto& test) { return test.param.name; });

TEST_F(HttpConnectionTest, K06ClosedBeforeTheRequestIsSent) {
  ScriptedServer server(SayOk);
  const ConnectProxy proxy(server.port(), ConnectProxy::Manner::kCloseAtOnce);
  Dial(Through(proxy, server.Access()));
  EXPECT_EQ(Head().error().reason, kConnectionLost);
  EXPECT_FALSE(connection_->request_sent());
  EXPECT_TRUE(server.Requests().empty());
}

// --- proxies ----------------------------------------------------------------------------------

TEST_F(HttpConnectionTest, AProxyTunnelsToTheServerByItsName) {
  ScriptedServer server(SayOk, "DNS:api.test");
  const ConnectProxy proxy(server.port());
  auto access = Through(proxy, server.Access());
  access.server = "https://api.test:6443";  // only the proxy knows where that is
  access.proxy->authorization = Secret("Basic cHJveHk=");
  access.token = Secret("t0ken");
  Dial(access);
  const auto head = Head();
  ASSERT_TRUE(head.ok()) << ToString(head.error());
  const std::string asked = proxy.Heads().at(0);
  EXPECT_TRUE(asked.starts_with("CONNECT api.test:6443 HTTP/1.1\r\n")) << asked;
  EXPECT_THAT(asked, HasSubstr("Host: api.test:6443\r\n"));
  EXPECT_THAT(asked, HasSubstr("Proxy-Authorization: Basic cHJveHk=\r\n"));
  EXPECT_THAT(asked, HasSubstr("User-Agent: milink-operator/test"));
  EXPECT_THAT(asked, testing::Not(HasSubstr("t0ken")));
  const auto headers = server.Requests().at(0).headers;
  EXPECT_EQ(headers.at("authorization"), "Bearer t0ken");
  EXPECT_EQ(headers.count("proxy-authorization"), 0U);
}

TEST_F(HttpConnectionTest, AnIpv6ServerIsInBracketsForTheProxy) {
  const ScriptedServer server(SayOk, "IP:fd00::1");
  const ConnectProxy proxy(server.port());
  auto access = Through(proxy, server.Access());
  access.server = "https://[fd00::1]:6443";
  Dial(access);
  const auto head = Head();
  ASSERT_TRUE(head.ok()) << ToString(head.error());
  EXPECT_TRUE(proxy.Heads().at(0).starts_with("CONNECT [fd00::1]:6443 HTTP/1.1\r\n"));
}

TEST_F(HttpConnectionTest, AProxyThatRefusesIsNamedWithItsAnswerButNotItsPassword) {
  const ScriptedServer server(SayOk);
  const ConnectProxy proxy(server.port(), ConnectProxy::Manner::kCloseAtOnce,
                           "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  auto access = Through(proxy, server.Access());
  access.proxy->authorization = Secret("Basic czNjcmV0");
  Dial(access);
  const auto head = Head();
  EXPECT_EQ(head.error().reason, kProxyRefused);
  EXPECT_THAT(head.error().message, HasSubstr("407"));
  EXPECT_THAT(ToString(head.error()), testing::Not(HasSubstr("czNjcmV0")));
  EXPECT_FALSE(connection_->request_sent());
}

// --- names ------------------------------------------------------------------------------------

// A server with a name, which is looked up as long as the test wants.
class NameTest : public HttpConnectionTest {
 protected:
  ClusterAccess Access() const {
    auto access = server_.Access();
    access.server = "https://api.test:" + std::to_string(server_.port());
    return access;
  }
  std::shared_ptr<Dialer> MakeDialer() {
    return *Dialer::Make(Access(), "t", clock_, Logger(), {}, lookup_.Function());
  }

  const ScriptedServer server_{SayOk, "DNS:api.test"};
  HeldLookup lookup_{std::vector<std::string>{"127.0.0.1"}};
};

TEST_F(NameTest, TheLoopGoesOnWhileTheNameIsLookedUp) {
  Dial(Access(), {}, lookup_.Function());
  std::optional<Result<HttpHead>> head;
  connection_->Start({HttpMethod::kGet, "/x"}, [&](Result<HttpHead> result) { head = result; });
  loop_.Post([this] { lookup_.Release(); });
  loop_.RunWhileBusy();
  ASSERT_TRUE(head);
  EXPECT_TRUE(head->ok()) << ToString(head->error());
}

TEST_F(NameTest, TheDeadlineOfARequestHoldsWhileTheLookUpHangs) {
  Dial(Access(), {}, lookup_.Function());
  connection_->ExpireAfter(milliseconds(20));
  const auto head = Head();
  EXPECT_EQ(head.error().reason, kTimeout);
  EXPECT_THAT(head.error().message, HasSubstr("name"));
  EXPECT_FALSE(connection_->request_sent());
  EXPECT_FALSE(connection_->reusable());
}

TEST_F(NameTest, TheLimitOfConnectingHoldsWhileTheLookUpHangs) {
  Dial(Access(), {.connect = milliseconds(20)}, lookup_.Function());
  const auto head = Head();
  EXPECT_EQ(head.error().reason, kTimeout);
  EXPECT_THAT(head.error().message, HasSubstr("connect to"));
}

TEST_F(NameTest, AnAnswerThatComesTooLateIsDropped) {
  const auto dialer = MakeDialer();
  connection_ = dialer->Dial(loop_);
  connection_->ExpireAfter(milliseconds(20));
  EXPECT_FALSE(Head().ok());
  // Another one is told by the same look-up, after the first.
  const auto other = dialer->Dial(loop_);
  std::optional<Result<HttpHead>> head;
  other->Start({HttpMethod::kGet, "/x"}, [&](Result<HttpHead> result) { head = result; });
  lookup_.Release();
  loop_.RunWhileBusy();
  ASSERT_TRUE(head && head->ok());
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(NameTest, AConnectionAndItsLoopMayGoAwayWhileTheLookUpHangs) {
  const auto dialer = MakeDialer();
  {
    IoLoop loop;
    const auto connection = dialer->Dial(loop);
    connection->Start({HttpMethod::kGet, "/x"}, [](const auto&) { FAIL() << "called"; });
    lookup_.AwaitRunning(1);
  }
  lookup_.Release();
  lookup_.AwaitEnded(1);
}

TEST_F(NameTest, ConnectionsShareALookUp) {
  const auto dialer = MakeDialer();
  std::vector<std::unique_ptr<HttpConnection>> connections;
  int answers = 0;
  for (int i = 0; i < 3; ++i) {
    connections.push_back(dialer->Dial(loop_));
    connections.back()->Start({HttpMethod::kGet, "/x"},
                              [&](const Result<HttpHead>& head) { answers += head.ok() ? 1 : 0; });
  }
  EXPECT_THAT(lookup_.AwaitRunning(1), testing::ElementsAre("api.test"));
  lookup_.Release();
  loop_.RunWhileBusy();
  EXPECT_EQ(answers, 3);
  EXPECT_THAT(lookup_.AwaitEnded(1), testing::ElementsAre("api.test"));
}

TEST_F(NameTest, ANameWithoutAddressIsAConnectionThatFailed) {
  Dial(Access(), {}, [](const std::string& host) {
    return NameResult(
        Error{ErrorKind::kTransient, std::string(kConnectionLost), "no " + host, "why"});
  });
  const auto head = Head();
  EXPECT_EQ(head.error().reason, kConnectionLost);
  EXPECT_THAT(head.error().message, HasSubstr("resolve"));
  EXPECT_EQ(head.error().detail, "why");
  EXPECT_FALSE(connection_->request_sent());
}

TEST_F(NameTest, EachAddressOfTheNameIsTried) {
  Dial(Access(), {}, [](const std::string&) {
    return NameResult(
        std::vector<std::string>{"127.0.0.2", "127.0.0.1"});  // nobody is at the first
  });
  const auto head = Head();
  EXPECT_TRUE(head.ok()) << ToString(head.error());
}

// --- rotation ---------------------------------------------------------------------------------

class RotationTest : public HttpConnectionTest {
 protected:
  // As the client first, as `second` after Rotate: both of an authority that the server trusts.
  ClusterAccess AccessFromFiles(const ScriptedServer& server) {
    auto access = server.Access();
    access.client_certificate_pem = server.certificates().client.certificate_pem;
    access.client_key_pem = Secret(server.certificates().client.key_pem);
    access.client_certificate_file = folder_.Write("me.crt", access.client_certificate_pem);
    access.client_key_file = folder_.Write("me.key", server.certificates().client.key_pem);
    return access;
  }
  void Rotate(const fakes::KeyPair& second) {
    folder_.Write("me.crt", second.certificate_pem);
    folder_.Write("me.key", second.key_pem);
    clock_.Step(std::chrono::minutes(1));
  }
};

TEST_F(RotationTest, K13ANewClientCertificateMakesTheConnectionAnew) {
  ScriptedServer server(SayOk);
  Dial(AccessFromFiles(server));
  ASSERT_TRUE(Head().ok());
  ASSERT_TRUE(Body().ok());
  ASSERT_TRUE(Head().ok());
  ASSERT_TRUE(Body().ok());
  EXPECT_EQ(server.connections(), 1);
  Rotate(server.certificates().server);
  ASSERT_TRUE(connection_->reusable());
  ASSERT_TRUE(Head().ok());
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(RotationTest, K13AStreamEndsOnceOurCertificateChanged) {
  const ScriptedServer server([](const auto&, ScriptedAnswer& answer) {
    answer.Begin(200);
    answer.Chunk("one");
    answer.WaitForClose();
  });
  const auto access = AccessFromFiles(server);
  auto dialer = Dialer::Make(access, "t", clock_, Logger());
  connection_ = (*dialer)->Dial(loop_);
  ASSERT_TRUE(Head().ok());
  connection_->ExpireNever();
  EXPECT_EQ(*Part(), "one");
  Rotate(server.certificates().server);
  // Another request of the same Dialer notices the change.
  auto other = (*dialer)->Dial(loop_);
  std::swap(connection_, other);
  ASSERT_TRUE(Head().ok());
  std::swap(connection_, other);
  const auto end = Part();
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().reason, kConnectionLost);
}

TEST_F(HttpConnectionTest, K13ANewAuthorityIsTrustedByTheNextConnection) {
  ScriptedServer server(SayOk);
  auto access = server.Access();
  access.ca_pem = fakes::MakeTestCertificates("IP:127.0.0.1").ca_pem;
  access.ca_file = folder_.Write("ca.crt", access.ca_pem);
  auto dialer = Dialer::Make(access, "t", clock_, Logger());
  connection_ = (*dialer)->Dial(loop_);
  EXPECT_EQ(Head().error().reason, kTlsFailed);
  folder_.Write("ca.crt", server.certificates().ca_pem);
  clock_.Step(std::chrono::minutes(1));
  connection_ = (*dialer)->Dial(loop_);
  EXPECT_TRUE(Head().ok());
}

TEST_F(HttpConnectionTest, K13ATokenRefusedIsReadAgainForTheNextRequest) {
  ScriptedServer server([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    answer.Respond(request.headers.at("authorization") == "Bearer new" ? 200 : 401, "{}");
  });
  auto access = server.Access();
  access.token_file = folder_.Write("token", "old");
  Dial(access);
  EXPECT_EQ(Head()->status, 401);
  ASSERT_TRUE(Body().ok());
  folder_.Write("token", "new");
  EXPECT_EQ(Head()->status, 200);
}

TEST_F(HttpConnectionTest, WithoutCredentialsNothingIsSent) {
  ScriptedServer server(SayOk);
  auto access = server.Access();
  access.plugin.emplace();
  access.plugin->command = "/nonexistent/login";
  access.plugin->api_version = "client.authentication.k8s.io/v1";
  Dial(access);
  EXPECT_EQ(Head().error().reason, "ProgramMissing");
  EXPECT_FALSE(connection_->request_sent());
  EXPECT_EQ(server.connections(), 0);
}

// --- what is counted --------------------------------------------------------------------------

// Prints a token; its first run not before the file "go" is there.
class SlowPluginTest : public HttpConnectionTest {
 protected:
  ClusterAccess WithPlugin(ClusterAccess access) {
    access.plugin.emplace();
    access.plugin->command = folder_.Write(
        "login",
        "#!/bin/sh\n"
        "cd \"$(dirname \"$0\")\"\n"
        "if mkdir runs 2>/dev/null; then while [ ! -e go ]; do sleep 0.01; done; fi\n"
        "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",'\n"
        "echo '\"status\":{\"token\":\"printed\"}}'\n");
    std::filesystem::permissions(access.plugin->command, std::filesystem::perms::owner_all);
    access.plugin->api_version = "client.authentication.k8s.io/v1";
    access.plugin->interaction = PluginInteraction::kNever;
    return access;
  }
  bool Runs() const { return std::filesystem::exists(folder_.path() / "runs"); }
  void Finish() { folder_.Write("go", ""); }
};

TEST_F(SlowPluginTest, TheLoopGoesOnWhileThePluginRuns) {
  ScriptedServer server(SayOk);
  Dial(WithPlugin(server.Access()));
  std::optional<Result<HttpHead>> head;
  connection_->Start({HttpMethod::kGet, "/x"}, [&](Result<HttpHead> result) { head = result; });
  loop_.Post([this] { Finish(); });  // else the plugin never ends
  loop_.RunWhileBusy();
  ASSERT_TRUE(head && head->ok());
  EXPECT_EQ(server.Requests().at(0).headers.at("authorization"), "Bearer printed");
}

TEST_F(SlowPluginTest, TheDeadlineOfARequestHoldsForThePluginToo) {
  ScriptedServer server(SayOk);
  Dial(WithPlugin(server.Access()));
  connection_->ExpireAfter(milliseconds(20));
  const auto head = Head();
  EXPECT_EQ(head.error().reason, kTimeout);
  EXPECT_THAT(head.error().message, HasSubstr("plugin"));
  EXPECT_FALSE(connection_->request_sent());
  EXPECT_FALSE(connection_->reusable());
  Finish();
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(SlowPluginTest, AConnectionMayGoAwayBeforeThePluginEnds) {
  ScriptedServer server(SayOk);
  auto dialer = Dialer::Make(WithPlugin(server.Access()), "t", clock_, Logger());
  {
    IoLoop loop;
    const auto connection = (*dialer)->Dial(loop);
    connection->Start({HttpMethod::kGet, "/x"},
                      [](const Result<HttpHead>&) { ADD_FAILURE() << "nobody is called"; });
  }
  Finish();
  connection_ = (*dialer)->Dial(loop_);
  EXPECT_TRUE(Head().ok()) << "the same run serves the next one";
}

TEST_F(SlowPluginTest, AnotherDialerDoesNotWaitForIt) {
  ScriptedServer server(SayOk);
  const auto access = WithPlugin(server.Access());
  Dial(access);
  std::optional<Result<HttpHead>> head;
  connection_->Start({HttpMethod::kGet, "/x"}, [&](Result<HttpHead> result) { head = result; });
  while (!Runs()) {
    std::this_thread::yield();
  }
  auto lease = Dialer::Make(access, "t", clock_, Logger());
  HttpTransport transport(*lease, clock_, Logger());
  for (int renewal = 0; renewal < 3; ++renewal) {
    EXPECT_TRUE(transport.Send({HttpMethod::kPut, "/lease"}).ok());
  }
  EXPECT_FALSE(head) << "the others still wait";
  Finish();
  loop_.RunWhileBusy();
  EXPECT_TRUE(head && head->ok());
}

TEST_F(HttpConnectionTest, EveryExchangeIsReportedOnceWithItsCode) {
  ScriptedServer server([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    request.number == 1 ? answer.Respond(404, "{}") : answer.Cut();
  });
  Dial(server.Access());
  ASSERT_TRUE(Head().ok());
  ASSERT_TRUE(Body().ok());
  EXPECT_FALSE(Head().ok());
  const auto reports = observer_.Reports();
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].status, 404);
  EXPECT_EQ(reports[0].method, HttpMethod::kGet);
  EXPECT_EQ(reports[0].host, "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(reports[1].status, 0);
}

}  // namespace
}  // namespace milink::kube
