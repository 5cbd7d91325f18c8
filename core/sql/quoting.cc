#include "core/sql/quoting.h"

#include "core/base/text.h"
#include "core/sql/utf16.h"

namespace milink::sql {
namespace {

Error NotAllowed(std::string message) {
  return Error{ErrorKind::kInvalid, "TextNotAllowed", std::move(message), ""};
}

std::string Enclose(std::string_view open, std::string_view text, char close) {
  std::string out(open);
  out.reserve(open.size() + text.size() + 2);
  for (const char c : text) {
    out += c;
    if (c == close) {
      out += c;
    }
  }
  out += close;
  return out;
}

}  // namespace

Result<std::string> QuoteIdentifier(std::string_view name) {
  if (name.empty()) {
    return NotAllowed("a name in SQL Server must not be empty");
  }
  if (name.find('\0') != std::string_view::npos) {
    return NotAllowed("a name in SQL Server must not contain the character NUL");
  }
  const auto wide = ToUtf16(name);
  if (!wide) {
    return NotAllowed("a name in SQL Server must be valid UTF-8 text");
  }
  if (wide->size() > kMaxIdentifierLength) {
    return NotAllowed("the name '" + Shorten(name, 40) + "' has more than 128 characters");
  }
  return Enclose("[", name, ']');
}

// The refused text is not repeated: it may be a password.
Result<std::string> QuoteLiteral(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    return NotAllowed("a text for SQL Server must not contain the character NUL");
  }
  if (!ToUtf16(text)) {
    return NotAllowed("a text for SQL Server must be valid UTF-8");
  }
  return Enclose("N'", text, '\'');
}

Result<std::string> BinaryLiteral(std::string_view bytes) {
  if (bytes.empty()) {
    return NotAllowed("a binary value for SQL Server must not be empty");
  }
  return "0x" + ToHex(bytes);
}

std::string IntegerLiteral(std::int64_t value) { return std::to_string(value); }

Result<std::string> GuidLiteral(std::string_view guid) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  bool fits = guid.size() == kForm.size();
  for (std::size_t i = 0; fits && i < kForm.size(); ++i) {
    const char c = guid[i];
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    fits = kForm[i] == '-' ? c == '-' : digit;
  }
  if (!fits) {
    return NotAllowed("'" + Shorten(guid, 40) + "' is not a uniqueidentifier");
  }
  return "N'" + std::string(guid) + "'";
}

}  // namespace milink::sql
