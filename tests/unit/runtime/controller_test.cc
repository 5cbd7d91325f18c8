#include "core/runtime/controller.h"

#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/log_collector.h"
#include "tests/unit/runtime/queue_fixture.h"

namespace milink::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const ObjectKey kKey{"default", "sales"};

class FunctionReconciler final : public Reconciler {
 public:
  using Function = std::function<Outcome(const ObjectKey&, const ReconcileContext&)>;

  explicit FunctionReconciler(Function function) : function_(std::move(function)) {}
  Outcome Reconcile(const ObjectKey& key, const ReconcileContext& context) override {
    return function_(key, context);
  }

 private:
  Function function_;
};

Error Failed(ErrorKind kind, std::optional<Duration> retry_after = std::nullopt) {
  return {kind, "SqlFailed", "the batch failed", "error 1205", retry_after};
}

// A controller without threads: Run() reconciles what is ready, on the test's thread.
class ControllerTest : public ::testing::Test {
 protected:
  void Run(FunctionReconciler::Function function) {
    FunctionReconciler reconciler(std::move(function));
    Controller controller({.name = "link", .kind = "ManagedInstanceLink", .requeue_jitter = 0.0},
                          queue_, reconciler, Logger(log_), ControllerMetrics(metrics_, "link"),
                          clock_, *random_);
    while (controller.RunOne()) {
    }
    next_ready_ = queue_.NextReady();
    failures_ = queue_.Failures(kKey);
    // What is due next, with its priority.
    clock_.Step(std::chrono::hours(1));
    next_item_ = queue_.TryGet();
  }
  void Run(const Outcome& outcome) {
    Run([outcome](const ObjectKey&, const ReconcileContext&) { return outcome; });
  }
  Duration DelayFrom(MonotonicTime start) const {
    return std::chrono::duration_cast<Duration>(next_ready_.value_or(start) - start);
  }

  fakes::FakeClock clock_;
  std::shared_ptr<fakes::LogCollector> log_ = std::make_shared<fakes::LogCollector>();
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  Metrics metrics_;
  WorkQueue queue_{clock_, *random_, nullptr, WithoutJitter()};
  std::optional<MonotonicTime> next_ready_;
  std::optional<WorkQueue::Item> next_item_;
  int failures_ = 0;
};

struct OutcomeRow {
  std::string name;
  Outcome outcome;
  std::string result;  // label of the metric
  std::optional<WorkQueue::Item> next;
  Duration delay;
  int failures;
};

class ControllerOutcomeTest : public ControllerTest,
                              public ::testing::WithParamInterface<OutcomeRow> {};

TEST_P(ControllerOutcomeTest, DecidesRequeueAndMetric) {
  const auto& row = GetParam();
  queue_.AddRateLimited(kKey);  // one failure so far
  queue_.Add(kKey, kUrgentPriority);
  const MonotonicTime start = clock_.Monotonic();
  Run(row.outcome);
  EXPECT_EQ(next_item_, row.next);
  EXPECT_EQ(DelayFrom(start), row.delay);
  EXPECT_EQ(failures_, row.failures);
  EXPECT_THAT(metrics_.Serialize(),
              HasSubstr("controller_runtime_reconcile_total{controller=\"link\",result=\"" +
                        row.result + "\"} 1\n"));
}

INSTANTIATE_TEST_SUITE_P(
    All, ControllerOutcomeTest,
    ::testing::Values(
        OutcomeRow{"SuccessIsForgotten", Outcome::Success(), "success", std::nullopt,
                   Duration::zero(), 0},
        OutcomeRow{"RequeueAfterForgetsAndLooksAgainAsAPeriodicKey",
                   Outcome::RequeueAfter(seconds(30)), "requeue_after",
                   WorkQueue::Item{kKey, kPeriodicPriority}, seconds(30), 0},
        OutcomeRow{"ALookThatComesSoonKeepsItsPriority", Outcome::RequeueAfter(seconds(5)),
                   "requeue_after", WorkQueue::Item{kKey, kUrgentPriority}, seconds(5), 0},
        OutcomeRow{"TheReconcilerMaySayHowUrgentTheNextLookIs",
                   {.status = {}, .requeue_after = seconds(6), .requeue_priority = kChangePriority},
                   "requeue_after",
                   WorkQueue::Item{kKey, kChangePriority},
                   seconds(6),
                   0},
        OutcomeRow{"AFailureBacksOffAndKeepsItsPriority",
                   Outcome::Failure(Failed(ErrorKind::kTransient)), "error",
                   WorkQueue::Item{kKey, kUrgentPriority}, milliseconds(10), 2},
        OutcomeRow{"AFailureIgnoresRequeueAfter",
                   {.status = Failed(ErrorKind::kTransient), .requeue_after = seconds(30)},
                   "error",
                   WorkQueue::Item{kKey, kUrgentPriority},
                   milliseconds(10),
                   2},
        OutcomeRow{"AThrottledFailureWaitsAsToldTo",
                   Outcome::Failure(Failed(ErrorKind::kThrottled, seconds(17))), "error",
                   WorkQueue::Item{kKey, kUrgentPriority}, seconds(17), 2},
        OutcomeRow{"ATerminalFailureIsNotRepeated", Outcome::Terminal(Failed(ErrorKind::kInvalid)),
                   "error", std::nullopt, Duration::zero(), 0}),
    [](const auto& test) { return test.param.name; });

