// Conversion between our UTF-8 and the UTF-16 of SQL Server and of ODBC's wide functions. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace milink::sql {

// Nothing when the bytes are not well-formed UTF-8.
std::optional<std::u16string> ToUtf16(std::string_view utf8);
// A lone surrogate becomes U+FFFD.
std::string ToUtf8(std::u16string_view utf16);

}  // namespace milink::sql
