#include "controllers/link/network_runs.h"

#include <map>

#include <gmock/gmock.h>

#include "controllers/link/reasons.h"
#include "core/base/digest.h"
#include "tests/unit/link/rig.h"

namespace milink::link {
namespace {

using ::testing::HasSubstr;

class FakeDirectProbe final : public sql::DirectProbe {
 public:
  void Start(const std::string& id, std::vector<sql::NetworkTarget> targets) override {
    running[id] = std::move(targets);
  }
  sql::Pending<std::vector<sql::NetworkTrial>> Take(const std::string& id) override {
    if (!outcome.has_value()) return {running.contains(id), std::nullopt};
    running.erase(id);
    return {false, std::exchange(outcome, std::nullopt)};
  }

  std::map<std::string, std::vector<sql::NetworkTarget>> running;
  std::optional<std::vector<sql::NetworkTrial>> outcome;
};

class NetworkRunsTest : public testing::Test {
 protected:
  NetworkRunsTest() {
    link_.spec.managed_instance.sql_credentials_secret = "mi-login";
    seen_.link = std::make_shared<const api::ManagedInstanceLink>(link_);
    seen_.replica = std::make_shared<const api::SqlServerReplica>(gen::Replica());
    seen_.instance = std::make_shared<const azure::ManagedInstanceSnapshot>(gen::Instance());
    systems_.direct = direct_;
  }
  void Begin(NetworkProbe probe, std::vector<sql::NetworkTarget> targets = {}) {
    BeginNetworkProbe(systems_, seen_,
                      {probe, !NetworkPart(probe).has_value(), "", std::move(targets), "/subnet"},
                      OkStatus);
  }
  std::optional<NetworkOutcome> NetworkPart(NetworkProbe probe) {
    const auto run = systems_.network->Get(NetworkPairOf(link_));
    const auto* part = run.has_value() ? run->Find(probe) : nullptr;
    return part == nullptr ? std::nullopt : std::optional(*part);
  }
  std::string ErrorOf(NetworkProbe probe) {
    const auto part = NetworkPart(probe);
    return part.has_value() && part->error.has_value() ? part->error->reason : "none";
  }
  std::string LongId(const std::string& probe) {
    return "network/" + probe + "/" + Sha256Hex(NetworkPairOf(link_)).substr(0, 12);
  }
  // The part was begun; its batch ends like this.
  NetworkOutcome EndedWith(NetworkProbe probe, Result<sql::SqlReply> outcome) {
    rig_.hub.FinishLong(rig_.hub.LongCalls().back().replica, LongId(ToString(probe)),
                        std::move(outcome));
    FollowNetworkTest(systems_, link_);
    return NetworkPart(probe).value_or(NetworkOutcome());
  }
  static sql::SqlReply Told(const char* state) {
    sql::SqlReply reply;
    reply.sets = {{{"network_job_state"}, {{state}}}};
    return reply;
  }
  static std::string JobNameIn(const std::string& text) {
    return text.substr(text.find("N'milink-network-test-"), 40);
  }
  void GiveLogin(std::map<std::string, std::string> more = {}) {
    more.insert({{"username", "milink"}, {"password", "canary-password"}});
    rig_.objects.PutSecret({"shop", "mi-login"}, more);
  }

