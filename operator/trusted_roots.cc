#include "operator/trusted_roots.h"

#include <algorithm>
#include <utility>

#include "core/kube/files.h"

namespace milink::app {
namespace {

constexpr Duration kFreshFor = std::chrono::minutes(1);

Result<std::vector<pki::RootAuthority>> Read(const std::string& file) {
  auto roots = pki::RootAuthorities();
  if (file.empty()) {
    return roots;
  }
  const auto text = kube::ReadFile(file);
  if (!text) {
    return text.error();
  }
  auto more = pki::ReadRootAuthorities(*text, roots);
  if (!more) {
    Error error = std::move(more).error();
    error.message = file + ": " + error.message;
    return error;
  }
  roots.insert(roots.end(), more->begin(), more->end());
  return roots;
}

bool SameRoots(const std::vector<pki::RootAuthority>& a, const std::vector<pki::RootAuthority>& b) {
  return std::ranges::equal(a, b, {}, &pki::RootAuthority::thumbprint,
                            &pki::RootAuthority::thumbprint);
}

}  // namespace

Result<std::unique_ptr<TrustedRoots>> TrustedRoots::Make(std::string file, const Clock& clock,
                                                         Logger log) {
  auto roots = Read(file);
  if (!roots) {
    return std::move(roots).error();
  }
  return std::unique_ptr<TrustedRoots>(
      new TrustedRoots(std::move(file), *std::move(roots), clock, std::move(log)));
}

TrustedRoots::TrustedRoots(std::string file, std::vector<pki::RootAuthority> roots,
                           const Clock& clock, Logger log)
    : file_(std::move(file)),
      clock_(clock),
      log_(std::move(log)),
      roots_(std::move(roots)),
      looked_at_(clock.Monotonic()) {}

std::vector<pki::RootAuthority> TrustedRoots::Now() {
  std::unique_lock lock(mutex_);
  const bool changed = LookLocked();
  std::vector<pki::RootAuthority> roots = roots_;
  lock.unlock();
  if (changed) {
    on_change_();
  }
  return roots;
}

bool TrustedRoots::LookLocked() {
  if (file_.empty() || clock_.Monotonic() - looked_at_ < kFreshFor) {
    return false;
  }
  looked_at_ = clock_.Monotonic();
  auto roots = Read(file_);
  if (!roots) {
    if (std::exchange(told_, roots.error().message) != roots.error().message) {
      log_.Warning("Could not use the changed file of root authorities, those read before stay",
                   {{"file", file_}, {"error", roots.error().message}});
    }
    return false;
  }
  told_.clear();
  if (SameRoots(*roots, roots_)) {
    return false;
  }
  roots_ = *std::move(roots);
  log_.Info("Read the changed file of root authorities",
            {{"file", file_}, {"authorities", roots_.size()}});
  return true;
}

}  // namespace milink::app
