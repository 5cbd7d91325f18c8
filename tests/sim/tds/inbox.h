// Between the thread that reads a connection and the one that executes its requests.
//
// An attention cancels the request which runs or waits in front of it, and is acknowledged in its
// turn, after that request's reply. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "tests/sim/tds/packet.h"

namespace milink::sim::tds {

class Inbox {
 public:
  void Push(Message message);
  // No more will come, and what runs is to stop. Requests that arrived whole are still executed, as
  // a server does that has not noticed yet that its client died; they start cancelled.
  void Close();
  // Waits. Nothing once closed and empty.
  std::optional<Message> Pop();

  // For the request that Pop() returned last.
  const std::atomic<bool>& cancelled() const { return cancelled_; }

 private:
  void UpdateCancelled();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Message> messages_;
  bool closed_ = false;
  std::atomic<bool> cancelled_ = false;
};

}  // namespace milink::sim::tds
