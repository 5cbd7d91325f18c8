#include "core/runtime/engine_metrics.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/random.h"
#include "tests/fakes/fake_clock.h"

namespace milink::runtime {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

TEST(QueueMetricsTest, FollowTheQueue) {
  Metrics metrics;
  QueueMetrics observer(metrics, "link");
  fakes::FakeClock clock;
  const auto random = MakeSeededRandom(1);
  WorkQueue queue(clock, *random, &observer);
  observer.Watch(metrics, queue);

  queue.Add({"default", "a"});
  queue.Add({"default", "b"}, kPeriodicPriority);
  queue.Add({"default", "c"}, 7);
  clock.Step(seconds(2));
  ASSERT_EQ(queue.TryGet()->key.name, "c");
  queue.AddRateLimited({"default", "c"});
  clock.Step(seconds(3));
  std::string text = metrics.Serialize();
  EXPECT_THAT(text, HasSubstr(R"(workqueue_depth{controller="link",name="link",priority="0"} 1)"));
  EXPECT_THAT(text,
              HasSubstr(R"(workqueue_depth{controller="link",name="link",priority="-100"} 1)"));
  EXPECT_THAT(text,
              HasSubstr(R"(workqueue_depth{controller="link",name="link",priority="100"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"(workqueue_adds_total{controller="link",name="link"} 3)"));
  EXPECT_THAT(text, HasSubstr(R"(workqueue_retries_total{controller="link",name="link"} 1)"));
  EXPECT_THAT(
      text, HasSubstr(R"(workqueue_queue_duration_seconds_sum{controller="link",name="link"} 2)"));
  EXPECT_THAT(text,
              HasSubstr(R"(workqueue_unfinished_work_seconds{controller="link",name="link"} 3)"));
  EXPECT_THAT(
      text,
      HasSubstr(R"(workqueue_longest_running_processor_seconds{controller="link",name="link"} 3)"));
  queue.Done({"default", "c"});
  text = metrics.Serialize();
  EXPECT_THAT(text,
              HasSubstr(R"(workqueue_work_duration_seconds_sum{controller="link",name="link"} 3)"));
  EXPECT_THAT(text,
              HasSubstr(R"(workqueue_unfinished_work_seconds{controller="link",name="link"} 0)"));
}

TEST(QueueMetricsTest, ADepthThatWasSeenOnceGoesBackToZero) {
  Metrics metrics;
  QueueMetrics observer(metrics, "link");
  fakes::FakeClock clock;
  const auto random = MakeSeededRandom(1);
  WorkQueue queue(clock, *random, &observer);
  observer.Watch(metrics, queue);
  queue.Add({"default", "a"}, 7);
  EXPECT_THAT(metrics.Serialize(), HasSubstr("priority=\"7\"} 1\n"));
  ASSERT_TRUE(queue.TryGet());
  EXPECT_THAT(metrics.Serialize(), HasSubstr("priority=\"7\"} 0\n"));
}

TEST(ControllerMetricsTest, EverySeriesExistsFromTheStart) {
  Metrics metrics;
  const ControllerMetrics controller(metrics, "link");
  const std::string text = metrics.Serialize();
  for (const char* result : {"success", "error", "requeue", "requeue_after"}) {
    EXPECT_THAT(text, HasSubstr("controller_runtime_reconcile_total{controller=\"link\",result=\"" +
                                std::string(result) + "\"} 0\n"));
  }
  for (const char* name :
       {"reconcile_errors_total", "terminal_reconcile_errors_total", "reconcile_panics_total",
        "reconcile_timeouts_total", "reconcile_time_seconds_count", "active_workers",
        "max_concurrent_reconciles"}) {
    EXPECT_THAT(text,
                HasSubstr("controller_runtime_" + std::string(name) + "{controller=\"link\"} 0\n"));
  }
}

TEST(ControllerMetricsTest, OnlyErrorsCountAsErrors) {
  Metrics metrics;
  const ControllerMetrics controller(metrics, "link");
  controller.Reconciled(ReconcileResult::kSuccess);
  controller.Took(seconds(1));
  controller.Reconciled(ReconcileResult::kError);
  controller.Took(seconds(2));
  const std::string text = metrics.Serialize();
  EXPECT_THAT(text,
              HasSubstr("controller_runtime_reconcile_errors_total{controller=\"link\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("controller_runtime_reconcile_time_seconds_sum{controller=\"link\"} 3\n"));
}

TEST(RestClientMetricsTest, CountsByCodeMethodAndHost) {
  Metrics metrics;
  const RestClientMetrics client(metrics, "127.0.0.1:6443");
  EXPECT_THAT(metrics.Serialize(),
              HasSubstr("rest_client_requests_total"
                        "{code=\"200\",host=\"127.0.0.1:6443\",method=\"GET\"} 0\n"));
  client.Requested("PATCH", "409");
  client.Requested("PATCH", "409");
  EXPECT_THAT(metrics.Serialize(),
              HasSubstr("rest_client_requests_total"
                        "{code=\"409\",host=\"127.0.0.1:6443\",method=\"PATCH\"} 2\n"));
}

}  // namespace
}  // namespace milink::runtime
