// The credential of an operator that was given none: every use says what is missing.
#pragma once

#include <string>
#include <utility>

#include "core/azure/credential.h"

namespace milink::app {

class MissingCredential final : public azure::Credential {
 public:
  explicit MissingCredential(Error why) : why_(std::move(why)) {}
  Result<Secret> Token(const std::string& /*audience*/) override { return why_; }
  void Reject(const Secret& /*token*/) override {}

 private:
  Error why_;
};

}  // namespace milink::app