TEST_F(ControllerTest, AnExceptionBecomesAFailure) {
  queue_.Add(kKey);
  Run([](const ObjectKey&, const ReconcileContext&) -> Outcome {
    throw std::runtime_error("vector::at");
  });
  EXPECT_EQ(next_item_, (WorkQueue::Item{kKey, kChangePriority}));
  const std::string text = metrics_.Serialize();
  EXPECT_THAT(text, HasSubstr("controller_runtime_reconcile_panics_total{controller=\"link\"} 1"));
  EXPECT_THAT(text, HasSubstr("controller_runtime_reconcile_errors_total{controller=\"link\"} 1"));
  const auto lines = log_->Lines("Failed to reconcile");
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].Field("reason"), "UnexpectedException");
  EXPECT_EQ(lines[0].Field("detail"), "vector::at");
}

TEST_F(ControllerTest, SomethingThrownThatIsNoExceptionBecomesAFailureToo) {
  queue_.Add(kKey);
  Run([](const ObjectKey&, const ReconcileContext&) -> Outcome { throw 42; });
  EXPECT_THAT(log_->Lines("Failed to reconcile"), SizeIs(1));
}

TEST_F(ControllerTest, ATerminalFailureIsCountedAndLogged) {
  queue_.Add(kKey);
  Run(Outcome::Terminal(Failed(ErrorKind::kUnsupported)));
  EXPECT_THAT(
      metrics_.Serialize(),
      HasSubstr("controller_runtime_terminal_reconcile_errors_total{controller=\"link\"} 1\n"));
  const auto lines = log_->Lines("Gave up until the object changes");
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].level, LogLevel::kError);
}

TEST_F(ControllerTest, AFailureIsLoggedWithAllThatHelps) {
  queue_.Add(kKey);
  Run(Outcome::Failure(Failed(ErrorKind::kTransient)));
  const auto lines = log_->Lines("Failed to reconcile");
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].level, LogLevel::kError);
  EXPECT_EQ(lines[0].Field("errorKind"), "Transient");
  EXPECT_EQ(lines[0].Field("reason"), "SqlFailed");
  EXPECT_EQ(lines[0].Field("error"), "the batch failed");
  EXPECT_EQ(lines[0].Field("detail"), "error 1205");
  EXPECT_EQ(lines[0].Field("failures"), "1");
  EXPECT_EQ(lines[0].Field("againInSeconds"), "0.005000");
}

TEST_F(ControllerTest, AConflictIsNotAnErrorInTheLog) {
  queue_.Add(kKey);
  Run(Outcome::Failure(Failed(ErrorKind::kConflict)));
  const auto lines = log_->Lines("Met a conflict");
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].level, LogLevel::kInfo);
}

TEST_F(ControllerTest, EveryLineOfARunSaysWhichRunItIs) {
  queue_.Add(kKey);
  queue_.Add({"default", "stock"});
  Run([](const ObjectKey&, const ReconcileContext& context) {
    context.log.Info("Looked");
    context.log.Info("Acted");
    return Outcome::Success();
  });
  std::set<std::string> ids;
  for (const auto& line : log_->Lines("Looked")) {
    ids.insert(line.Field("reconcileID"));
    EXPECT_EQ(line.Field("controller"), "link");
    EXPECT_EQ(line.Field("kind"), "ManagedInstanceLink");
    EXPECT_EQ(line.Field("namespace"), "default");
  }
  EXPECT_THAT(ids, SizeIs(2)) << "each run has its own id";
  for (const auto& line : log_->Lines("Acted")) {
    EXPECT_EQ(ids.count(line.Field("reconcileID")), 1U);
  }
}

