// The composition root: the only place that names all concrete classes, and makes, starts and stops
// them in order.
#pragma once

#include <functional>
#include <memory>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/result.h"
#include "core/runtime/shutdown.h"
#include "operator/exit_code.h"
#include "operator/options.h"

namespace milink::app {

class App {
 public:
  // Ends the process at once, without destructors: for when nothing may be waited for.
  using Leave = std::function<void(ExitCode)>;

  // Connects to nothing yet. kInvalid and kUnsupported say what is wrong with the configuration.
  // `clock` outlives the App.
  static Result<std::unique_ptr<App>> Make(const Options& options, const Clock& clock,
                                           const Logger& log, Leave leave);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // Waits for leadership, works until a signal comes, drains, and gives leadership back. Errors:
  // the first read of the objects took too long, or the health address is taken. Leaves at once
  // when leadership is lost or work does not end.
  Status Run(const runtime::ShutdownSignals& signals);

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace milink::app
