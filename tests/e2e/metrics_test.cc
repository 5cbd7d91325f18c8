// What a scraper sees of an operator at work.
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/text.h"
#include "tests/e2e/stack.h"
#include "tests/integration/command.h"

namespace milink::e2e {
namespace {

using test::CommandOutput;
using test::RunCommand;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

CommandOutput CheckMetrics(const std::string& text) {
  static const std::string kTools(Trim(RunCommand({MILINK_DEV_TOOLS, "build"}).out));
  return RunCommand({kTools + "/promtool", "check", "metrics"}, text);
}

std::string Scrape(const std::string& log) {
  std::smatch port;
  if (!std::regex_search(log, port, std::regex(R"re("port":(\d+))re"))) {
    return {};
  }
  return RunCommand({"curl", "-sSf", "http://127.0.0.1:" + port[1].str() + "/metrics"}).out;
}

TEST(MetricsE2eTest, NamesAndHelpsAreThoseOfPrometheusAndControllerRuntime) {
  Stack stack({});
  stack.ApplySecrets();
  stack.StartOperator();
  stack.Apply(stack.ReplicaManifest());
  stack.Apply(stack.LinkManifest());
  ASSERT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "True")) << stack.OperatorLog();

  const std::string text = Scrape(stack.OperatorLog());
  const CommandOutput checked = CheckMetrics(text);
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_THAT(checked.out + checked.err, IsEmpty());
  for (const char* name :
       {"controller_runtime_reconcile_total", "controller_runtime_reconcile_errors_total",
        "controller_runtime_terminal_reconcile_errors_total",
        "controller_runtime_reconcile_panics_total", "controller_runtime_reconcile_time_seconds",
        "controller_runtime_max_concurrent_reconciles", "controller_runtime_active_workers",
        "workqueue_depth", "workqueue_adds_total", "workqueue_queue_duration_seconds",
        "workqueue_work_duration_seconds", "workqueue_unfinished_work_seconds",
        "workqueue_longest_running_processor_seconds", "workqueue_retries_total",
        "rest_client_requests_total"}) {
    EXPECT_THAT(text, HasSubstr(std::string("# TYPE ") + name + " ")) << name;
  }
  EXPECT_THAT(text,
              HasSubstr("controller_runtime_reconcile_total{controller=\"sqlserverreplica\""));
}

TEST(MetricsE2eTest, ABadNameWouldBeNoticed) {
  const CommandOutput checked =
      CheckMetrics("# HELP milink_waits Waits\n# TYPE milink_waits counter\nmilink_waits 1\n");
  EXPECT_NE(checked.exit_code, 0);
  EXPECT_THAT(checked.out + checked.err, HasSubstr("_total"));
}

}  // namespace
}  // namespace milink::e2e
