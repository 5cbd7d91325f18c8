// What was asked of the simulated systems, in order: every login, batch, mutating statement and
// HTTP request. Tests assert on it; secrets are masked before they come in.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/clock.h"

namespace milink::sim {

enum class CallKind {
  kLogin,      // a LOGIN7 or a token request
  kBatch,      // one round trip to SQL Server
  kStatement,  // a mutating statement inside a batch
  kRequest,    // an HTTP request to Azure Resource Manager
};

struct Call {
  CallKind kind = CallKind::kBatch;
  std::string target;     // @@SERVERNAME, or the managed instance's name; "login" for tokens
  std::string operation;  // "CREATE AVAILABILITY GROUP", "PUT distributedAvailabilityGroups", ..
  std::string object;     // "AG_db1", "sqlmi1/link1"; empty for batches
  std::string text;       // the batch or path, secrets masked
  bool mutation = false;  // wants to change the world
};

struct JournalEntry {
  std::uint64_t sequence = 0;  // from 1
  TimePoint time;
  Call call;
  bool done = false;         // the system has finished with it (a held one has not)
  bool took_effect = false;  // the world changed
  std::string result;        // "ok", an error number, an HTTP status with the ARM code
  std::string fault;         // what was injected, empty when nothing
};

class Journal {
 public:
  explicit Journal(const Clock& clock) : clock_(clock) {}

  std::uint64_t Begin(const Call& call);
  void End(std::uint64_t sequence, bool took_effect, const std::string& result);
  void MarkFault(std::uint64_t sequence, const std::string& fault);

  std::vector<JournalEntry> Entries(std::uint64_t after = 0) const;
  // "operation object" -> how often it took effect.
  std::map<std::string, int> EffectiveMutations() const;
  std::uint64_t LastSequence() const;
  void Clear();  // sequence numbers go on

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::vector<JournalEntry> entries_;
  std::uint64_t next_ = 1;
};

std::string_view ToString(CallKind kind);
nlohmann::json ToJson(const JournalEntry& entry);

// Replaces the secrets of a T-SQL batch: literals after PASSWORD (=) and private key blobs.
std::string MaskSecrets(std::string_view batch);

}  // namespace milink::sim
