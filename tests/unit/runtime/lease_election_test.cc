#include "core/runtime/lease_election.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_lease_store.h"

namespace milink::runtime {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Lt;

const TimePoint kWall = TimePoint(std::chrono::seconds(1'795'255'200));

// A member of the election with its own idea of time, on a store that all share.
class Member {
 public:
  Member(std::string name, fakes::FakeLeaseStore& store, MonotonicTime start = MonotonicTime(1h))
      : now(start), store_(store), election_(std::move(name), LeaseTimes(), *random_) {}

  // Asks once what to do and does it, in no time, but for `latency`. What it was.
  LeaseAction Step(Duration latency = 0ms) {
    LeaseAction action = election_.Next(now, wall);
    const MonotonicTime sent = now;
    now += latency;
    if (const auto* read = std::get_if<ReadLease>(&action)) {
      election_.OnRead(store_.Read(read->deadline), now);
    } else if (const auto* create = std::get_if<CreateLease>(&action)) {
      election_.OnWritten(store_.Create(create->spec, create->deadline), sent, now);
    } else if (const auto* update = std::get_if<UpdateLease>(&action)) {
      election_.OnWritten(store_.Update(update->seen, update->spec, update->deadline), sent, now);
    } else if (const auto* wait = std::get_if<WaitForLease>(&action)) {
      now += wait->delay;
    }
    return action;
  }
  // Steps until it waits; how long it is going to.
  Duration Round() {
    for (;;) {
      const auto action = Step();
      if (const auto* wait = std::get_if<WaitForLease>(&action)) {
        now -= wait->delay;
        return wait->delay;
      }
      if (std::holds_alternative<EndElection>(action)) {
        return Duration::zero();
      }
    }
  }
  void RunUntil(MonotonicTime end) {
    while (now < end && !std::holds_alternative<EndElection>(Step())) {
    }
  }

  LeaseRole role() const { return election_.role(); }
  LeaseElection& election() { return election_; }

  MonotonicTime now;
  TimePoint wall = kWall;

 private:
  fakes::FakeLeaseStore& store_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(7);
  LeaseElection election_;
};

kube::LeaseSpec HeldBy(const std::string& holder, int transitions = 3) {
  return {holder, 15s, kWall - 1h, kWall - 1h, transitions};
}

class LeaseElectionTest : public testing::Test {
 protected:
  // `ours_` leads.
  void Lead() {
    ours_.Round();
    ASSERT_EQ(ours_.role(), LeaseRole::kLeader);
  }
  static Error Lost() { return {ErrorKind::kTransient, "OutcomeUnknown", "no answer"}; }

  fakes::FakeLeaseStore store_;
  Member ours_{"a", store_};
};

TEST_F(LeaseElectionTest, ALeaseThatIsMissingIsCreatedAtOnce) {
  Lead();
  EXPECT_EQ(store_.Spec(), (kube::LeaseSpec{"a", 15s, kWall, kWall, 0}));
  EXPECT_EQ(ours_.now, MonotonicTime(1h));
  EXPECT_EQ(ours_.election().valid_until(), MonotonicTime(1h) + 10s);
}

TEST_F(LeaseElectionTest, ALeaseThatWasGivenBackIsTakenAtOnce) {
  store_.Put(HeldBy("", 3));
  Lead();
  EXPECT_EQ(store_.Spec(), (kube::LeaseSpec{"a", 15s, kWall, kWall, 4}));
}

TEST_F(LeaseElectionTest, OurOwnLeaseIsKeptAsItIs) {
  // An acquisition took effect although its answer was lost.
  store_.Put(HeldBy("a", 3));
  Lead();
  EXPECT_EQ(store_.Spec(), (kube::LeaseSpec{"a", 15s, kWall - 1h, kWall, 3}));
}

// Times in the record come from another clock: nothing may be concluded from them.
class OthersLeaseTest : public LeaseElectionTest,
                        public testing::WithParamInterface<std::chrono::minutes> {};

TEST_P(OthersLeaseTest, IsTakenAfterAWholeLeaseWithoutAChangeWhateverItsTimesSay) {
  auto spec = HeldBy("b");
  spec.renew_time = kWall + GetParam();
  store_.Put(spec);
  const MonotonicTime start = ours_.now;
  ours_.RunUntil(start + 15s - 1ms);
  EXPECT_EQ(ours_.role(), LeaseRole::kCandidate);
  ours_.Round();
  EXPECT_EQ(ours_.role(), LeaseRole::kLeader);
  EXPECT_LT(ours_.now, start + 16s) << "it looks when the time is up, not a while later";
  EXPECT_EQ(store_.Spec()->transitions, 4);
}

INSTANTIATE_TEST_SUITE_P(LeaseElection, OthersLeaseTest, testing::Values(-60min, 0min, 60min),
                         [](const auto& test) {
                           return test.param < 0min   ? "RenewedAnHourAgo"
                                  : test.param > 0min ? "RenewedAnHourAhead"
                                                      : "RenewedNow";
                         });

TEST_F(LeaseElectionTest, EveryChangeOfAnothersLeaseStartsTheWaitAnew) {
  store_.Put(HeldBy("b"));
  ours_.RunUntil(ours_.now + 14s);
  auto renewed = HeldBy("b");
  renewed.renew_time = kWall;
  store_.Put(renewed);
  const MonotonicTime changed = ours_.now;
  ours_.RunUntil(changed + 15s - 1ms);
  EXPECT_EQ(ours_.role(), LeaseRole::kCandidate);
  ours_.RunUntil(changed + 17s);
  EXPECT_EQ(ours_.role(), LeaseRole::kLeader);
}

TEST_F(LeaseElectionTest, TheHoldersOwnDurationCounts) {
  auto spec = HeldBy("b");
  spec.duration = 60s;
  store_.Put(spec);
  const MonotonicTime start = ours_.now;
  ours_.RunUntil(start + 60s - 1ms);
  EXPECT_EQ(ours_.role(), LeaseRole::kCandidate);
  ours_.RunUntil(start + 61s);
  EXPECT_EQ(ours_.role(), LeaseRole::kLeader);
}

TEST_F(LeaseElectionTest, ARenewalIsOneRequest) {
  Lead();
  const int before = store_.requests();
  ours_.RunUntil(ours_.now + 60s);
  EXPECT_EQ(ours_.role(), LeaseRole::kLeader);
  EXPECT_THAT(store_.requests() - before, AllOf(Ge(27), Lt(35)));
  EXPECT_EQ(store_.Spec()->transitions, 0);
  EXPECT_EQ(store_.Spec()->acquire_time, kWall);
}

TEST_F(LeaseElectionTest, WaitsAreSpread) {
  Lead();
  for (int i = 0; i < 50; ++i) {
    const Duration wait = ours_.Round();
    EXPECT_THAT(wait, AllOf(Ge(1800ms), Lt(2201ms)));
    ours_.now += wait;
  }
  Member other("b", store_);
  for (int i = 0; i < 10; ++i) {
    const Duration wait = other.Round();
    EXPECT_THAT(wait, AllOf(Ge(800ms), Lt(1201ms)));
    other.now += wait;
  }
}

// -- What may happen to a leader (FAULT-MODELS K-21)

TEST_F(LeaseElectionTest, AConflictOnRenewalIsReadAndRenewedWhenTheLeaseIsStillOurs) {
  Lead();
  store_.Put(*store_.Spec());  // somebody annotated it
  ours_.now += ours_.Round();
  ours_.Round();
  EXPECT_EQ(ours_.role(), LeaseRole::kLeader);
  EXPECT_EQ(ours_.election().valid_until(), ours_.now + 10s);
}

TEST_F(LeaseElectionTest, ALeaseTakenByAnotherIsLostAtOnce) {
  Lead();
  store_.Put(HeldBy("b"));
  ours_.now += ours_.Round();
  ours_.Round();
  EXPECT_EQ(ours_.role(), LeaseRole::kLost);
  EXPECT_EQ(ours_.election().error()->reason, "LeaseTaken");
  EXPECT_EQ(store_.Spec()->holder, "b");
}

TEST_F(LeaseElectionTest, ALeaseThatSomebodyEmptiedIsLostAtOnce) {
  Lead();
  store_.Put(HeldBy(""));
  ours_.now += ours_.Round();
  ours_.Round();
  EXPECT_EQ(ours_.role(), LeaseRole::kLost) << "another may have led and given it back";
}

TEST_F(LeaseElectionTest, ADeletedLeaseIsMadeAnewByItsLeader) {
  Lead();
  Member other("b", store_, ours_.now);
  other.Round();
  store_.Delete();
  other.RunUntil(ours_.now + 5s);
  EXPECT_EQ(other.role(), LeaseRole::kCandidate) << "who saw a holder waits for its time";
  EXPECT_EQ(store_.Spec(), std::nullopt);
  ours_.now += ours_.Round();
  ours_.Round();
  EXPECT_EQ(ours_.role(), LeaseRole::kLeader);
  EXPECT_EQ(store_.Spec()->holder, "a");
}

TEST_F(LeaseElectionTest, ADeletedLeaseOfADeadLeaderIsTakenWhenItsTimeIsUp) {
  store_.Put(HeldBy("b"));
  ours_.Round();
  store_.Delete();
  const MonotonicTime start = ours_.now;
  ours_.RunUntil(start + 15s - 1ms);
  EXPECT_EQ(ours_.role(), LeaseRole::kCandidate);
  ours_.Round();
  EXPECT_EQ(ours_.role(), LeaseRole::kLeader);
}

TEST_F(LeaseElectionTest, WithoutARenewalLeadershipEndsAtTheDeadlineCountedFromTheLastOne) {
  Lead();
  const MonotonicTime renewed = ours_.now;
  store_.FailWith(Lost());
  while (ours_.role() == LeaseRole::kLeader) {
    ours_.Step();
  }
  EXPECT_EQ(ours_.role(), LeaseRole::kLost);
  EXPECT_GE(ours_.now, renewed + 10s);
  EXPECT_LT(ours_.now, renewed + 15s) << "others may lead from then on";
  EXPECT_EQ(ours_.election().error()->reason, "OutcomeUnknown");
}

TEST_F(LeaseElectionTest, OneFailureIsForgivenAndTheAnswerThatWasLostIsReadAgain) {
  Lead();
  ours_.now += ours_.Round();
  store_.FailWith(Lost());
  ours_.Round();
  EXPECT_EQ(ours_.role(), LeaseRole::kLeader);
  store_.FailWith(std::nullopt);
  auto renewed = *store_.Spec();
  renewed.renew_time = kWall + 1s;
  store_.Put(renewed);  // the lost one had taken effect
  ours_.now += 1500ms;
  ours_.now += ours_.Round();
  ours_.Round();
  EXPECT_EQ(ours_.election().valid_until(), ours_.now + 10s);
}

TEST_F(LeaseElectionTest, ASlowRenewalCountsFromWhenItWasSent) {
  Lead();
  ours_.now += ours_.Round();
  const MonotonicTime sent = ours_.now;
  ours_.Step(4s);
  EXPECT_EQ(ours_.role(), LeaseRole::kLeader);
  EXPECT_EQ(ours_.election().valid_until(), sent + 10s);
}

TEST_F(LeaseElectionTest, ARenewalAnsweredAfterTheDeadlineIsALoss) {
  Lead();
  ours_.now += ours_.Round();
  ours_.Step(11s);
  EXPECT_EQ(ours_.role(), LeaseRole::kLost);
}

TEST_F(LeaseElectionTest, ASlowAcquisitionIsNotBelieved) {
  ours_.Step();
  ours_.Step(11s);
  EXPECT_EQ(ours_.role(), LeaseRole::kCandidate);
  ours_.Round();
  ours_.now += ours_.Round();
  ours_.Round();
  EXPECT_EQ(ours_.role(), LeaseRole::kLeader) << "it was ours all the same: renewed";
}

TEST_F(LeaseElectionTest, AProcessThatWasStoppedForTooLongHasLostBeforeItAsksAnything) {
  Lead();
  ours_.now += 20s;
  const int before = store_.requests();
  EXPECT_TRUE(std::holds_alternative<EndElection>(ours_.Step()));
  EXPECT_EQ(ours_.role(), LeaseRole::kLost);
  EXPECT_EQ(store_.requests(), before);
}

TEST_F(LeaseElectionTest, AJumpOfTheWallClockChangesNothing) {
  Lead();
  for (const auto jump : {1h, -2h}) {
    ours_.wall += jump;
    ours_.RunUntil(ours_.now + 30s);
    EXPECT_EQ(ours_.role(), LeaseRole::kLeader);
  }
  Member other("b", store_);
  other.wall += 48h;
  other.RunUntil(other.now + 14s);
  EXPECT_EQ(other.role(), LeaseRole::kCandidate);
}

TEST_F(LeaseElectionTest, NoRequestLastsLongerThanWhatIsLeft) {
  Lead();
  ours_.now += 8s;
  const auto action = ours_.election().Next(ours_.now, kWall);
  EXPECT_EQ(std::get<UpdateLease>(action).deadline, 2s);
  Member other("b", store_);
  EXPECT_EQ(std::get<ReadLease>(other.election().Next(other.now, kWall)).deadline, 5s);
}

// -- Giving it back

TEST_F(LeaseElectionTest, ALeaseIsGivenBackWithItsTransitions) {
  store_.Put(HeldBy("", 3));
  Lead();
  ours_.election().Resign(ours_.now);
  ours_.Round();
  EXPECT_EQ(ours_.role(), LeaseRole::kReleased);
  EXPECT_EQ(store_.Spec()->holder, "");
  EXPECT_EQ(store_.Spec()->duration, 1s);
  EXPECT_EQ(store_.Spec()->transitions, 4);
}

TEST_F(LeaseElectionTest, AConflictWhenGivingBackIsReadAndTriedAgain) {
  Lead();
  store_.Put(*store_.Spec());
  ours_.election().Resign(ours_.now);
  ours_.Round();
  EXPECT_EQ(ours_.role(), LeaseRole::kReleased);
  EXPECT_EQ(store_.Spec()->holder, "");
}

TEST_F(LeaseElectionTest, WhatIsAnothersMeanwhileIsNotGivenBack) {
  Lead();
  store_.Put(HeldBy("b"));
  ours_.election().Resign(ours_.now);
  ours_.Round();
  EXPECT_EQ(ours_.role(), LeaseRole::kLost);
  EXPECT_EQ(store_.Spec()->holder, "b");
}

TEST_F(LeaseElectionTest, GivingBackEndsWithTheTimeOfTheLastRenewal) {
  Lead();
  store_.FailWith(Lost());
  ours_.election().Resign(ours_.now);
  ours_.RunUntil(ours_.now + 60s);
  EXPECT_EQ(ours_.role(), LeaseRole::kLost);
}

TEST_F(LeaseElectionTest, ACandidateThatEndsAsksForNothing) {
  ours_.election().Resign(ours_.now);
  EXPECT_TRUE(std::holds_alternative<EndElection>(ours_.Step()));
  EXPECT_EQ(ours_.role(), LeaseRole::kWithdrawn);
  EXPECT_EQ(store_.requests(), 0);
}

// -- Several members, and everything that may go wrong

class Crowd {
 public:
  explicit Crowd(std::uint64_t seed) : random_(MakeSeededRandom(seed)) {
    for (const char* name : {"a", "b", "c"}) {
      nodes_.push_back(std::make_unique<Node>(name, *random_));
    }
  }

  // Twenty minutes of it. The greatest number of open fences at one time.
  int Run() {
    int most = 0;
    while (time_ < Duration(20min)) {
      Node& next = *std::ranges::min_element(nodes_, {}, [](const auto& node) {
                      return node->wakes;
                    })->get();
      time_ = next.wakes;
      Advance(next);
      most = std::max(most, static_cast<int>(std::ranges::count_if(
                                nodes_, [&](const auto& node) { return node->open > time_; })));
    }
    return most;
  }
  int changes() const { return changes_; }

 private:
  struct Node {
    Node(const std::string& name, Random& source)
        : offset(static_cast<Duration::rep>(source.Uniform() * 1e9)),
          random(MakeSeededRandom(source.Bits())),
          election(std::make_unique<LeaseElection>(name, LeaseTimes(), *random)) {}

    Duration wakes{0};
    Duration open{0};  // the fence, until then
    Duration offset;   // of its clock
    std::unique_ptr<Random> random;
    std::unique_ptr<LeaseElection> election;
    std::function<void(Node&, MonotonicTime)> answer;  // of the request under way
    int lives = 0;
  };

  static MonotonicTime Local(const Node& node, Duration time) {
    return MonotonicTime(time + node.offset);
  }

  void Advance(Node& node) {
    const MonotonicTime now = Local(node, time_);
    if (node.answer) {
      std::exchange(node.answer, nullptr)(node, now);
    }
    const auto action = node.election->Next(now, kWall + time_);
    const bool leads = node.election->role() == LeaseRole::kLeader;
    const Duration open = leads ? std::chrono::duration_cast<Duration>(
                                      node.election->valid_until() - MonotonicTime(node.offset))
                                : Duration(0);
    changes_ += leads && node.open <= time_ ? 1 : 0;
    node.open = open;
    if (const auto* wait = std::get_if<WaitForLease>(&action)) {
      node.wakes = time_ + wait->delay + Pause();
    } else if (std::holds_alternative<EndElection>(action)) {
      node.open = Duration(0);  // a new process takes its place
      node.election = std::make_unique<LeaseElection>(
          node.election->identity() + std::to_string(++node.lives), LeaseTimes(), *node.random);
      node.wakes = time_ + 1s;
    } else {
      Request(node, action, now);
    }
  }

  // Mostly quick and successful.
  void Request(Node& node, const LeaseAction& action, MonotonicTime sent) {
    const double luck = random_->Uniform();
    const Duration took = luck < 0.1 ? Duration(5000) : Duration(random_->Bits() % 40);
    const bool reaches = luck >= 0.05;
    const bool answered = luck >= 0.1;
    node.wakes = time_ + took + Pause();
    auto outcome = reaches ? Ask(action) : Result<kube::StoredLease>(NoAnswer());
    if (!answered) {
      outcome = NoAnswer();
    }
    const bool read = std::holds_alternative<ReadLease>(action);
    node.answer = [outcome, read, sent](Node& self, MonotonicTime now) {
      read ? self.election->OnRead(outcome, now) : self.election->OnWritten(outcome, sent, now);
    };
  }

  Result<kube::StoredLease> Ask(const LeaseAction& action) {
    if (const auto* create = std::get_if<CreateLease>(&action)) {
      return store_.Create(create->spec, 1s);
    }
    if (const auto* update = std::get_if<UpdateLease>(&action)) {
      return store_.Update(update->seen, update->spec, 1s);
    }
    return store_.Read(1s);
  }

  // Now and then a process is stopped for a while.
  Duration Pause() {
    return random_->Uniform() < 0.02 ? Duration(random_->Bits() % 40'000) : Duration(0);
  }
  static Error NoAnswer() { return {ErrorKind::kTransient, "OutcomeUnknown", "no answer"}; }

  std::unique_ptr<Random> random_;
  fakes::FakeLeaseStore store_;
  std::vector<std::unique_ptr<Node>> nodes_;
  Duration time_{0};
  int changes_ = 0;
};

TEST(LeaseCrowdTest, NeverDoTwoLeadWhateverIsLostSlowOrStopped) {
  int changes = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Crowd crowd(seed);
    EXPECT_EQ(crowd.Run(), 1) << "seed " << seed;
    changes += crowd.changes();
  }
  EXPECT_GT(changes, 50) << "leadership moved too seldom to prove anything";
}

}  // namespace
}  // namespace milink::runtime
