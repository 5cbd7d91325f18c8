// What a statement of the simulated server says: nothing, information, or errors in their order.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/sql/executor.h"

namespace milink::sim {

// The message `number` with its true severity and text; `arguments` fill the placeholders in order.
// A number that is not in the table gives 50000 and names it, so that a test fails loudly.
ServerMessage MakeMessage(int number, const std::vector<std::string>& arguments = {},
                          int state = 1);

struct SqlOutcome {
  std::vector<ServerMessage> messages;

  bool failed() const {
    for (const ServerMessage& message : messages) {
      if (message.severity > 10) {
        return true;
      }
    }
    return false;
  }
  SqlOutcome& Add(int number, const std::vector<std::string>& arguments = {}, int state = 1) {
    messages.push_back(MakeMessage(number, arguments, state));
    return *this;
  }
};

inline SqlOutcome Refuse(int number, const std::vector<std::string>& arguments = {},
                         int state = 1) {
  SqlOutcome outcome;
  outcome.Add(number, arguments, state);
  return outcome;
}

}  // namespace milink::sim
