// A watch that cannot be resumed, because the server has forgotten what happened since.
#include <gmock/gmock.h>

#include "core/kube/api_status.h"
#include "core/kube/list_page.h"
#include "core/kube/watch_decoder.h"
#include "tests/integration/engine/engine_test.h"

namespace milink::test {
namespace {

using testing::ElementsAre;

// What the server answers to a watch from `version`: a refusal, or the first event.
Error AnswerToWatchFrom(kube::HttpSender& sender, const std::string& namespace_name,
                        const std::string& version) {
  kube::ListQuery query;
  query.namespace_name = namespace_name;
  const auto target = kube::WatchTarget(kWidgetType, query, {version, 1});
  const auto answer = sender.Send({.target = *target});
  if (!answer.ok() || answer->head.status != 200) {
    return answer.ok() ? kube::DecodeRefusal(answer->head.status, answer->body, std::nullopt)
                       : answer.error();
  }
  Error first{ErrorKind::kInternal, "NoErrorEvent", answer->body};
  kube::WatchDecoder decoder;
  static_cast<void>(decoder.Feed(answer->body, [&](const kube::WatchEvent& event) {
    if (event.type == "ERROR") {
      first = kube::DecodeStatus(event.object);
    }
  }));
  return first;
}

TEST_F(EngineTest, AGapThatTheServerHasForgottenIsClosed) {
  CreateWidget("kept");
  CreateWidget("changed");
  const std::string before_gap = CreateWidget("doomed");
  TcpRelay relay(ServerPort());
  Keeper keeper(Through(relay, AdminAccess()), namespace_);
  ASSERT_TRUE(keeper.Start(kPatience));
  ASSERT_TRUE(EventuallySettled(keeper));

  relay.Refuse();
  DeleteWidget("doomed");
  // The same name, but another object.
  CreateWidget("doomed", 2);
  DeleteWidget("kept");
  ChangeWidget("changed", 5);
  CreateWidget("born");
  ASSERT_TRUE(env_->CompactHistory().ok());
  ASSERT_TRUE(env_->RestartApiServer().ok());
  const Error forgotten = AnswerToWatchFrom(*transport_, namespace_, before_gap);
  ASSERT_TRUE(kube::IsExpired(forgotten)) << ToString(forgotten);

  relay.Accept();
  EXPECT_TRUE(EventuallySettled(keeper));
  EXPECT_GE(keeper.WatchFailures("Expired"), 1) << "the watch was not refused with 410";
  EXPECT_THAT(keeper.MissedDeletions(), testing::UnorderedElementsAre("doomed", "kept"));
}

TEST_F(EngineTest, AGapThatTheServerRemembersIsClosedWithoutAList) {
  CreateWidget("kept");
  CreateWidget("doomed");
  TcpRelay relay(ServerPort());
  Keeper keeper(Through(relay, AdminAccess()), namespace_);
  ASSERT_TRUE(keeper.Start(kPatience));
  ASSERT_TRUE(EventuallySettled(keeper));

  relay.Refuse();
  DeleteWidget("doomed");
  CreateWidget("born");
  relay.Accept();
  EXPECT_TRUE(EventuallySettled(keeper));
  EXPECT_THAT(keeper.MissedDeletions(), ElementsAre()) << "the deletion came by a list";
}

}  // namespace
}  // namespace milink::test
