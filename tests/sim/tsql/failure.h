// How a statement fails inside the T-SQL engine.
//
// The engine is an interpreter of a language which has exceptions (TRY, CATCH, THROW), so a failure
// travels as a C++ exception through lexer, parser, evaluator and statements. It never leaves the
// engine: Engine turns it into messages of the ResultWriter. Numbers, severities and texts are
// those of sys.messages; see messages.cc.
#pragma once

#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/sql/executor.h"

namespace milink::sim::tsql {

class Failure : public std::exception {
 public:
  explicit Failure(ServerMessage message) : messages_{std::move(message)} {}
  // Several messages of one failure, in the order they are sent (a cause and its wrapper).
  explicit Failure(std::vector<ServerMessage> messages) : messages_(std::move(messages)) {}

  [[nodiscard]] const std::vector<ServerMessage>& messages() const { return messages_; }
  // The last message is what ERROR_NUMBER() and @@ERROR show.
  [[nodiscard]] const ServerMessage& last() const { return messages_.back(); }
  [[nodiscard]] const char* what() const noexcept override { return messages_.back().text.c_str(); }
  bool from_inner_batch = false;  // raised inside EXEC: TRY around it may catch everything
  bool aborts_batch = false;      // THROW ends the batch, RAISERROR does not

  // Sets the line of every message which has none yet.
  void SetLine(int line);

 private:
  std::vector<ServerMessage> messages_;
};

// The text of `number` with its placeholders (%s) filled in order. Unknown numbers are a defect of
// the engine and say so.
ServerMessage MakeMessage(int number, std::initializer_list<std::string_view> arguments = {},
                          int state = 1);

[[noreturn]] void Fail(int number, std::initializer_list<std::string_view> arguments = {},
                       int state = 1);

// The statement is understood, but this simulator has no model for it: loud, never a silent
// success.
[[noreturn]] void FailNotModelled(std::string_view what);

// Does this error end the batch even without XACT_ABORT? Name resolution and conversions do.
bool AbortsBatch(int number);

}  // namespace milink::sim::tsql