TEST_F(ControllerTest, AChangeDuringARunWinsOverItsRequeueAfter) {
  queue_.Add(kKey);
  int runs = 0;
  Run([&](const ObjectKey& key, const ReconcileContext&) {
    if (++runs == 1) {
      queue_.Add(key);
    }
    return Outcome::RequeueAfter(seconds(30));
  });
  EXPECT_EQ(runs, 2);
}

TEST(ControllerJitterTest, LooksAgainAreSpreadAroundTheirTime) {
  fakes::FakeClock clock;
  const auto random = MakeSeededRandom(3);
  WorkQueue queue(clock, *random);
  FunctionReconciler reconciler([](const ObjectKey&, const ReconcileContext&) {
    return Outcome::RequeueAfter(seconds(100));
  });
  Controller controller({.name = "link", .kind = "Link", .requeue_jitter = 0.1}, queue, reconciler,
                        Logger(), ControllerMetrics(), clock, *random);
  std::set<MonotonicTime> times;
  for (int i = 0; i < 50; ++i) {
    queue.Add(kKey);
    ASSERT_TRUE(controller.RunOne());
    const auto ready = queue.NextReady();
    ASSERT_TRUE(ready);
    EXPECT_GE(*ready - clock.Monotonic(), seconds(90));
    EXPECT_LE(*ready - clock.Monotonic(), seconds(110));
    times.insert(*ready);
  }
  EXPECT_GT(times.size(), 40U);
}

// A change that a user made while the object kept failing does not wait for the backoff.
TEST_F(ControllerTest, AChangeDuringAFailingRunIsTriedAtOnce) {
  queue_.AddRateLimited(kKey);
  queue_.Add(kKey);
  int runs = 0;
  Run([&](const ObjectKey& key, const ReconcileContext&) {
    if (++runs == 1) {
      queue_.Forget(key);
      queue_.Add(key);
    }
    return runs == 1 ? Outcome::Failure(Failed(ErrorKind::kTransient)) : Outcome::Success();
  });
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(failures_, 0);
}

class ControllerLogTest : public ControllerTest,
                          public ::testing::WithParamInterface<OutcomeRow> {};

TEST_P(ControllerLogTest, OneLineTellsHowARunEnded) {
  queue_.Add(kKey);
  Run([this](const ObjectKey&, const ReconcileContext&) {
    clock_.Step(milliseconds(1'500));
    return GetParam().outcome;
  });
  auto lines = log_->Lines();
  std::erase_if(lines, [](const auto& line) { return line.Field("reconcileID").empty(); });
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].Field("result"), GetParam().result);
  EXPECT_EQ(lines[0].Field("durationSeconds"), "1.500000");
  EXPECT_EQ(lines[0].Field("namespace"), "default");
  EXPECT_EQ(lines[0].Field("name"), "sales");
  EXPECT_THAT(lines[0].Field("reconcileID"), SizeIs(36));
  const bool failed = GetParam().result == "error";
  EXPECT_EQ(lines[0].level, failed ? LogLevel::kError : LogLevel::kDebug);
}

INSTANTIATE_TEST_SUITE_P(
    All, ControllerLogTest,
    ::testing::Values(
        OutcomeRow{"Success", Outcome::Success(), "success", {}, {}, 0},
        OutcomeRow{"RequeueAfter", Outcome::RequeueAfter(seconds(3)), "requeue_after", {}, {}, 0},
        OutcomeRow{"Failure", Outcome::Failure(Failed(ErrorKind::kTransient)), "error", {}, {}, 0},
        OutcomeRow{"Terminal", Outcome::Terminal(Failed(ErrorKind::kInvalid)), "error", {}, {}, 0}),
    [](const auto& test) { return test.param.name; });

