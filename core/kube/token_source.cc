#include "core/kube/token_source.h"

#include <utility>

#include "core/base/text.h"
#include "core/kube/files.h"

namespace milink::kube {
namespace {

constexpr Duration kTokenFreshFor = std::chrono::seconds(50);
constexpr Duration kRetryAfter = std::chrono::seconds(1);

}  // namespace

TokenSource::TokenSource(const ClusterAccess& access, const Clock& clock, Logger logger)
    : file_(access.token_file), clock_(clock), logger_(std::move(logger)), token_(access.token) {}

Secret TokenSource::Get() {
  const std::lock_guard lock(mutex_);
  const MonotonicTime now = clock_.Monotonic();
  if (file_.empty() || now < next_read_) {
    return token_;
  }
  Result<std::string> text = ReadFile(file_);
  if (text.ok() && !Trim(*text).empty()) {
    token_ = Secret(std::string(Trim(*text)));
    WipeMemory(*text);
    read_at_ = now;
    next_read_ = now + kTokenFreshFor;
    is_failing_ = false;
    return token_;
  }
  next_read_ = now + kRetryAfter;
  if (!std::exchange(is_failing_, true)) {
    logger_.Warning(
        "Kept the old token because its file could not be read",
        {{"file", file_},
         {"error", text.ok() ? std::string("the file is empty") : ToString(text.error())}});
  }
  return token_;
}

void TokenSource::Refused(MonotonicTime request_start) {
  const std::lock_guard lock(mutex_);
  if (!file_.empty() && read_at_ <= request_start) {
    next_read_ = MonotonicTime();
  }
}

}  // namespace milink::kube
