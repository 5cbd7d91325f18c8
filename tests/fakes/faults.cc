#include "tests/fakes/faults.h"

#include <thread>
#include <utility>

#include "tests/fakes/cluster_model.h"

namespace milink::fakes {
namespace {

// Passes on what it is told; the others change one thing.
class PassingAnswer : public ScriptedAnswer {
 public:
  explicit PassingAnswer(ScriptedAnswer& to) : to_(to) {}
  void Raw(const std::string& bytes) override { to_.Raw(bytes); }
  void Cut() override { to_.Cut(); }
  bool Closed() override { return to_.Closed(); }
  void WaitForClose() override { to_.WaitForClose(); }

 protected:
  ScriptedAnswer& to() { return to_; }

 private:
  ScriptedAnswer& to_;
};

class LostAnswer final : public PassingAnswer {
 public:
  using PassingAnswer::PassingAnswer;
  void Raw(const std::string& /*bytes*/) override {}
};

class LimitedAnswer final : public PassingAnswer {
 public:
  LimitedAnswer(ScriptedAnswer& to, std::size_t bytes, bool silent)
      : PassingAnswer(to), left_(bytes), silent_(silent) {}
  void Raw(const std::string& bytes) override {
    if (Closed()) {
      return;
    }
    to().Raw(bytes.substr(0, left_));
    if (bytes.size() < left_) {
      left_ -= bytes.size();
    } else if (silent_) {
      to().WaitForClose();
    } else {
      to().Cut();
    }
  }

 private:
  std::size_t left_;
  bool silent_;
};

class SlowAnswer final : public PassingAnswer {
 public:
  SlowAnswer(ScriptedAnswer& to, Duration pause) : PassingAnswer(to), pause_(pause) {}
  void Raw(const std::string& bytes) override {
    for (const char byte : bytes) {
      if (Closed()) {
        return;
      }
      to().Raw(std::string(1, byte));
      std::this_thread::sleep_for(pause_);
    }
  }

 private:
  Duration pause_;
};

class PrefixedAnswer final : public PassingAnswer {
 public:
  PrefixedAnswer(ScriptedAnswer& to, const std::vector<std::string>& frames)
      : PassingAnswer(to), frames_(frames) {}
  void Begin(int status) override {
    PassingAnswer::Begin(status);
    for (const std::string& frame : frames_) {
      Chunk(frame);
    }
  }

 private:
  const std::vector<std::string>& frames_;
};

}  // namespace

Fault Refuse(int code, const std::string& reason, int retry_after) {
  return [=](Exchange& exchange) {
    std::vector<std::string> headers;
    if (retry_after > 0) {
      headers.push_back("Retry-After: " + std::to_string(retry_after));
    }
    exchange.answer.Respond(code, Refusal(code, reason, "refused", retry_after).body.dump(),
                            headers);
  };
}

Fault AnswerWith(int code, const std::string& body) {
  return [=](Exchange& exchange) { exchange.answer.Respond(code, body); };
}

Fault CutBefore() {
  return [](Exchange& exchange) { exchange.answer.Cut(); };
}

Fault CutAfterEffect() {
  return [](Exchange& exchange) {
    LostAnswer lost(exchange.answer);
    exchange.serve(lost);
    exchange.answer.Cut();
  };
}

Fault CutAfterBytes(std::size_t bytes) {
  return [=](Exchange& exchange) {
    LimitedAnswer limited(exchange.answer, bytes, /*silent=*/false);
    exchange.serve(limited);
  };
}

Fault SilentAfterBytes(std::size_t bytes) {
  return [=](Exchange& exchange) {
    LimitedAnswer limited(exchange.answer, bytes, /*silent=*/true);
    exchange.serve(limited);
  };
}

Fault Drip(Duration pause) {
  return [=](Exchange& exchange) {
    SlowAnswer slow(exchange.answer, pause);
    exchange.serve(slow);
  };
}

Fault FirstSend(std::vector<std::string> frames) {
  return [frames = std::move(frames)](Exchange& exchange) {
    PrefixedAnswer prefixed(exchange.answer, frames);
    exchange.serve(prefixed);
  };
}

Fault SendOnly(std::vector<std::string> frames, Ending ending) {
  return [frames = std::move(frames), ending](Exchange& exchange) {
    exchange.answer.Begin(200);
    for (const std::string& frame : frames) {
      exchange.answer.Chunk(frame);
    }
    switch (ending) {
      case Ending::kClean:
        exchange.answer.Finish();
        return;
      case Ending::kCut:
        exchange.answer.Cut();
        return;
      case Ending::kSilence:
        exchange.answer.WaitForClose();
        return;
    }
  };
}

}  // namespace milink::fakes
