// The token of a ServiceAccount is replaced, as the kubelet does it, and the old one dies.
#include <fstream>

#include <gmock/gmock.h>

#include "core/base/text.h"
#include "tests/integration/engine/engine_test.h"

namespace milink::test {
namespace {

class TokenRotation : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    Kubectl({"create", "serviceaccount", "keeper"});
    Kubectl({"create", "role", "keeper", "--verb=get,list,watch,patch",
             "--resource=widgets.test.milink.dev,widgets.test.milink.dev/status"});
    Kubectl({"create", "rolebinding", "keeper", "--role=keeper",
             "--serviceaccount=" + namespace_ + ":keeper"});
  }

  std::string Kubectl(std::vector<std::string> args) {
    args.insert(args.begin(), {"-n", namespace_});
    const auto output = env_->Kubectl(args);
    EXPECT_TRUE(output.ok()) << output.err;
    return std::string(Trim(output.out));
  }

  // A token that lives as long as the Secret of this name.
  std::string TokenBoundTo(const std::string& secret) {
    Kubectl({"create", "secret", "generic", secret});
    return Kubectl({"create", "token", "keeper", "--bound-object-kind=Secret",
                    "--bound-object-name=" + secret});
  }

  // As the kubelet does: the new file takes the old one's place.
  void WriteToken(const std::string& token) {
    std::ofstream(token_file() + ".new") << token;
    std::filesystem::rename(token_file() + ".new", token_file());
  }

  std::string token_file() const { return env_->directory() / (namespace_ + ".token"); }

  kube::ClusterAccess AccountAccess() const {
    kube::ClusterAccess access;
    access.server = AdminAccess().server;
    access.ca_pem = AdminAccess().ca_pem;
    return access;
  }

  bool Accepted(const std::string& token) {
    auto access = AccountAccess();
    access.token = Secret(token);
    auto dialer = kube::Dialer::Make(access, "milink-operator/test", clock_, Logger());
    kube::HttpTransport transport(*dialer, clock_, Logger());
    kube::Client client(transport);
    const auto list = client.ListAll(kWidgetType, {.namespace_name = namespace_});
    EXPECT_TRUE(list.ok() || list.error().kind == ErrorKind::kUnauthorized)
        << ToString(list.error());
    return list.ok();
  }
};

TEST_F(TokenRotation, RequestsAndWatchesGoOnWithTheNewToken) {
  const std::string old_token = TokenBoundTo("old");
  const std::string new_token = TokenBoundTo("new");
  WriteToken(old_token);
  TcpRelay relay(ServerPort());
  auto access = Through(relay, AccountAccess());
  access.token_file = token_file();
  Keeper keeper(access, namespace_);
  ASSERT_TRUE(keeper.Start(kPatience));
  CreateWidget("before");
  ASSERT_TRUE(EventuallySettled(keeper));

  Kubectl({"delete", "secret", "old"});
  ASSERT_TRUE(Eventually([&] { return !Accepted(old_token); })) << "the old token still works";
  // Whoever rotates it is in the middle of writing.
  WriteToken("");
  relay.CutAll();
  ASSERT_TRUE(Eventually([&] { return keeper.WatchFailures("Unauthorized") > 0; }));

  WriteToken(new_token);
  CreateWidget("after");
  ASSERT_TRUE(EventuallySettled(keeper));
  EXPECT_EQ(keeper.widgets().size(), 2U);
}

}  // namespace
}  // namespace milink::test
