// A queue under a clock that stands still, and short ways to take keys out of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/runtime/work_queue.h"
#include "tests/fakes/fake_clock.h"

namespace milink::runtime {

inline ObjectKey Key(const std::string& name) { return {"default", name}; }

// client-go's delays exactly, for tests that count milliseconds.
inline BackoffPolicy WithoutJitter() {
  BackoffPolicy policy = WorkQueue::kRetryPolicy;
  policy.jitter = 0.0;
  return policy;
}

class QueueTest : public ::testing::Test {
 protected:
  // Names of all keys that are ready, in order; each is done at once.
  std::vector<std::string> DrainNames() {
    std::vector<std::string> names;
    while (const auto item = queue_.TryGet()) {
      names.push_back(item->key.name);
      queue_.Done(item->key);
    }
    return names;
  }
  // Takes the next key and leaves it running.
  std::string Take() {
    const auto item = queue_.TryGet();
    return item ? item->key.name : "";
  }

  fakes::FakeClock clock_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  WorkQueue queue_{clock_, *random_, nullptr, WithoutJitter()};
};

}  // namespace milink::runtime
