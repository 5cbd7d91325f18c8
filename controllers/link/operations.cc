#include "controllers/link/operations.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "controllers/link/facts.h"
#include "controllers/link/reasons.h"
#include "core/api/error_reasons.h"
#include "core/azure/errors.h"
#include "core/base/backoff.h"

namespace milink::link {
namespace {

using State = azure::OperationState;

constexpr BackoffPolicy kPollAgain{std::chrono::seconds(15), std::chrono::minutes(5), 2.0, 0.1};
constexpr auto kCreationEndsWithin = std::chrono::minutes(24 * 60);
constexpr auto kOthersEndWithin = std::chrono::minutes(30);
constexpr std::string_view kTdeUpload = "UploadTdeCertificate/";

std::chrono::minutes EndsWithin(const std::string& key) {
  return key.starts_with("CreateLink/") ? kCreationEndsWithin : kOthersEndWithin;
}

void PollAfter(OperationFact& fact, Duration delay, TimePoint now) {
  fact.poll_after = delay;
  fact.poll_at = now + delay;
}

void Finish(OperationFact& fact, State state, TimePoint now) {
  fact.state = state;
  fact.finished = now;
}

void Succeed(ProcessFacts& facts, const std::string& key, OperationFact& fact, TimePoint now) {
  Finish(fact, State::kSucceeded, now);
  facts.failures.erase(key);
  if (fact.makes.has_value()) NoteMade(facts, *fact.makes);
  if (key.starts_with(kTdeUpload)) NoteTdeUpload(facts, key.substr(kTdeUpload.size()), now);
}

// Deleting what is not there ends like this, and so does uploading what is.
bool IsWanted(const std::string& key, const Error& error) {
  return (key.starts_with("Delete") && error.reason == azure::kOperationIdNotFound) ||
         IsThereAlready(key, error);
}

// What became of it the resource itself must tell.
Error Lost(std::string why) {
  return {ErrorKind::kTransient, reason::kOperationUnknown, std::move(why), ""};
}

// Of an operation that may be running still.
std::string Overdue(const std::string& key, const OperationFact& fact) {
  return fmt::format("its end was not seen within {} minutes{}", EndsWithin(key).count(),
                     fact.unread ? ", because it cannot be read: " + fact.unread->message : "");
}

bool IsOverdue(const std::string& key, const OperationFact& fact, TimePoint now) {
  return now - fact.started >= EndsWithin(key);
}

// Nothing: it runs. Else why it ended badly.
std::optional<Error> EndOf(const std::string& key, const OperationFact& fact,
                           const azure::OperationStatus& answer, TimePoint now) {
  switch (answer.state) {
    case State::kInProgress:
      return IsOverdue(key, fact, now) ? std::optional(Lost(Overdue(key, fact))) : std::nullopt;
    case State::kFailed:
      return azure::OperationError(answer.error_code, answer.error_message);
    case State::kCanceled:
      return Error{ErrorKind::kTransient, reason::kOperationCanceled,
                   "the managed instance canceled the operation", answer.error_code};
    case State::kSucceeded:
    case State::kUnknown:
      break;
  }
  return Lost("the managed instance does not know the operation any more");
}

}  // namespace

// What was uploaded by another hand, or by a request whose answer was lost.
bool IsThereAlready(const std::string& key, const Error& error) {
  return key.starts_with(kTdeUpload) && error.reason == reason::kCertificateAlreadyExists;
}

void NoteTicket(ProcessFacts& facts, const Step& step, const azure::OperationTicket& ticket,
                TimePoint now) {
  OperationFact fact;
  fact.poll_url = ticket.poll_url;
  fact.started = now;
  PollAfter(fact, ticket.retry_after, now);
  fact.makes = EntryOf(step);
  if (ticket.poll_url.empty()) Succeed(facts, KeyOf(step), fact, now);
  facts.operations.insert_or_assign(KeyOf(step), std::move(fact));
}

void NotePoll(ProcessFacts& facts, const std::string& key, const azure::OperationStatus& answer,
              TimePoint now, std::int64_t generation, Random& random) {
  const auto found = facts.operations.find(key);
  if (found == facts.operations.end()) return;
  OperationFact& fact = found->second;
  fact.unread.reset();
  fact.failed_polls = 0;
  if (answer.state == State::kSucceeded) {
    Succeed(facts, key, fact, now);
    return;
  }
  const std::optional<Error> error = EndOf(key, fact, answer, now);
  if (!error.has_value()) {
    PollAfter(fact, answer.retry_after, now);
    return;
  }
  if (answer.state == State::kFailed && IsWanted(key, *error)) {
    Succeed(facts, key, fact, now);
    return;
  }
  NoteFailure(facts, key, *error, now, generation, random);
  if (answer.state == State::kFailed && fact.makes.has_value()) facts.refused.insert(*fact.makes);
  fact.error_code = answer.error_code;
  fact.error_message = answer.error_message;
  Finish(fact, answer.state == State::kInProgress ? State::kUnknown : answer.state, now);
}

void NotePollFailure(ProcessFacts& facts, const std::string& key, const Error& error, TimePoint now,
                     std::int64_t generation, Random& random) {
  const auto found = facts.operations.find(key);
  if (found == facts.operations.end()) return;
  OperationFact& fact = found->second;
  fact.unread = error;
  ++fact.failed_polls;
  // An address that may not be asked at is as good as none.
  const bool lost = error.kind == ErrorKind::kUnsafe;
  if (lost || IsOverdue(key, fact, now)) {
    NoteFailure(facts, key, Lost(lost ? error.message : Overdue(key, fact)), now, generation,
                random);
    Finish(fact, State::kUnknown, now);
    return;
  }
  const Duration told = error.retry_after.value_or(Duration(0));
  PollAfter(fact, std::max(told, BackoffDelay(kPollAgain, fact.failed_polls, random)), now);
}

}  // namespace milink::link
