// Text as SQL Server sees it: UTF-16 lengths, collation, LIKE. Text itself is kept as UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace milink::sim::tsql {

// Malformed input becomes U+FFFD.
std::u16string ToUtf16(std::string_view text);
std::string FromUtf16(std::u16string_view text);

// How two texts compare: by case or not, never by trailing blanks. Accents always count.
struct Collation {
  bool case_sensitive = false;
};
Collation CollationNamed(std::string_view name);

int CompareText(std::string_view a, std::string_view b, Collation collation);
bool SameText(std::string_view a, std::string_view b, Collation collation);
// For hashing and grouping: equal texts have equal keys.
std::string CollationKey(std::string_view text, Collation collation);
// Upper and lower case of ASCII, Latin-1, Greek and Cyrillic letters.
std::string ToUpperText(std::string_view text);
std::string ToLowerText(std::string_view text);

bool MatchesLike(std::string_view text, std::string_view pattern, std::optional<char16_t> escape,
                 Collation collation);
// Position from 1 of `needle` in `text` at or after `start`; 0 when absent.
int FindText(std::u16string_view text, std::u16string_view needle, int start, Collation collation);

}  // namespace milink::sim::tsql
