// Small text helpers that the standard library lacks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace milink {

// ASCII only: names of headers, hexadecimal, enumerations. Not for names of databases, whose
// comparison follows the server's collation.
std::string ToLowerAscii(std::string_view text);
std::string ToUpperAscii(std::string_view text);
bool EqualsIgnoreCaseAscii(std::string_view a, std::string_view b);

std::string_view Trim(std::string_view text);
std::vector<std::string> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);

// Upper-case hexadecimal without prefix, and back (either case, optional 0x).
std::string ToHex(std::string_view bytes);
std::optional<std::string> FromHex(std::string_view hex);

// At most `limit` bytes, cut at a UTF-8 boundary, with "..." where something was cut.
std::string Shorten(std::string_view text, std::size_t limit);

}  // namespace milink
