// The fake itself, seen through the client: it is only worth what it gets right.
#include "tests/fakes/hostile_api_server.h"

#include <gmock/gmock.h>

#include "core/kube/api_status.h"
#include "core/kube/client.h"
#include "core/kube/http_transport.h"
#include "tests/unit/kube/widgets.h"

namespace milink::fakes {
namespace {

using nlohmann::json;

using kube::kWidgets;
const kube::ResourceType kLeases{"coordination.k8s.io", "v1", "leases", "Lease"};
using kube::kWidgetKey;

json SizedWidget(int size = 1) {
  return {{"metadata", {{"name", "a"}}}, {"spec", {{"size", size}}}};
}

class HostileApiServerTest : public testing::Test {
 protected:
  HostileApiServerTest() {
    cluster_.Serve(kWidgets);
    cluster_.Serve(kLeases);
  }
  Result<json> Create() { return client_.Create(kWidgets, "ns", SizedWidget()); }

  ClusterModel cluster_;
  HostileApiServer server_{cluster_};
  SystemClock clock_;
  kube::HttpTransport transport_{*kube::Dialer::Make(server_.Access(), "t", clock_, Logger()),
                                 clock_, Logger()};
  kube::Client client_{transport_};
};

TEST_F(HostileApiServerTest, ServesTheRequestsOfTheClient) {
  ASSERT_TRUE(Create().ok());
  EXPECT_EQ(Create().error().reason, "AlreadyExists");
  EXPECT_EQ(client_.Get(kWidgets, kWidgetKey)->at("spec").at("size"), 1);
  EXPECT_TRUE(client_.ApplyStatus(kWidgets, {.key = kWidgetKey}, "m", {{"phase", "x"}}).ok());
  EXPECT_EQ(cluster_.Get(kWidgets, kWidgetKey).body.at("status").at("phase"), "x");
  EXPECT_EQ(client_.Delete(kWidgets, kWidgetKey, "another").error().kind, ErrorKind::kConflict);
  EXPECT_TRUE(client_.Delete(kWidgets, kWidgetKey, "").ok());
  EXPECT_EQ(client_.Get(kWidgets, kWidgetKey).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(server_.Count("create"), 2);
}

TEST_F(HostileApiServerTest, AKindWhoseCrdIsMissingIsNotFound) {
  cluster_.Unserve(kWidgets);
  EXPECT_EQ(Create().error().kind, ErrorKind::kNotFound);
  cluster_.Serve(kWidgets);
  EXPECT_TRUE(Create().ok());
}

TEST_F(HostileApiServerTest, FaultsHitWhatTheyNameInOrder) {
  ASSERT_TRUE(Create().ok());
  server_.Inject({.verb = "get", .skip = 1}, Refuse(503, "ServiceUnavailable"));
  server_.Inject({.verb = "get"}, AnswerWith(502, "<html>"));
  EXPECT_EQ(client_.Get(kWidgets, kWidgetKey).error().detail, "<html>");
  EXPECT_EQ(client_.Get(kWidgets, kWidgetKey).error().reason, "ServiceUnavailable");
  EXPECT_TRUE(client_.Get(kWidgets, kWidgetKey).ok());
}

TEST_F(HostileApiServerTest, AWriteCutAfterItsEffectHasItsEffect) {
  server_.Inject({.verb = "create"}, CutBefore());
  server_.Inject({.verb = "create"}, CutAfterEffect());
  EXPECT_EQ(Create().error().reason, kube::kOutcomeUnknown);
  EXPECT_TRUE(cluster_.Objects(kWidgets).empty());
  EXPECT_EQ(Create().error().reason, kube::kOutcomeUnknown);
  EXPECT_EQ(cluster_.Objects(kWidgets).size(), 1U);
}

TEST_F(HostileApiServerTest, AnAnswerMayEndAnywhere) {
  ASSERT_TRUE(Create().ok());
  for (const std::size_t bytes : {0U, 1U, 30U, 120U}) {
    server_.ClearFaults();
    server_.Inject({.verb = "patch", .times = -1}, CutAfterBytes(bytes));
    EXPECT_EQ(client_.MergePatch(kWidgets, kWidgetKey, json::object()).error().reason,
              kube::kOutcomeUnknown);
  }
}

TEST_F(HostileApiServerTest, TokensThatAreNotAcceptedAreUnauthorized) {
  server_.SetHabits({.tokens = {"good"}});
  EXPECT_EQ(Create().error().kind, ErrorKind::kUnauthorized);
  kube::ClusterAccess access = server_.Access();
  access.token = Secret("good");
  kube::HttpTransport transport(*kube::Dialer::Make(access, "t", clock_, Logger()), clock_,
                                Logger());
  EXPECT_TRUE(kube::Client(transport).Create(kWidgets, "ns", SizedWidget()).ok());
}

}  // namespace
}  // namespace milink::fakes
