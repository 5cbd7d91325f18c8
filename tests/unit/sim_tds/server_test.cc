#include "tests/sim/tds/server.h"

#include <future>

#include <gtest/gtest.h>

#include "tests/sim/tds/testing/raw_client.h"
#include "tests/sim/tds/testing/scripted_executor.h"
#include "tests/unit/sim_tds/hex.h"

namespace milink::sim::tds {
namespace {

constexpr const char* kSelectOne =
    "81 0100 00000000 0800 38 00 | D1 01000000 | FD 1000 C100 0100000000000000";
constexpr const char* kAcknowledged = "FD 2000 0000 0000000000000000";

class ServerTest : public testing::Test {
 protected:
  // Made once: a key takes a tenth of a second.
  static const TlsIdentity& Identity() {
    static const TlsIdentity kIdentity = MakeSelfSigned("localhost").value();
    return kIdentity;
  }

  ServerTest() {
    executor_.On("select 1", Rows({{"", {.type = SqlType::kInt, .nullable = false}}},
                                  {{Value(std::int64_t{1})}}));
    executor_.On("wait", WaitsForCancel());
    server_ = TdsServer::Start(executor_, {.identity = Identity()}).value();
  }
  void Use(const ListenerOptions& options) { server_->SetOptions(options); }
  void UseFaults(const ListenerFaults& faults) { Use({.faults = faults}); }
  RawClient Connect() const { return RawClient(server_->port()); }
  static bool LoggedIn(const std::optional<std::string>& reply) {
    return reply && !reply->empty() && reply->front() == '\xE3';
  }
  static std::string HexOf(const std::optional<std::string>& reply) {
    return reply ? Hex(*reply) : "closed";
  }

