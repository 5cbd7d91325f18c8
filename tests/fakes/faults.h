// Faults of one exchange with the hostile API server. A fault is what happens instead of, before or
// around the proper answer; new ones are functions like these.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "tests/fakes/scripted_server.h"

namespace milink::fakes {

struct Exchange {
  const ScriptedRequest& request;
  ScriptedAnswer& answer;
  std::function<void(ScriptedAnswer&)> serve;  // answers properly, with the effect it has
};
using Fault = std::function<void(Exchange&)>;

// A Status; `retry_after` in seconds also as a header, 0: neither.
Fault Refuse(int code, const std::string& reason, int retry_after = 0);
// Any body, such as a proxy's error page.
Fault AnswerWith(int code, const std::string& body);
// The connection is cut before the request had an effect, or after it, the answer lost.
Fault CutBefore();
Fault CutAfterEffect();
// The proper answer up to so many bytes of it, headers and chunk frames included.
Fault CutAfterBytes(std::size_t bytes);
Fault SilentAfterBytes(std::size_t bytes);
// The proper answer byte by byte with a pause between.
Fault Drip(Duration pause);
// Frames of the test's choice at the start of a watch, then the proper stream.
Fault FirstSend(std::vector<std::string> frames);
// A stream of these frames alone; then it ends cleanly, is cut, or stays silent.
enum class Ending { kClean, kCut, kSilence };
Fault SendOnly(std::vector<std::string> frames, Ending ending);

}  // namespace milink::fakes
