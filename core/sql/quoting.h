// The one place where outside text becomes part of a T-SQL statement. Pure, thread-safe.
//
// DDL takes no parameters, so names and texts are written into the statement; nothing but these
// functions may do that. Errors are kInvalid with reason "TextNotAllowed".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace milink::sql {

// The longest name of an object (sysname), in UTF-16 units.
inline constexpr std::size_t kMaxIdentifierLength = 128;

// [name] with ] doubled. Refused: empty, longer than 128, NUL, malformed UTF-8.
Result<std::string> QuoteIdentifier(std::string_view name);
// N'text' with ' doubled. Refused: NUL, malformed UTF-8.
Result<std::string> QuoteLiteral(std::string_view text);
// 0x and the bytes in hexadecimal. Refused: no bytes, since a bare 0x is seldom meant.
Result<std::string> BinaryLiteral(std::string_view bytes);
std::string IntegerLiteral(std::int64_t value);
// N'text' of a uniqueidentifier in its canonical form of 36 characters; anything else is refused.
Result<std::string> GuidLiteral(std::string_view guid);

}  // namespace milink::sql
