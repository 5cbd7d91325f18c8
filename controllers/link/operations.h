// Long operations in Azure as one link's facts have them: accepted, asked for, ended.
//
// Plain changes of facts, no thread rule. Source: ARM 3.
//
// An operation whose end is not seen in time counts as unknown, whether it runs on or cannot be
// asked for: 24 hours for the creation of a link, which may copy for hours, and 30 minutes for
// anything else, of which nothing was seen to take longer than 23 seconds. The resource itself then
// tells what became of it, and what is still wanted after that look is asked for again.
#pragma once

#include <cstdint>
#include <string>

#include "controllers/link/observation.h"
#include "core/base/random.h"

namespace milink::link {

// Does the refusal of the step `key` say that nothing is left to do?
bool IsThereAlready(const std::string& key, const Error& error);
// It was accepted; without an address to ask at, it is done.
void NoteTicket(ProcessFacts& facts, const Step& step, const azure::OperationTicket& ticket,
                TimePoint now);
// What a poll of the operation `key` said.
void NotePoll(ProcessFacts& facts, const std::string& key, const azure::OperationStatus& answer,
              TimePoint now, std::int64_t generation, Random& random);
// A poll could not be made; that says nothing of the operation. It is repeated, more slowly while
// that lasts.
void NotePollFailure(ProcessFacts& facts, const std::string& key, const Error& error, TimePoint now,
                     std::int64_t generation, Random& random);

}  // namespace milink::link