  gen::Rig rig_{{"sales"}};
  std::shared_ptr<FakeDirectProbe> direct_ = std::make_shared<FakeDirectProbe>();
  LinkSystems systems_{rig_.directory, rig_.objects,   rig_.events, rig_.hub,
                       rig_.api,       rig_.instances, rig_.clock,  *rig_.random};
  api::ManagedInstanceLink link_ = gen::Link({"sales"});
  Observation seen_;
};

TEST_F(NetworkRunsTest, AJobRunsOnSqlServerAndItsOutcomeIsTakenOnce) {
  Begin(NetworkProbe::kToInstance, {{"mi.x.net", 5022}});
  ASSERT_EQ(rig_.hub.LongCalls().size(), 1U);
  const auto call = rig_.hub.LongCalls().front();
  EXPECT_EQ(call.replica, ReplicaOf(link_));
  EXPECT_THAT(call.text, HasSubstr("N'milink-network-test-"));
  Begin(NetworkProbe::kToInstance);
  EXPECT_EQ(rig_.hub.LongCalls().size(), 1U);
  FollowNetworkTest(systems_, link_);
  EXPECT_TRUE(NetworkPart(NetworkProbe::kToInstance)->running);

  sql::SqlReply reply;
  reply.sets = {{{"network_job_state"}, {{"AgentStopped"}}}};
  const std::string id = "network/ToInstance/" + Sha256Hex(NetworkPairOf(link_)).substr(0, 12);
  rig_.hub.FinishLong(ReplicaOf(link_), id, reply);
  FollowNetworkTest(systems_, link_);
  const auto part = NetworkPart(NetworkProbe::kToInstance);
  EXPECT_FALSE(part->running);
  EXPECT_EQ(part->job.state, sql::NetworkJobState::kAgentStopped);
}

TEST_F(NetworkRunsTest, TheInstanceIsDialledByItsNameUnlessTheSecretSaysOtherwise) {
  const auto dialled = [&]() {
    const auto calls = rig_.hub.LongCalls();
    return *rig_.hub.Target(calls.back().replica);
  };
  GiveLogin();
  Begin(NetworkProbe::kNode);
  EXPECT_EQ(dialled().host, gen::kFqdn);
  EXPECT_EQ(dialled().port, 1433);
  EXPECT_FALSE(dialled().ca_pem.has_value());
  GiveLogin({{"host", "mi.public.x.net"}, {"port", "3342"}, {"ca.crt", "pem"}});
  Begin(NetworkProbe::kToSqlServer, {{"10.0.0.4", 5022}});
  EXPECT_EQ(dialled().host, "mi.public.x.net");
  EXPECT_EQ(dialled().port, 3342);
  EXPECT_EQ(dialled().ca_pem, "pem");
}

TEST_F(NetworkRunsTest, WhatIsWrongWithTheSecretIsTheOutcome) {
  Begin(NetworkProbe::kNode);
  EXPECT_EQ(ErrorOf(NetworkProbe::kNode), reason::kSecretNotFound);
  GiveLogin({{"port", "x"}});
  Begin(NetworkProbe::kToSqlServer, {{"10.0.0.4", 5022}});
  EXPECT_EQ(ErrorOf(NetworkProbe::kToSqlServer), reason::kSecretKeyMissing);
  EXPECT_TRUE(rig_.hub.LongCalls().empty());
}

TEST_F(NetworkRunsTest, ThePasswordIsForgottenWhenTheTestEnds) {
  GiveLogin();
  Begin(NetworkProbe::kNode);
  const ObjectKey key = rig_.hub.LongCalls().front().replica;
  rig_.hub.FinishLong(key, "network/Node/" + Sha256Hex(NetworkPairOf(link_)).substr(0, 12),
                      Error{ErrorKind::kUnauthorized, "LoginFailed", "refused", ""});
  FollowNetworkTest(systems_, link_);
  EXPECT_EQ(ErrorOf(NetworkProbe::kNode), "LoginFailed");
  EXPECT_FALSE(rig_.hub.Target(key).has_value());
}

TEST_F(NetworkRunsTest, ABatchThatWasCutOffMayHaveLeftItsJob) {
  const Error timeout{ErrorKind::kTransient, "Timeout", "the statement timed out", ""};
  const Error refused{ErrorKind::kUnauthorized, "LoginFailed", "refused", ""};
  GiveLogin();
  Begin(NetworkProbe::kToInstance, {{"mi.x.net", 5022}});
  EXPECT_TRUE(EndedWith(NetworkProbe::kToInstance, timeout).job_may_stay);
  Begin(NetworkProbe::kToSqlServer, {{"10.0.0.4", 5022}});
  EXPECT_FALSE(EndedWith(NetworkProbe::kToSqlServer, refused).job_may_stay);
  Begin(NetworkProbe::kNode);
  EXPECT_FALSE(EndedWith(NetworkProbe::kNode, timeout).job_may_stay);
  Begin(NetworkProbe::kRemoveFromSqlServer);
  EXPECT_FALSE(EndedWith(NetworkProbe::kRemoveFromSqlServer, timeout).job_may_stay);
}

TEST_F(NetworkRunsTest, ABatchThatEndedHasLeftNothing) {
  Begin(NetworkProbe::kToInstance, {{"mi.x.net", 5022}});
  const auto part = EndedWith(NetworkProbe::kToInstance, Told("Finished"));
  EXPECT_FALSE(part.error.has_value());
  EXPECT_FALSE(part.job_may_stay);
}

TEST_F(NetworkRunsTest, ARemovalNamesTheJobThatATestMakes) {
  GiveLogin();
  Begin(NetworkProbe::kToInstance, {{"mi.x.net", 5022}});
  Begin(NetworkProbe::kToSqlServer, {{"10.0.0.4", 5022}});
  Begin(NetworkProbe::kRemoveFromSqlServer);
  Begin(NetworkProbe::kRemoveFromInstance);
  const auto calls = rig_.hub.LongCalls();
  ASSERT_EQ(calls.size(), 4U);
  for (std::size_t test = 0; test < 2; ++test) {
    const auto& removal = calls[test + 2];
    EXPECT_EQ(removal.replica, calls[test].replica);
    EXPECT_EQ(JobNameIn(removal.text), JobNameIn(calls[test].text));
    EXPECT_EQ(removal.text.find("sp_add_job"), std::string::npos);
  }
}

TEST_F(NetworkRunsTest, ATestIsGivenUpByARemovalThatBeginsAnew) {
  Begin(NetworkProbe::kToInstance, {{"mi.x.net", 5022}});
  const auto given_up = [&] { return systems_.network->Get(NetworkPairOf(link_))->given_up; };
  BeginNetworkProbe(systems_, seen_, {NetworkProbe::kRemoveFromInstance, false, "", {}, ""},
                    OkStatus);
  EXPECT_FALSE(given_up());
  BeginNetworkProbe(systems_, seen_, {NetworkProbe::kRemoveFromSqlServer, true, "", {}, ""},
                    OkStatus);
  EXPECT_TRUE(given_up());
  EXPECT_TRUE(NetworkPart(NetworkProbe::kToInstance)->running);
}

TEST_F(NetworkRunsTest, TheOutcomeOfAnEarlierTestIsNotTakenForThisOnes) {
  Begin(NetworkProbe::kToInstance, {{"mi.x.net", 5022}});
  rig_.hub.FinishLong(ReplicaOf(link_), LongId("ToInstance"), Told("TimedOut"));
  BeginNetworkProbe(systems_, seen_,
                    {NetworkProbe::kToInstance, true, "", {{"mi.x.net", 5022}}, ""}, OkStatus);
  EXPECT_EQ(rig_.hub.LongCalls().size(), 2U);
  FollowNetworkTest(systems_, link_);
  EXPECT_TRUE(NetworkPart(NetworkProbe::kToInstance)->running);
}

TEST_F(NetworkRunsTest, WithoutItsLinkATestLeavesNoLogin) {
  GiveLogin();
  Begin(NetworkProbe::kToSqlServer, {{"10.0.0.4", 5022}});
  const ObjectKey key = rig_.hub.LongCalls().front().replica;
  // Cut off, the batch would leave its job on the instance.
  EXPECT_FALSE(AbandonNetworkTests(systems_, link_.meta.key));
  EXPECT_TRUE(rig_.hub.Target(key).has_value());
  rig_.hub.FinishLong(key, LongId("ToSqlServer"), Told("Finished"));
  EXPECT_TRUE(AbandonNetworkTests(systems_, {"shop", "another"}));
  EXPECT_TRUE(rig_.hub.Target(key).has_value());
  EXPECT_TRUE(AbandonNetworkTests(systems_, link_.meta.key));
  EXPECT_FALSE(rig_.hub.Target(key).has_value());
  EXPECT_FALSE(systems_.network->Get(NetworkPairOf(link_)).has_value());
}

TEST_F(NetworkRunsTest, OtherCredentialsEndTheTestThatRan) {
  GiveLogin();
  Begin(NetworkProbe::kNode);
  const ObjectKey key = rig_.hub.LongCalls().front().replica;
  rig_.hub.FinishLong(key, LongId("Node"), sql::SqlReply{});
  link_.status.network_test = api::ManagedInstanceLinkStatus::NetworkTest{"Running", "", "", ""};
  link_.spec.managed_instance.sql_credentials_secret = "other-login";
  FollowNetworkTest(systems_, link_);
  EXPECT_FALSE(rig_.hub.Target(key).has_value());
}

TEST_F(NetworkRunsTest, TheOperatorTriesWhereSqlServerCannot) {
  Begin(NetworkProbe::kDirect, {{"mi.x.net", 5022}});
  ASSERT_EQ(direct_->running.size(), 1U);
  FollowNetworkTest(systems_, link_);
  EXPECT_TRUE(NetworkPart(NetworkProbe::kDirect)->running);
  direct_->outcome = {{true, "10.0.1.4"}};
  FollowNetworkTest(systems_, link_);
  EXPECT_EQ(NetworkPart(NetworkProbe::kDirect)->job.trials.at(0).connected, true);
}

TEST_F(NetworkRunsTest, RulesAreReadAtOnceAndAMissingRightIsTheOutcome) {
  rig_.api.subnet = {{"10.0.1.0/24"}, "/nsg"};
  rig_.api.security_group.name = "nsg1";
  Begin(NetworkProbe::kRules);
  EXPECT_EQ(NetworkPart(NetworkProbe::kRules)->group->name, "nsg1");
  rig_.api.fail_below = Error{ErrorKind::kUnauthorized, "AuthorizationFailed", "no", ""};
  BeginNetworkProbe(systems_, seen_, {NetworkProbe::kRules, true, "", {}, "/subnet"}, OkStatus);
  EXPECT_EQ(ErrorOf(NetworkProbe::kRules), "AuthorizationFailed");
}

TEST_F(NetworkRunsTest, ATestThatWasInterruptedDoesNotRunForEver) {
  Begin(NetworkProbe::kDirect, {{"mi.x.net", 5022}});
  direct_->running.clear();
  FollowNetworkTest(systems_, link_);
  EXPECT_EQ(ErrorOf(NetworkProbe::kDirect), reason::kFailed);
}

}  // namespace
}  // namespace milink::link
