// Kills the operator at writes, and starts it again: the machinery of every test that asks whether
// what was interrupted is resumed.
//
// One run kills at every write it meets for the first time, so that each of them is the place of a
// crash, and the runs after a crash are crashed into as well.
//
// Belongs to the test's thread, which owns the operator's process.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/base/clock.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {

enum class Variant { kBefore, kAfterEffect, kAfterAnswer };

inline const auto kVariants =
    ::testing::Values(Variant::kBefore, Variant::kAfterEffect, Variant::kAfterAnswer);
std::string NameOf(const ::testing::TestParamInfo<Variant>& variant);

// Of a stack whose operator can be killed at its writes to Kubernetes, too.
Stack::Settings ThroughGate(Stack::Settings settings = {});

// At each write once, in one variant.
class Killer {
 public:
  Killer(Stack& stack, Variant variant);
  ~Killer();
  Killer(const Killer&) = delete;
  Killer& operator=(const Killer&) = delete;

  // Runs until `done` or the time is up. How often it killed is in kills().
  bool Until(const std::function<bool()>& done, Duration timeout);

  std::size_t kills() const { return kills_; }

 private:
  // On the gate's thread. False: cut, because the operator was killed here.
  bool AtKubeWrite(const KubeWrite& write);
  // On the test's thread.
  void Serve();
  void AtHeldCall(std::uint64_t sequence);

  Stack& stack_;
  const Variant variant_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;  // a kill
  bool over_ = false;
  std::set<std::string> seen_;
  std::map<std::string, int> kube_counts_;
  std::size_t kills_ = 0;
};

}  // namespace milink::e2e
