// milink-operator: starts, works until it is told to stop, says why it ended.
#include <cstdlib>
#include <functional>
#include <memory>
#include <utility>
#include <variant>

#include <malloc.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/runtime/shutdown.h"
#include "operator/app.h"
#include "operator/options.h"
#include "operator/version.h"

namespace {

// SIGUSR1 switches debug lines on, and off again.
std::function<void()> DebugSwitch(std::shared_ptr<milink::AdjustableSink> sink,
                                  milink::LogLevel usual) {
  return [sink = std::move(sink), usual, on = false]() mutable {
    on = !on;
    sink->SetLevel(on ? milink::LogLevel::kDebug : usual);
    milink::Logger(sink).Info("Switched debug lines", {{"on", on}});
  };
}

// glibc gives every thread a heap of its own, and what one thread frees another cannot use. What is
// large is mapped by itself: it goes back when it is freed, and of the buffers that the ODBC driver
// holds for each connection (iconv's, 16 to 48 KiB each) only the pages in use are there.
void SaveMemory() {
  constexpr int kHeaps = 2;
  constexpr int kLarge = 16'000;
  constexpr int kMostMapped = 16 * 1024;  // a quarter of what Linux lets a process map
  mallopt(M_ARENA_MAX, kHeaps);
  mallopt(M_MMAP_THRESHOLD, kLarge);
  mallopt(M_MMAP_MAX, kMostMapped);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace milink;  // NOLINT(google-build-using-namespace): this file only
  SaveMemory();
  const auto parsed = app::ParseOptions(argc, argv);
  if (const auto* exit = std::get_if<app::ExitNow>(&parsed)) {
    return app::ToInt(exit->code);
  }
  const auto& options = std::get<app::Options>(parsed);
  const auto sink = MakeStderrSink(options.log_format, options.log_level);
  const Logger log(sink);
  const runtime::ShutdownSignals signals(log, {}, DebugSwitch(sink, options.log_level));
  log.Info("Starting", {{"version", app::kProgramVersion}});
  const SystemClock clock;
  // The one way out that waits for nothing: what runs must not go on.
  const auto leave = [](app::ExitCode code) { std::_Exit(app::ToInt(code)); };
  auto application = app::App::Make(options, clock, log, leave);
  if (!application) {
    log.Error("Could not start", {{"error", ToString(application.error())}});
    return app::ToInt(app::ExitCode::kFailed);
  }
  const Status status = (*application)->Run(signals);
  if (!status) {
    log.Error("Could not go on", {{"error", ToString(status.error())}});
    return app::ToInt(app::ExitCode::kFailed);
  }
  log.Info("Stopped");
  return app::ToInt(app::ExitCode::kStopped);
}
