#include "operator/election.h"

#include <optional>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/scripted_server.h"

namespace milink::app {
namespace {

using ::testing::HasSubstr;

class ElectionTest : public ::testing::Test {
 protected:
  void Make(const Options& options) {
    auto access = server_.Access();
    access.namespace_name = "own";
    auto dialer = kube::Dialer::Make(access, "t", clock_, Logger());
    ASSERT_TRUE(dialer.ok());
    election_.emplace(options, "host", *dialer, clock_, *random_, Logger(), metrics_,
                      [](const Error& /*why*/) {});
  }

  SystemClock clock_;
  std::unique_ptr<Random> random_ = MakeSystemRandom();
  runtime::Metrics metrics_;
  // It never answers.
  fakes::ScriptedServer server_{
      [](const auto& /*request*/, fakes::ScriptedAnswer& answer) { answer.WaitForClose(); }};
  std::optional<Election> election_;
};

TEST_F(ElectionTest, TheLeaseIsInOurOwnNamespaceUnlessToldOtherwise) {
  Make({});
  EXPECT_EQ(election_->lease(), (ObjectKey{"own", "milink-operator"}));
  Options options;
  options.election.namespace_name = "told";
  options.election.name = "other";
  options.scope.shard = "blue";
  Make(options);
  EXPECT_EQ(election_->lease(), (ObjectKey{"told", "other-blue"}));
}

TEST_F(ElectionTest, ACandidateStandsByAndMayChangeNothing) {
  Make({});
  EXPECT_FALSE(election_->elector().leading());
  EXPECT_FALSE(election_->elector().fence().Check().ok());
  EXPECT_THAT(metrics_.Serialize(),
              HasSubstr("leader_election_master_status{name=\"milink-operator\"} 0\n"));
}

TEST_F(ElectionTest, ARequestUnderWayDoesNotHoldUpTheEnd) {
  Make({});
  election_->elector().Start();
  while (server_.Requests().empty()) std::this_thread::yield();
  EXPECT_THAT(server_.Requests().front().target, HasSubstr("/namespaces/own/leases/"));
  const auto began = clock_.Monotonic();
  election_.reset();
  EXPECT_LT(clock_.Monotonic() - began, std::chrono::seconds(3)) << "its limit is longer";
}

}  // namespace
}  // namespace milink::app
