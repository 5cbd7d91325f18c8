#include "core/sql/batch_text.h"

#include <utility>

#include "core/sql/quoting.h"

namespace milink::sql {
namespace {

// Statements are short: building each new whole and wiping the old keeps no copy of a password.
void Append(Secret& secret, std::string_view part) {
  const std::string_view before = secret.Reveal();
  std::string whole;
  whole.reserve(before.size() + part.size());
  whole.append(before).append(part);
  secret = Secret(std::move(whole));
}

}  // namespace

BatchText& BatchText::Text(std::string_view fixed) {
  Append(text_, fixed);
  shown_ += fixed;
  return *this;
}

BatchText& BatchText::Part(Result<std::string> part) {
  if (part.ok()) {
    return Text(*part);
  }
  if (!error_) {
    error_ = std::move(part).error();
  }
  return *this;
}

BatchText& BatchText::Identifier(std::string_view name) { return Part(QuoteIdentifier(name)); }
BatchText& BatchText::Literal(std::string_view text) { return Part(QuoteLiteral(text)); }
BatchText& BatchText::Guid(std::string_view guid) { return Part(GuidLiteral(guid)); }
BatchText& BatchText::Binary(std::string_view bytes) { return Part(BinaryLiteral(bytes)); }
BatchText& BatchText::Integer(std::int64_t value) { return Text(IntegerLiteral(value)); }

BatchText& BatchText::SecretLiteral(const Secret& secret) {
  auto quoted = QuoteLiteral(secret.Reveal());
  if (!quoted.ok()) {
    return Part(std::move(quoted));
  }
  Append(text_, *quoted);
  WipeMemory(*quoted);
  shown_ += "N'***'";
  return *this;
}

Result<SqlBatch> BatchText::Finish() {
  if (error_) {
    return *std::move(error_);
  }
  return SqlBatch{std::move(text_), std::move(shown_)};
}

}  // namespace milink::sql
