#include "tests/sim/tsql/run/text.h"

#include <algorithm>

#include "core/base/text.h"

namespace milink::sim::tsql {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

char16_t FoldUnit(char16_t unit) {
  if (unit >= u'A' && unit <= u'Z') return static_cast<char16_t>(unit + 32);
  const bool latin = unit >= 0xC0 && unit <= 0xDE && unit != 0xD7;
  const bool greek = unit >= 0x391 && unit <= 0x3A9;
  const bool cyrillic = unit >= 0x410 && unit <= 0x42F;
  if (latin || greek || cyrillic) return static_cast<char16_t>(unit + 32);
  return unit;
}

char16_t RaiseUnit(char16_t unit) {
  const auto raised = static_cast<char16_t>(unit - 32);
  return unit >= 32 && FoldUnit(raised) == unit && raised != unit ? raised : unit;
}

std::u16string Folded(std::u16string text, Collation collation) {
  if (!collation.case_sensitive) std::transform(text.begin(), text.end(), text.begin(), FoldUnit);
  return text;
}

std::string_view WithoutTrailingBlanks(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Reads one code point and moves on.
char32_t NextCodePoint(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  std::size_t extra = 0;
  char32_t point = lead;
  if (lead >= 0xF0 && lead < 0xF8) {
    extra = 3;
    point = lead & 0x07U;
  } else if (lead >= 0xE0 && lead < 0xF0) {
    extra = 2;
    point = lead & 0x0FU;
  } else if (lead >= 0xC0 && lead < 0xE0) {
    extra = 1;
    point = lead & 0x1FU;
  } else if (lead >= 0x80) {
    ++at;
    return kReplacement;
  }
  if (at + extra >= text.size()) {
    at = text.size();
    return extra == 0 ? point : kReplacement;
  }
  for (std::size_t i = 1; i <= extra; ++i) point = (point << 6U) | (byte(at + i) & 0x3FU);
  at += extra + 1;
  return point;
}

void AppendUtf8(std::string& out, char32_t point) {
  const auto put = [&](char32_t value) { out += static_cast<char>(value); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | (point >> 6U));
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | (point >> 12U));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | (point >> 18U));
    put(0x80U | ((point >> 12U) & 0x3FU));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
}

// [a-z], [^abc]: does the set that begins at `at` (after the bracket) hold the unit? Moves behind
// the closing bracket.
bool InSet(std::u16string_view pattern, std::size_t& at, char16_t unit) {
  const bool negated = at < pattern.size() && pattern[at] == u'^';
  if (negated) ++at;
  bool found = false;
  while (at < pattern.size() && pattern[at] != u']') {
    if (at + 2 < pattern.size() && pattern[at + 1] == u'-' && pattern[at + 2] != u']') {
      found = found || (unit >= pattern[at] && unit <= pattern[at + 2]);
      at += 3;
    } else {
      found = found || unit == pattern[at];
      ++at;
    }
  }
  ++at;
  return found != negated;
}

bool Matches(std::u16string_view text, std::u16string_view pattern,
             std::optional<char16_t> escape) {
  if (pattern.empty()) return text.empty();
  if (escape && pattern[0] == *escape && pattern.size() > 1) {
    return !text.empty() && text[0] == pattern[1] &&
           Matches(text.substr(1), pattern.substr(2), escape);
  }
  if (pattern[0] == u'%') {
    for (std::size_t skip = 0; skip <= text.size(); ++skip) {
      if (Matches(text.substr(skip), pattern.substr(1), escape)) return true;
    }
    return false;
  }
  if (text.empty()) return false;
  if (pattern[0] == u'[') {
    std::size_t at = 1;
    return InSet(pattern, at, text[0]) &&
           Matches(text.substr(1), pattern.substr(std::min(at, pattern.size())), escape);
  }
  return (pattern[0] == u'_' || pattern[0] == text[0]) &&
         Matches(text.substr(1), pattern.substr(1), escape);
}

}  // namespace

std::u16string ToUtf16(std::string_view text) {
  std::u16string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t point = NextCodePoint(text, at);
    if (point >= 0x10000) {
      out += static_cast<char16_t>(0xD800U + ((point - 0x10000U) >> 10U));
      out += static_cast<char16_t>(0xDC00U + ((point - 0x10000U) & 0x3FFU));
    } else {
      out += static_cast<char16_t>(point);
    }
  }
  return out;
}

std::string FromUtf16(std::u16string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char32_t point = text[i];
    const bool pair = point >= 0xD800 && point < 0xDC00 && i + 1 < text.size();
    if (pair) {
      point = 0x10000U + ((point - 0xD800U) << 10U) + (text[i + 1] - 0xDC00U);
      ++i;
    }
    AppendUtf8(out, point);
  }
  return out;
}

Collation CollationNamed(std::string_view name) {
  const std::string upper = ToUpperAscii(name);
  return {upper.find("_CS") != std::string::npos || upper.find("_BIN") != std::string::npos};
}

int CompareText(std::string_view a, std::string_view b, Collation collation) {
  const std::u16string left = Folded(ToUtf16(WithoutTrailingBlanks(a)), collation);
  const std::u16string right = Folded(ToUtf16(WithoutTrailingBlanks(b)), collation);
  return left.compare(right);
}

bool SameText(std::string_view a, std::string_view b, Collation collation) {
  return CompareText(a, b, collation) == 0;
}

std::string CollationKey(std::string_view text, Collation collation) {
  return FromUtf16(Folded(ToUtf16(WithoutTrailingBlanks(text)), collation));
}

std::string ToUpperText(std::string_view text) {
  std::u16string units = ToUtf16(text);
  std::transform(units.begin(), units.end(), units.begin(), RaiseUnit);
  return FromUtf16(units);
}

std::string ToLowerText(std::string_view text) {
  return FromUtf16(Folded(ToUtf16(text), Collation{false}));
}

bool MatchesLike(std::string_view text, std::string_view pattern, std::optional<char16_t> escape,
                 Collation collation) {
  return Matches(Folded(ToUtf16(text), collation), Folded(ToUtf16(pattern), collation), escape);
}

int FindText(std::u16string_view text, std::u16string_view needle, int start, Collation collation) {
  if (needle.empty()) return 0;
  const std::u16string haystack = Folded(std::u16string(text), collation);
  const std::size_t from = start < 1 ? 0 : static_cast<std::size_t>(start - 1);
  const std::size_t at = haystack.find(Folded(std::u16string(needle), collation), from);
  return at == std::u16string::npos ? 0 : static_cast<int>(at) + 1;
}

}  // namespace milink::sim::tsql
