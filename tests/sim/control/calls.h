// The gate through which every call to a simulated system passes: journalled, and refused, delayed,
// held or cut where a test has put a fault.
//
// Use, without holding the World's lock:
//   auto pass = calls.Begin(call);
//   if (pass.verdict.action != Verdict::kProceed) -> refuse or close, then pass.End(false, "..")
//   .. do it ..
//   Verdict after = pass.End(took_effect, "ok");   // may ask to fail or close all the same
//
// Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/control/journal.h"
#include "tests/sim/sql/executor.h"

namespace milink::sim {

// An answer of HTTP in place of the real one.
struct HttpFailure {
  int status = 500;
  std::string code;
  std::string message;
  std::optional<int> retry_after_seconds;
};

struct Verdict {
  enum Action { kProceed, kFail, kClose };
  Action action = kProceed;
  ServerMessage sql;  // with kFail, for SQL Server
  HttpFailure http;   // with kFail, for Azure
};

struct Fault {
  enum When { kBefore, kAfter };               // its effect
  enum What { kFail, kClose, kDelay, kHold };  // kHold: until released

  // Which calls: every condition that is set must hold.
  std::optional<CallKind> kind;
  std::string target;     // exactly, without regard to case
  std::string operation;  // contained in the operation, without regard to case
  std::string pattern;    // contained in the text or the object, without regard to case
  std::optional<bool> mutation;

  int nth = 1;    // the n-th such call from now on ..
  int times = 1;  // .. and this many in a row; 0: for ever
  When when = kBefore;
  What what = kFail;
  int sql_number = 0;  // with kFail for SQL Server
  std::vector<std::string> sql_arguments;
  HttpFailure http;  // with kFail for Azure
  Duration delay{0};

  int seen = 0;  // matching calls so far
};

class Calls {
 public:
  explicit Calls(Journal& journal) : journal_(journal) {}

  class Pass {
   public:
    Verdict verdict;  // of the faults before the effect
    std::uint64_t sequence = 0;
    // Reports what happened; the verdict says whether the caller shall be told so.
    Verdict End(bool took_effect, const std::string& result);

   private:
    friend class Calls;
    Calls* calls_ = nullptr;
    std::vector<Fault> after_;
  };
  // Blocks while a fault holds or delays the call.
  Pass Begin(const Call& call);

  int AddFault(Fault fault);  // its id
  void RemoveFault(int id);
  void ClearFaults();
  // Sequence numbers of the calls that are held now.
  std::vector<std::uint64_t> HeldCalls() const;
  void ReleaseAll();
  // Cuts what is held: their connections close without an answer.
  void CutHeld();
  // For good: nothing is held or delayed any more (shutdown).
  void Stop();

 private:
  void LetGo(bool cut);
  Verdict Apply(const Fault& fault, std::uint64_t sequence);

  Journal& journal_;
  mutable std::mutex mutex_;
  std::condition_variable released_;
  std::map<int, Fault> faults_;
  int next_id_ = 1;
  enum class Held { kWaiting, kReleased, kCut };
  std::map<std::uint64_t, Held> held_;  // by sequence
  bool stopped_ = false;
};

}  // namespace milink::sim
