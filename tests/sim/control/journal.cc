#include "tests/sim/control/journal.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "core/base/time_format.h"

namespace milink::sim {

std::uint64_t Journal::Begin(const Call& call) {
  const std::lock_guard lock(mutex_);
  JournalEntry entry;
  entry.sequence = next_++;
  entry.time = clock_.Now();
  entry.call = call;
  entries_.push_back(std::move(entry));
  return entries_.back().sequence;
}

void Journal::End(std::uint64_t sequence, bool took_effect, const std::string& result) {
  const std::lock_guard lock(mutex_);
  const auto it = std::ranges::find(entries_, sequence, &JournalEntry::sequence);
  if (it != entries_.end()) {
    it->done = true;
    it->took_effect = took_effect;
    it->result = result;
  }
}

void Journal::MarkFault(std::uint64_t sequence, const std::string& fault) {
  const std::lock_guard lock(mutex_);
  const auto it = std::ranges::find(entries_, sequence, &JournalEntry::sequence);
  if (it != entries_.end()) {
    it->fault += (it->fault.empty() ? "" : ", ") + fault;
  }
}

std::vector<JournalEntry> Journal::Entries(std::uint64_t after) const {
  const std::lock_guard lock(mutex_);
  std::vector<JournalEntry> found;
  std::ranges::copy_if(entries_, std::back_inserter(found),
                       [&](const JournalEntry& entry) { return entry.sequence > after; });
  return found;
}

std::map<std::string, int> Journal::EffectiveMutations() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, int> counts;
  for (const JournalEntry& entry : entries_) {
    if (entry.call.mutation && entry.took_effect && entry.call.kind != CallKind::kBatch) {
      ++counts[entry.call.target + ": " + entry.call.operation + " " + entry.call.object];
    }
  }
  return counts;
}

std::uint64_t Journal::LastSequence() const {
  const std::lock_guard lock(mutex_);
  return next_ - 1;
}

void Journal::Clear() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
}

std::string_view ToString(CallKind kind) {
  switch (kind) {
    case CallKind::kLogin:
      return "login";
    case CallKind::kBatch:
      return "batch";
    case CallKind::kStatement:
      return "statement";
    case CallKind::kRequest:
      return "request";
  }
  return "?";
}

nlohmann::json ToJson(const JournalEntry& entry) {
  nlohmann::json json = {{"sequence", entry.sequence},
                         {"time", FormatRfc3339Micro(entry.time)},
                         {"kind", ToString(entry.call.kind)},
                         {"target", entry.call.target},
                         {"operation", entry.call.operation},
                         {"object", entry.call.object},
                         {"text", entry.call.text},
                         {"mutation", entry.call.mutation},
                         {"done", entry.done},
                         {"tookEffect", entry.took_effect},
                         {"result", entry.result}};
  if (!entry.fault.empty()) {
    json["fault"] = entry.fault;
  }
  return json;
}

namespace {

// Behind the closing quote of the literal whose opening quote stands at `open`.
std::size_t EndOfLiteral(std::string_view batch, std::size_t open) {
  std::size_t close = open + 1;
  while (close < batch.size() &&
         (batch[close] != '\'' || (close + 1 < batch.size() && batch[close + 1] == '\''))) {
    close += batch[close] == '\'' ? 2 : 1;
  }
  return std::min(close + 1, batch.size());
}

// Every literal behind the word PASSWORD, whatever stands between, as the grammar allows
// `PASSWORD = N'x'` and `PASSWORD='x'`.
std::string MaskPasswords(std::string_view batch) {
  const std::string lower = ToLowerAscii(batch);
  std::string masked;
  std::size_t from = 0;
  for (std::size_t at = lower.find("password"); at != std::string::npos;
       at = lower.find("password", from)) {
    const std::size_t open = lower.find_first_not_of(" \t\r\n=n", at + 8);
    if (open == std::string::npos || lower[open] != '\'') {
      masked += batch.substr(from, at + 8 - from);
      from = at + 8;
      continue;
    }
    masked += batch.substr(from, open - from);
    masked += "'***'";
    from = EndOfLiteral(batch, open);
  }
  masked += batch.substr(from);
  return masked;
}

// CERTPRIVATEKEY(id, 'password'): every literal up to the end of its arguments.
std::string MaskKeyExports(std::string_view batch) {
  constexpr std::string_view kFunction = "certprivatekey(";
  const std::string lower = ToLowerAscii(batch);
  std::string masked;
  std::size_t from = 0;
  for (std::size_t at = lower.find(kFunction); at != std::string::npos;
       at = lower.find(kFunction, from)) {
    std::size_t next = at + kFunction.size();
    masked += batch.substr(from, next - from);
    while (next < batch.size() && batch[next] != ')') {
      const bool literal = batch[next] == '\'';
      masked += literal ? "'***'" : std::string(1, batch[next]);
      next = literal ? EndOfLiteral(batch, next) : next + 1;
    }
    from = next;
  }
  masked += batch.substr(from);
  return masked;
}

}  // namespace

std::string MaskSecrets(std::string_view batch) { return MaskKeyExports(MaskPasswords(batch)); }

}  // namespace milink::sim
