#include "tests/sim/control/calls.h"

#include <array>

#include "core/base/text.h"
#include "tests/sim/world/outcome.h"

namespace milink::sim {
namespace {

bool Contains(std::string_view text, std::string_view part) {
  return part.empty() || ToLowerAscii(text).find(ToLowerAscii(part)) != std::string::npos;
}

bool Matches(const Fault& fault, const Call& call) {
  return (!fault.kind || *fault.kind == call.kind) &&
         (!fault.mutation || *fault.mutation == call.mutation) &&
         (fault.target.empty() || EqualsIgnoreCaseAscii(fault.target, call.target)) &&
         Contains(call.operation, fault.operation) &&
         (Contains(call.text, fault.pattern) || Contains(call.object, fault.pattern));
}

// Counts the call; true when it is one of those that the fault is for.
bool Counts(Fault& fault) {
  ++fault.seen;
  return fault.seen >= fault.nth && (fault.times == 0 || fault.seen < fault.nth + fault.times);
}

std::string Describe(const Fault& fault) {
  constexpr std::array<std::string_view, 4> kWhat = {"fail", "close", "delay", "hold"};
  return std::string(kWhat.at(static_cast<std::size_t>(fault.what))) +
         (fault.when == Fault::kBefore ? " before" : " after");
}

}  // namespace

Calls::Pass Calls::Begin(const Call& call) {
  Pass pass;
  pass.calls_ = this;
  pass.sequence = journal_.Begin(call);
  std::vector<Fault> before;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, fault] : faults_) {
      if (Matches(fault, call) && Counts(fault)) {
        (fault.when == Fault::kBefore ? before : pass.after_).push_back(fault);
      }
    }
  }
  for (const Fault& fault : before) {
    const Verdict verdict = Apply(fault, pass.sequence);
    if (verdict.action != Verdict::kProceed) {
      pass.verdict = verdict;
      break;
    }
  }
  return pass;
}

Verdict Calls::Pass::End(bool took_effect, const std::string& result) {
  // Written down first: a held call has had its effect already.
  calls_->journal_.End(sequence, took_effect, result);
  for (const Fault& fault : after_) {
    const Verdict after = calls_->Apply(fault, sequence);
    if (after.action != Verdict::kProceed) {
      return after;
    }
  }
  return {};
}

Verdict Calls::Apply(const Fault& fault, std::uint64_t sequence) {
  journal_.MarkFault(sequence, Describe(fault));
  Verdict verdict;
  switch (fault.what) {
    case Fault::kFail:
      verdict.action = Verdict::kFail;
      verdict.sql =
          MakeMessage(fault.sql_number == 0 ? 1205 : fault.sql_number, fault.sql_arguments);
      verdict.http = fault.http;
      return verdict;
    case Fault::kClose:
      verdict.action = Verdict::kClose;
      return verdict;
    case Fault::kDelay: {
      std::unique_lock lock(mutex_);
      released_.wait_for(lock, fault.delay, [&] { return stopped_; });
      return verdict;
    }
    case Fault::kHold: {
      std::unique_lock lock(mutex_);
      held_[sequence] = Held::kWaiting;
      released_.wait(lock, [&] { return stopped_ || held_[sequence] != Held::kWaiting; });
      verdict.action = held_[sequence] == Held::kReleased ? Verdict::kProceed : Verdict::kClose;
      held_.erase(sequence);
      return verdict;
    }
  }
  return verdict;
}

int Calls::AddFault(Fault fault) {
  const std::lock_guard lock(mutex_);
  fault.seen = 0;
  faults_[next_id_] = std::move(fault);
  return next_id_++;
}

void Calls::RemoveFault(int id) {
  const std::lock_guard lock(mutex_);
  faults_.erase(id);
}

void Calls::ClearFaults() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
}

std::vector<std::uint64_t> Calls::HeldCalls() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint64_t> sequences;
  for (const auto& [sequence, state] : held_) {
    if (state == Held::kWaiting) {
      sequences.push_back(sequence);
    }
  }
  return sequences;
}

void Calls::ReleaseAll() { LetGo(false); }

void Calls::CutHeld() { LetGo(true); }

void Calls::LetGo(bool cut) {
  const std::lock_guard lock(mutex_);
  for (auto& [sequence, state] : held_) {
    state = cut ? Held::kCut : Held::kReleased;
  }
  released_.notify_all();
}

void Calls::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  released_.notify_all();
}

}  // namespace milink::sim