  ScriptedExecutor executor_;
  std::unique_ptr<TdsServer> server_;
};

TEST_F(ServerTest, ServesEveryScopeOfEncryption) {
  for (const Encryption encryption :
       {Encryption::kOff, Encryption::kOn, Encryption::kNotSupported, Encryption::kRequired}) {
    RawClient client = Connect();
    ASSERT_TRUE(LoggedIn(client.LogIn({}, encryption))) << static_cast<int>(encryption);
    EXPECT_EQ(HexOf(client.Run("select 1")), Plain(kSelectOne));
  }
  ASSERT_EQ(executor_.logins().size(), 4U);
  EXPECT_FALSE(executor_.logins()[0].encrypted) << "the login alone does not count";
  EXPECT_TRUE(executor_.logins()[1].encrypted);
  EXPECT_FALSE(executor_.logins()[2].encrypted);
  EXPECT_TRUE(executor_.logins()[3].encrypted);
}

TEST_F(ServerTest, ForcedEncryptionRefusesAClientWithoutTls) {
  Use({.encryption = ServerEncryption::kOn});
  RawClient plain = Connect();
  EXPECT_EQ(plain.Prelogin(Encryption::kNotSupported), Encryption::kRequired);
  EXPECT_EQ(plain.Receive(), std::nullopt);
  RawClient able = Connect();
  EXPECT_TRUE(LoggedIn(able.LogIn({}, Encryption::kOff)));
  EXPECT_TRUE(executor_.logins().back().encrypted);
}

TEST_F(ServerTest, WithoutTlsADemandingClientIsRefused) {
  Use({.encryption = ServerEncryption::kNoTls});
  RawClient demanding = Connect();
  EXPECT_EQ(demanding.Prelogin(Encryption::kOn), Encryption::kNotSupported);
  EXPECT_EQ(demanding.Receive(), std::nullopt);
  RawClient lenient = Connect();
  EXPECT_TRUE(LoggedIn(lenient.LogIn({}, Encryption::kOff)));
}

TEST_F(ServerTest, ServesTds8OnTheSamePort) {
  RawClient client = Connect();
  ASSERT_TRUE(client.StrictTls());
  ASSERT_TRUE(client.Prelogin(Encryption::kNotSupported));
  client.Send(PacketType::kLogin7, EncodeLogin7({}));
  ASSERT_TRUE(LoggedIn(client.Receive()));
  EXPECT_EQ(HexOf(client.Run("select 1")), Plain(kSelectOne));
  EXPECT_TRUE(executor_.logins().back().encrypted);
}

TEST_F(ServerTest, LoginReplyNamesDatabaseAndPacketSize) {
  RawClient client = Connect();
  const auto reply = client.LogIn({.packet_size = 8000}, Encryption::kOff);
  ASSERT_TRUE(reply);
  EXPECT_NE(Hex(*reply).find(Plain("E3 1300 04 04 3800300030003000 04 3400300039003600")),
            std::string::npos);
  EXPECT_NE(Hex(*reply).find(Plain("E3 0800 07 05 0904D00034 00")), std::string::npos);
  EXPECT_EQ(Hex(*reply).substr(reply->size() * 2 - 30),
            Plain("AE FF FD 0000 0000 0000000000000000"));
}

TEST_F(ServerTest, RefusesLogins) {
  struct Case {
    const char* name;
    RawLogin login;
    std::vector<std::uint32_t> errors;
  };
  const Case cases[] = {{"wrong password", {.password = "no"}, {18456}},
                        {"unknown database", {.database = "none"}, {4060, 18456}},
                        {"integrated security", {.integrated_security = true}, {18452}}};
  for (const Case& c : cases) {
    RawClient client = Connect();
    const auto reply = client.LogIn(c.login, Encryption::kOff);
    ASSERT_TRUE(reply) << c.name;
    std::size_t from = 0;
    for (const std::uint32_t number : c.errors) {
      from = reply->find(ByteWriter().U32(number).bytes(), from);
      EXPECT_NE(from, std::string::npos) << c.name << " lacks " << number;
    }
    EXPECT_EQ(Hex(*reply).substr(reply->size() * 2 - 26), Plain("FD 0200 0000 0000000000000000"));
    EXPECT_EQ(client.Receive(), std::nullopt) << c.name << ": closed";
  }
}

TEST_F(ServerTest, RefusesAMalformedLogin) {
  RawClient client = Connect();
  ASSERT_TRUE(client.Prelogin(Encryption::kNotSupported));
  client.Send(PacketType::kLogin7, "short");
  const auto reply = client.Receive();
  ASSERT_TRUE(reply);
  EXPECT_NE(reply->find(ByteWriter().U32(17832).bytes()), std::string::npos);
}

TEST_F(ServerTest, AcceptsAnAccessToken) {
  RawClient client = Connect();
  ASSERT_TRUE(
      LoggedIn(client.LogIn({.user = "", .password = "", .access_token = "jwt"}, Encryption::kOn)));
  EXPECT_EQ(executor_.logins().back().access_token, "jwt");
}

TEST_F(ServerTest, AttentionStopsTheRequestAndIsAcknowledgedApart) {
  RawClient client = Connect();
  ASSERT_TRUE(LoggedIn(client.LogIn({}, Encryption::kOn)));
  client.Send(PacketType::kSqlBatch, EncodeBatch("wait"));
  client.SendAttention();
  EXPECT_EQ(HexOf(client.Receive()), Plain("FD 0000 0000 0000000000000000"));
  EXPECT_EQ(HexOf(client.Receive()), Plain(kAcknowledged));
  EXPECT_EQ(HexOf(client.Run("select 1")), Plain(kSelectOne));
}

TEST_F(ServerTest, AttentionWhileIdleIsAcknowledgedToo) {
  RawClient client = Connect();
  ASSERT_TRUE(LoggedIn(client.LogIn({}, Encryption::kNotSupported)));
  client.SendAttention();
  EXPECT_EQ(HexOf(client.Receive()), Plain(kAcknowledged));
  EXPECT_EQ(HexOf(client.Run("select 1")), Plain(kSelectOne));
}

TEST_F(ServerTest, AFatalMessageEndsTheConnection) {
  executor_.On("die", Says({{.number = 596, .severity = 21, .text = "killed"}}));
  RawClient client = Connect();
  ASSERT_TRUE(LoggedIn(client.LogIn({}, Encryption::kOff)));
  EXPECT_TRUE(client.Run("die"));
  EXPECT_EQ(client.Receive(), std::nullopt);
}

TEST_F(ServerTest, HonoursTheFateOfTheConnection) {
  const auto with_fate = [](ConnectionFate fate) {
    return Sequence({Counts(1), [fate](const ScriptedRequest&) { return fate; }});
  };
  executor_.On("before", with_fate(ConnectionFate::kCloseBeforeReply));
  executor_.On("after", with_fate(ConnectionFate::kCloseAfterReply));
  RawClient before = Connect();
  ASSERT_TRUE(LoggedIn(before.LogIn({}, Encryption::kOff)));
  EXPECT_EQ(before.Run("before"), std::nullopt);
  RawClient after = Connect();
  ASSERT_TRUE(LoggedIn(after.LogIn({}, Encryption::kOff)));
  EXPECT_EQ(HexOf(after.Run("after")), Plain("FD 1000 0000 0100000000000000"));
  EXPECT_EQ(after.Receive(), std::nullopt);
  EXPECT_EQ(executor_.batches(), (std::vector<std::string>{"before", "after"}));
}

TEST_F(ServerTest, SplitsAndResizesWithoutChangingTheReply) {
  const std::string text(50'000, 'x');
  executor_.On("long", Rows({{"", {.type = SqlType::kNVarChar, .length = -1}}},
                            {{Value(text)}, {Value(text)}}));
  RawClient whole = Connect();
  ASSERT_TRUE(LoggedIn(whole.LogIn({}, Encryption::kOff)));
  const auto expected = whole.Run("long");
  ASSERT_TRUE(expected);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Use({.random_packet_size = true, .split_writes = true, .seed = seed});
    RawClient client = Connect();
    ASSERT_TRUE(LoggedIn(client.LogIn({}, Encryption::kOn)));
    EXPECT_EQ(client.Run("long"), expected) << "seed " << seed;
  }
}

TEST_F(ServerTest, RefusesConnectionsAndListensAgainOnTheSamePort) {
  UseFaults({.refuse = true});
  EXPECT_FALSE(Connect().connected());
  UseFaults({});
  RawClient client = Connect();
  EXPECT_TRUE(LoggedIn(client.LogIn({}, Encryption::kOff)));
}

TEST_F(ServerTest, ClosesAfterANumberOfBytes) {
  for (const std::uint64_t bytes : {0U, 10U, 60U, 300U}) {
    UseFaults({.close_after_bytes = bytes});
    RawClient client = Connect();
    EXPECT_EQ(client.LogIn({}, Encryption::kNotSupported), std::nullopt) << bytes;
  }
}

TEST_F(ServerTest, AnswersPreloginWithJunk) {
  UseFaults({.junk_prelogin = true});
  RawClient client = Connect();
  EXPECT_EQ(client.Prelogin(Encryption::kOff), std::nullopt);
}

TEST_F(ServerTest, StallsUntilTheClientIsCutOff) {
  for (const Stall place : {Stall::kPrelogin, Stall::kTls, Stall::kLogin}) {
    UseFaults({.stall = place});
    auto stalled = std::async(std::launch::async, [this] {
      RawClient client = Connect();
      return client.LogIn({}, Encryption::kOn);
    });
    // The client cannot end by itself; cutting the connection is what frees it.
    while (stalled.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
      server_->DropConnections();
    }
    EXPECT_EQ(stalled.get(), std::nullopt);
  }
  EXPECT_TRUE(executor_.logins().empty()) << "none of them came to its login";
}

TEST_F(ServerTest, StallsInTheMiddleOfAReplyAfterTheRequestTookEffect) {
  RawClient client = Connect();
  ASSERT_TRUE(LoggedIn(client.LogIn({}, Encryption::kNotSupported)));
  UseFaults({.stall = Stall::kReply});
  client.Send(PacketType::kSqlBatch, EncodeBatch("select 1"));
  while (executor_.batches().empty()) {
    std::this_thread::yield();
  }
  server_->DropConnections();
  EXPECT_EQ(client.Receive(), std::nullopt);
}

TEST_F(ServerTest, IgnoresAnAttentionWhenTold) {
  RawClient client = Connect();
  ASSERT_TRUE(LoggedIn(client.LogIn({}, Encryption::kNotSupported)));
  UseFaults({.ignore_attention = true});
  client.SendAttention();
  EXPECT_EQ(HexOf(client.Run("select 1")), Plain(kSelectOne)) << "no acknowledgement before it";
}

TEST_F(ServerTest, StopEndsWaitingConnections) {
  RawClient busy = Connect();
  ASSERT_TRUE(LoggedIn(busy.LogIn({}, Encryption::kOff)));
  busy.Send(PacketType::kSqlBatch, EncodeBatch("wait"));
  const RawClient silent = Connect();
  server_->Stop();
  server_->Stop();
  EXPECT_EQ(busy.Receive(), std::nullopt);
  EXPECT_FALSE(Connect().connected());
  EXPECT_EQ(server_->open_connections(), 0);
}

TEST_F(ServerTest, ALeavingClientCancelsItsRequest) {
  std::promise<void> cancelled;
  executor_.On("notice", Sequence({WaitsForCancel(), [&](const ScriptedRequest&) {
                                     cancelled.set_value();
                                     return ConnectionFate::kKeep;
                                   }}));
  {
    RawClient client = Connect();
    ASSERT_TRUE(LoggedIn(client.LogIn({}, Encryption::kOff)));
    client.Send(PacketType::kSqlBatch, EncodeBatch("notice"));
  }
  cancelled.get_future().wait();
}

TEST_F(ServerTest, ServesManyClientsAtOnce) {
  constexpr int kClients = 16;
  std::vector<std::future<bool>> clients;
  clients.reserve(kClients);
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(std::async(std::launch::async, [this, i] {
      RawClient client = Connect();
      bool fine = LoggedIn(client.LogIn({}, i % 2 == 0 ? Encryption::kOff : Encryption::kOn));
      for (int k = 0; k < 20; ++k) {
        fine = fine && HexOf(client.Run("select 1")) == Plain(kSelectOne);
      }
      return fine;
    }));
  }
  for (std::future<bool>& client : clients) {
    EXPECT_TRUE(client.get());
  }
}

TEST_F(ServerTest, TakesAnotherCertificateWhileRunning) {
  const TlsIdentity other = MakeSelfSigned("other").value();
  EXPECT_FALSE(server_->SetIdentity({.certificate_pem = "", .key_pem = ""}).ok());
  EXPECT_EQ(server_->certificate_pem(), Identity().certificate_pem);
  ASSERT_TRUE(server_->SetIdentity(other).ok());
  EXPECT_EQ(server_->certificate_pem(), other.certificate_pem);
  RawClient client = Connect();
  EXPECT_TRUE(LoggedIn(client.LogIn({}, Encryption::kOn)));
}

TEST(TdsServer, RefusesAnAddressThatIsNone) {
  ScriptedExecutor executor;
  EXPECT_FALSE(TdsServer::Start(executor, {.address = "nowhere"}).ok());
}

}  // namespace
}  // namespace milink::sim::tds
