// The root authorities that SQL Servers shall trust for managed instances: the two that are built
// in, and those of a file, such as a mounted ConfigMap, which somebody may replace while we run.
//
// Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/result.h"
#include "core/pki/root_authorities.h"

namespace milink::app {

class TrustedRoots {
 public:
  // An empty name: no file. Errors: kNotFound; kInvalid names the file and the cause, never the
  // content.
  static Result<std::unique_ptr<TrustedRoots>> Make(std::string file, const Clock& clock,
                                                    Logger log);

  // Looks at the file at most once a minute. What cannot be used leaves what was read before, and
  // is told in the log once.
  std::vector<pki::RootAuthority> Now();
  // Called, on the thread of a Now(), after others were read. Set it before there are threads.
  void OnChange(std::function<void()> on_change) { on_change_ = std::move(on_change); }

 private:
  TrustedRoots(std::string file, std::vector<pki::RootAuthority> roots, const Clock& clock,
               Logger log);

  bool LookLocked();  // true: others were read

  const std::string file_;
  const Clock& clock_;
  const Logger log_;
  std::function<void()> on_change_ = [] {};
  std::mutex mutex_;
  std::vector<pki::RootAuthority> roots_;
  std::string told_;  // of what was wrong at the last look; empty: nothing
  MonotonicTime looked_at_;
};

}  // namespace milink::app
