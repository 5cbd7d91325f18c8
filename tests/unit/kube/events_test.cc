#include "core/kube/events.h"

#include <future>

#include <gmock/gmock.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_object_client.h"

namespace milink::kube {
namespace {

using fakes::FakeObjectClient;
using fakes::ObjectCall;

constexpr Duration kPatience = std::chrono::seconds(60);
const ObjectReference kAbout{"milink.dev/v1alpha1", "SqlServerReplica", {"ns", "sql1"}, "u1"};

class EventsTest : public testing::Test {
 protected:
  std::unique_ptr<ApiEventRecorder> Make() {
    return std::make_unique<ApiEventRecorder>(client_, clock_, *random_, "milink.dev/operator",
                                              "pod-1", Logger());
  }
  std::vector<std::string> Verbs() {
    std::vector<std::string> verbs;
    for (const ObjectCall& call : client_.Writes()) {
      verbs.push_back(call.verb);
    }
    return verbs;
  }

  FakeObjectClient client_;
  fakes::FakeClock clock_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
};

TEST_F(EventsTest, AnEventIsCreatedInTheNamespaceOfItsObject) {
  const auto recorder = Make();
  recorder->Record(kAbout, EventType::kNormal, "Created", "Create", "made it");
  ASSERT_TRUE(recorder->Flush(kPatience));
  const auto writes = client_.Writes();
  ASSERT_EQ(writes.size(), 1U);
  EXPECT_EQ(writes[0].verb, "Create");
  EXPECT_EQ(writes[0].plural, "events");
  EXPECT_EQ(writes[0].key.namespace_name, "ns");
}

TEST_F(EventsTest, ARepetitionIsAPatch) {
  const auto recorder = Make();
  recorder->Record(kAbout, EventType::kNormal, "Created", "Create", "made it");
  clock_.Step(std::chrono::seconds(30));
  recorder->Record(kAbout, EventType::kNormal, "Created", "Create", "made it");
  ASSERT_TRUE(recorder->Flush(kPatience));
  EXPECT_THAT(Verbs(), testing::ElementsAre("Create", "MergePatch"));
}

TEST_F(EventsTest, WhatIsNotSentYetIsSentAtTheEnd) {
  auto recorder = Make();
  for (int i = 0; i < 3; ++i) {
    recorder->Record(kAbout, EventType::kNormal, "Created", "Create", "made it");
  }
  recorder.reset();
  EXPECT_THAT(Verbs(), testing::ElementsAre("Create", "MergePatch"));
  EXPECT_EQ(client_.Writes().back().body.at("series").at("count"), 3);
}

TEST_F(EventsTest, ARefusalIsNotRepeatedAndHoldsUpNothing) {
  client_.Fail([](const ObjectCall& call) { return call.verb == "Create"; },
               {ErrorKind::kUnauthorized, "Forbidden", "no"});
  const auto recorder = Make();
  recorder->Record(kAbout, EventType::kNormal, "First", "Create", "n");
  recorder->Record(kAbout, EventType::kNormal, "Second", "Create", "n");
  ASSERT_TRUE(recorder->Flush(kPatience));
  EXPECT_THAT(Verbs(), testing::ElementsAre("Create", "Create"));
}

TEST_F(EventsTest, AnEventWhosePatchFindsNothingIsMadeAnewNextTime) {
  client_.Fail([](const ObjectCall& call) { return call.verb == "MergePatch"; },
               {ErrorKind::kNotFound, "NotFound", "gone"});
  const auto recorder = Make();
  for (int i = 0; i < 3; ++i) {
    recorder->Record(kAbout, EventType::kNormal, "Created", "Create", "made it");
    ASSERT_TRUE(recorder->Flush(kPatience));
    clock_.Step(std::chrono::seconds(30));
  }
  EXPECT_THAT(Verbs(), testing::ElementsAre("Create", "MergePatch", "Create"));
}

TEST_F(EventsTest, AFullQueueDropsAndCountsWithoutBlocking) {
  // The first event is on its way and does not return until the queue was overfilled.
  std::promise<void> sending;
  std::promise<void> go_on;
  client_.Fail(
      [&, first = true](const ObjectCall&) mutable {
        if (std::exchange(first, false)) {
          sending.set_value();
          go_on.get_future().wait();
        }
        return false;
      },
      {});
  const auto recorder = Make();
  recorder->Record(kAbout, EventType::kNormal, "First", "Create", "n");
  sending.get_future().wait();
  for (std::size_t i = 0; i < ApiEventRecorder::kQueueLimit + 7; ++i) {
    recorder->Record(kAbout, EventType::kNormal, "More", "Create", "n");
  }
  EXPECT_EQ(recorder->dropped(), 7U);
  go_on.set_value();
  EXPECT_TRUE(recorder->Flush(kPatience));
}

}  // namespace
}  // namespace milink::kube
