// milink-operator: starts, works until it is told to stop, says why it ended.
#include <variant>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/runtime/shutdown.h"
#include "operator/app.h"
#include "operator/options.h"
#include "operator/version.h"

int main(int argc, char** argv) {
  using namespace milink;  // NOLINT(google-build-using-namespace): this file only
  const auto parsed = app::ParseOptions(argc, argv);
  if (const auto* exit = std::get_if<app::ExitNow>(&parsed)) {
    return app::ToInt(exit->code);
  }
  const auto& options = std::get<app::Options>(parsed);
  const Logger log(MakeStderrSink(options.log_format, options.log_level));
  const runtime::ShutdownSignals signals(log);
  log.Info("Starting", {{"version", app::kProgramVersion}});
  const SystemClock clock;
  auto application = app::App::Make(options, clock, log);
  if (!application) {
    log.Error("Could not start", {{"error", ToString(application.error())}});
    return 1;
  }
  const Status status = (*application)->Run(signals);
  if (!status) {
    log.Error("Could not go on", {{"error", ToString(status.error())}});
    return 1;
  }
  log.Info("Stopped");
  return 0;
}
