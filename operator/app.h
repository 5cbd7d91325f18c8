// The composition root: the only place that names all concrete classes, and makes, starts and stops
// them in order.
#pragma once

#include <memory>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/result.h"
#include "core/runtime/shutdown.h"
#include "operator/options.h"

namespace milink::app {

class App {
 public:
  // Connects to nothing yet. kInvalid and kUnsupported say what is wrong with the configuration.
  // `clock` outlives the App.
  static Result<std::unique_ptr<App>> Make(const Options& options, const Clock& clock,
                                           const Logger& log);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // Works until a signal comes, then drains. Errors: the first read of the objects took too long,
  // or the health address is taken.
  Status Run(const runtime::ShutdownSignals& signals);

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace milink::app
