// Puts one batch together: fixed text from this program, everything else through quoting.h. Keeps
// two texts in step, the one to send and the one to show. The first refused part decides the
// result. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/sql/session.h"

namespace milink::sql {

class BatchText {
 public:
  explicit BatchText(std::string_view fixed) { Text(fixed); }

  BatchText& Text(std::string_view fixed);
  BatchText& Identifier(std::string_view name);
  BatchText& Literal(std::string_view text);
  BatchText& Guid(std::string_view guid);
  BatchText& Binary(std::string_view bytes);
  BatchText& Integer(std::int64_t value);
  // Shown as N'***'.
  BatchText& SecretLiteral(const Secret& secret);

  // The batch, which leaves this builder empty.
  Result<SqlBatch> Finish();

 private:
  BatchText& Part(Result<std::string> part);

  Secret text_;
  std::string shown_;
  std::optional<Error> error_;
};

}  // namespace milink::sql