TEST(ControllerDeadlineTest, ARunOverItsTimeIsCountedAndAskedToGiveUp) {
  fakes::FakeClock clock;
  const auto random = MakeSeededRandom(1);
  WorkQueue queue(clock, *random);
  Metrics metrics;
  Controller* running = nullptr;
  bool asked_early = false;
  bool asked = false;
  FunctionReconciler reconciler([&](const ObjectKey&, const ReconcileContext& context) {
    clock.Step(seconds(9));
    running->CheckDeadlines();
    asked_early = context.stop.stop_requested();
    clock.Step(seconds(1));
    running->CheckDeadlines();
    asked = context.stop.stop_requested();
    return Outcome::Failure(Failed(ErrorKind::kTransient));
  });
  Controller controller({.name = "link", .kind = "Link", .reconcile_timeout = seconds(10)}, queue,
                        reconciler, Logger(), ControllerMetrics(metrics, "link"), clock, *random);
  running = &controller;
  queue.Add(kKey);
  ASSERT_TRUE(controller.RunOne());
  EXPECT_FALSE(asked_early);
  EXPECT_TRUE(asked);
  EXPECT_THAT(metrics.Serialize(),
              HasSubstr("controller_runtime_reconcile_timeouts_total{controller=\"link\"} 1\n"));
  EXPECT_EQ(queue.Failures(kKey), 1) << "and tried again like any failure";
}

class ControllerWorkersTest : public ::testing::Test {
 protected:
  std::unique_ptr<Controller> Start(Reconciler& reconciler, int workers) {
    auto controller = std::make_unique<Controller>(
        ControllerOptions{.name = "link", .kind = "Link", .workers = workers}, queue_, reconciler,
        Logger(log_), ControllerMetrics(metrics_, "link"), clock_, *random_);
    controller->Start();
    return controller;
  }

  SystemClock clock_;
  std::shared_ptr<fakes::LogCollector> log_ = std::make_shared<fakes::LogCollector>();
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  Metrics metrics_;
  WorkQueue queue_{clock_, *random_, nullptr, WithoutJitter()};
};

TEST_F(ControllerWorkersTest, WorkersRunDifferentKeysAtTheSameTime) {
  std::latch all_running(3);  // passed only when three reconciles run together
  FunctionReconciler reconciler([&](const ObjectKey&, const ReconcileContext&) {
    all_running.arrive_and_wait();
    return Outcome::Success();
  });
  const auto controller = Start(reconciler, 3);
  for (const char* name : {"a", "b", "c"}) {
    queue_.Add({"default", name});
  }
  all_running.wait();
  EXPECT_TRUE(controller->Stop(seconds(30)));
  EXPECT_THAT(metrics_.Serialize(),
              HasSubstr("controller_runtime_max_concurrent_reconciles{controller=\"link\"} 3\n"));
}

TEST_F(ControllerWorkersTest, StopLetsARunningReconcileFinish) {
  std::latch running(1);
  std::promise<void> go_on;
  std::atomic<bool> finished = false;
  FunctionReconciler reconciler([&](const ObjectKey&, const ReconcileContext&) {
    running.count_down();
    go_on.get_future().wait();
    finished = true;
    return Outcome::Success();
  });
  const auto controller = Start(reconciler, 1);
  queue_.Add(kKey);
  running.wait();
  queue_.Add({"default", "waits"});
  auto stopped = std::async(std::launch::async, [&] { return controller->Stop(seconds(30)); });
  go_on.set_value();
  EXPECT_TRUE(stopped.get());
  EXPECT_TRUE(finished);
}

TEST_F(ControllerWorkersTest, AfterTheGraceARunningReconcileIsToldToGiveUp) {
  std::latch running(1);
  std::latch given_up(1);
  FunctionReconciler reconciler([&](const ObjectKey&, const ReconcileContext& context) {
    const std::stop_callback on_stop(context.stop, [&] { given_up.count_down(); });
    running.count_down();
    given_up.wait();
    return Outcome::Success();
  });
  const auto controller = Start(reconciler, 1);
  queue_.Add(kKey);
  running.wait();
  EXPECT_FALSE(controller->Stop(Duration::zero()));
  EXPECT_THAT(log_->Lines("Reconciles were still running after the grace period"), SizeIs(1));
}

TEST_F(ControllerWorkersTest, OneKeyIsNeverInTwoWorkers) {
  std::atomic<int> inside = 0;
  std::atomic<int> overlaps = 0;
  std::atomic<int> runs = 0;
  std::promise<void> enough;
  FunctionReconciler reconciler([&](const ObjectKey& key, const ReconcileContext&) {
    overlaps += inside.fetch_add(1);
    queue_.Add(key);
    std::this_thread::yield();
    inside.fetch_sub(1);
    if (++runs == 500) {
      enough.set_value();
    }
    return Outcome::Success();
  });
  const auto controller = Start(reconciler, 4);
  queue_.Add(kKey);
  enough.get_future().wait();
  controller->Stop(seconds(30));
  EXPECT_EQ(overlaps, 0);
}

}  // namespace
}  // namespace milink::runtime
