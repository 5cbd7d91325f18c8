// The queue against a plain model of its promises, over random interleavings of producers and
// virtual workers under a clock that only the test moves.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/runtime/queue_fixture.h"

namespace milink::runtime {
namespace {

// What waits, in a list that is searched from end to end.
class Model {
 public:
  void Add(const std::string& key, MonotonicTime now, Duration delay, int priority) {
    Promote(now);
    const bool delayed = delay > Duration::zero();
    Waiting* known = Find(key);
    if (known == nullptr) {
      waiting_.push_back({key, priority, delayed, now + std::max(delay, Duration::zero()), 0});
      known = &waiting_.back();
      if (!delayed) known->since = ++stamp_;
      return;
    }
    const bool raised = priority > known->priority;
    known->priority = std::max(known->priority, priority);
    if (!known->delayed) {
      if (raised && !Runs(key)) known->since = ++stamp_;
      return;
    }
    known->ready_at = std::min(known->ready_at, now + std::max(delay, Duration::zero()));
    if (!delayed) {
      known->delayed = false;
      known->since = ++stamp_;
    }
  }

  std::optional<std::string> Take(MonotonicTime now) {
    Promote(now);
    const Waiting* best = nullptr;
    const Waiting* longest = nullptr;
    for (const Waiting& entry : waiting_) {
      if (entry.delayed || Runs(entry.key)) continue;
      if (best == nullptr || entry.priority > best->priority ||
          (entry.priority == best->priority && entry.since < best->since)) {
        best = &entry;
      }
      if (longest == nullptr || entry.since < longest->since) longest = &entry;
    }
    if (best == nullptr) return std::nullopt;
    if (best == longest || passed_over_ == WorkQueue::kPassedOver) {
      best = longest;
      passed_over_ = 0;
    } else {
      ++passed_over_;
    }
    const std::string key = best->key;
    std::erase_if(waiting_, [&](const Waiting& entry) { return entry.key == key; });
    running_.push_back(key);
    return key;
  }

  void Done(const std::string& key) {
    std::erase(running_, key);
    if (Waiting* waiting = Find(key); waiting != nullptr && !waiting->delayed) {
      waiting->since = ++stamp_;
    }
  }

  bool Runs(const std::string& key) const {
    return std::ranges::find(running_, key) != running_.end();
  }

 private:
  struct Waiting {
    std::string key;
    int priority;
    bool delayed;
    MonotonicTime ready_at;
    int since;  // order of becoming ready
  };

  Waiting* Find(const std::string& key) {
    const auto found = std::ranges::find(waiting_, key, &Waiting::key);
    return found == waiting_.end() ? nullptr : &*found;
  }

  void Promote(MonotonicTime now) {
    std::ranges::sort(waiting_, [](const Waiting& a, const Waiting& b) {
      return std::pair(a.ready_at, a.key) < std::pair(b.ready_at, b.key);
    });
    for (Waiting& entry : waiting_) {
      if (!entry.delayed || entry.ready_at > now) continue;
      entry.delayed = false;
      entry.since = ++stamp_;
    }
  }

  std::vector<Waiting> waiting_;
  std::vector<std::string> running_;
  int stamp_ = 0;
  int passed_over_ = 0;
};

class WorkQueueModelTest : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  static constexpr std::size_t kKeys = 6;
  static constexpr std::size_t kWorkers = 3;

  std::size_t Pick(std::size_t count) { return choices_->Bits() % count; }
  std::string AnyKey() { return std::string(1, static_cast<char>('a' + Pick(kKeys))); }
  int AnyPriority() {
    constexpr int kPriorities[] = {kUrgentPriority, kChangePriority, kPeriodicPriority};
    return kPriorities[Pick(3)];
  }

  void Produce() {
    const std::string key = AnyKey();
    const int priority = AnyPriority();
    Duration delay = Duration::zero();
    switch (Pick(4)) {
      case 0:
        queue_.Add(Key(key), priority);
        break;
      case 1:
        delay = Duration(Pick(40));
        queue_.AddAfter(Key(key), delay, priority);
        break;
      case 2:
        delay = queue_.AddRateLimited(Key(key), priority);
        ++failures_[key];
        EXPECT_GE(delay, BackoffDelay(WorkQueue::kRetryPolicy, failures_[key]));
        EXPECT_LE(delay, BackoffDelay(WorkQueue::kRetryPolicy, failures_[key]) * 12 / 10);
        break;
      default:
        queue_.Forget(Key(key));
        failures_[key] = 0;
        return;
    }
    model_.Add(key, clock_.Monotonic(), delay, priority);
    asked_[key] = true;
  }

  void StartOne() {
    const auto item = queue_.TryGet();
    const auto expected = model_.Take(clock_.Monotonic());
    ASSERT_EQ(item.has_value(), expected.has_value());
    if (!item) return;
    ASSERT_EQ(item->key.name, *expected);
    ASSERT_EQ(std::ranges::count(busy_, item->key.name), 0) << "two workers on " << item->key.name;
    busy_.push_back(item->key.name);
    asked_[item->key.name] = false;
  }

  void FinishOne() {
    const std::string key = busy_[Pick(busy_.size())];
    std::erase(busy_, key);
    queue_.Done(Key(key));
    model_.Done(key);
  }

  fakes::FakeClock clock_;
  std::unique_ptr<Random> choices_ = MakeSeededRandom(GetParam());
  std::unique_ptr<Random> random_ = MakeSeededRandom(GetParam() + 1);
  WorkQueue queue_{clock_, *random_};
  Model model_;
  std::vector<std::string> busy_;
  std::map<std::string, int> failures_;
  std::map<std::string, bool> asked_;  // added and not started since
};

TEST_P(WorkQueueModelTest, KeepsItsPromisesInEveryInterleaving) {
  for (int step = 0; step < 2'000; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const std::size_t what = Pick(10);
    if (what < 4) {
      Produce();
    } else if (what < 7 && busy_.size() < kWorkers) {
      StartOne();
    } else if (what < 9 && !busy_.empty()) {
      FinishOne();
    } else {
      clock_.Step(Duration(Pick(15)));
    }
    if (HasFatalFailure()) return;
  }
  // No wake-up was lost: whoever asked is run.
  clock_.Step(std::chrono::hours(1));
  while (!busy_.empty()) FinishOne();
  for (std::size_t i = 0; i < kKeys; ++i) {
    StartOne();
    if (HasFatalFailure()) return;
  }
  for (const auto& [key, asked] : asked_) EXPECT_FALSE(asked) << key << " was forgotten";
  EXPECT_FALSE(queue_.TryGet()) << "each key is handed out once";
}

INSTANTIATE_TEST_SUITE_P(Seeds, WorkQueueModelTest, ::testing::Range<std::uint64_t>(1, 101));

}  // namespace
}  // namespace milink::runtime
