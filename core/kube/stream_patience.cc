#include "core/kube/stream_patience.h"

#include <algorithm>
#include <utility>

namespace milink::kube {
namespace {

// Grace for the server to end the watch at the time it was given.
constexpr Duration kTimeoutGrace = std::chrono::seconds(5);
// How often a streaming list that has no end yet is complained about.
constexpr Duration kWarnEvery = std::chrono::seconds(10);
// After so many silent watches a server is taken to send no bookmarks.
constexpr int kSilentCutsBeforeDoubt = 3;
constexpr int kQuietStreamsOfTheDeaf = 2;

}  // namespace

void StreamPatience::OnOpened(MonotonicTime now, Duration lifetime) {
  lifetime_ = lifetime;
  opened_ = now;
  progress_ = now;
  within_event_ = false;
  next_warning_ = now + kWarnEvery;
}

void StreamPatience::OnBytes(MonotonicTime now) {
  if (!std::exchange(within_event_, true)) {
    progress_ = now;
  }
}

void StreamPatience::OnEvent(MonotonicTime now) {
  progress_ = now;
  within_event_ = false;
  quiet_streams_ = 0;
}

bool StreamPatience::SilenceMatters() const {
  return within_event_ || saw_bookmark_ || silent_cuts_ < kSilentCutsBeforeDoubt;
}

MonotonicTime StreamPatience::End() const { return opened_ + lifetime_ + kTimeoutGrace; }

MonotonicTime StreamPatience::Deadline() const {
  return SilenceMatters() ? std::min(End(), progress_ + silence_limit_) : End();
}

MonotonicTime StreamPatience::ListDeadline() const {
  return std::min({Deadline(), next_warning_, progress_ + list_patience_});
}

bool StreamPatience::OnCut(MonotonicTime now) {
  if (!saw_bookmark_ && !within_event_ && now - progress_ >= silence_limit_) {
    ++silent_cuts_;
  }
  if (++quiet_streams_ < kQuietStreamsOfTheDeaf || !saw_bookmark_) {
    return false;
  }
  quiet_streams_ = 0;
  return true;
}

bool StreamPatience::IsListTooSlow(MonotonicTime now) {
  if (now - progress_ >= list_patience_ || now >= End()) {
    return true;
  }
  next_warning_ = now + kWarnEvery;
  return false;
}

}  // namespace milink::kube
