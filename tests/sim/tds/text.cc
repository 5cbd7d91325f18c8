#include "tests/sim/tds/text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace milink::sim::tds {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// Bytes 0x80 to 0x9F of code page 1252; the five unused ones map to themselves.
constexpr std::array<char32_t, 32> kHighControls = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

unsigned char At(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

// The code point at `i`, which moves behind it.
char32_t NextUtf8(std::string_view text, std::size_t& i) {
  const unsigned char first = At(text, i++);
  if (first < 0x80) {
    return first;
  }
  const std::size_t more = 1U + (first >= 0xE0 ? 1U : 0U) + (first >= 0xF0 ? 1U : 0U);
  if (first < 0xC2 || first > 0xF4) {
    return kReplacement;
  }
  char32_t point = first & (0x3FU >> more);
  for (std::size_t k = 0; k < more; ++k) {
    if (i >= text.size() || (At(text, i) & 0xC0U) != 0x80U) {
      return kReplacement;
    }
    point = (point << 6U) | (At(text, i++) & 0x3FU);
  }
  const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return overlong || surrogate || point > 0x10FFFF ? kReplacement : point;
}

char32_t NextUtf16(std::string_view text, std::size_t& i) {
  const auto unit = [&](std::size_t at) {
    return static_cast<char32_t>(At(text, at) | (static_cast<unsigned>(At(text, at + 1)) << 8U));
  };
  const char32_t first = unit(i);
  i += 2;
  if (first < 0xD800 || first > 0xDFFF) {
    return first;
  }
  if (first > 0xDBFF || i + 1 >= text.size()) {
    return kReplacement;
  }
  const char32_t second = unit(i);
  if (second < 0xDC00 || second > 0xDFFF) {
    return kReplacement;
  }
  i += 2;
  return 0x10000 + ((first - 0xD800) << 10U) + (second - 0xDC00);
}

void AppendUnit(std::string& out, char32_t unit) {
  out.push_back(static_cast<char>(unit & 0xFFU));
  out.push_back(static_cast<char>((unit >> 8U) & 0xFFU));
}

void AppendUtf8(std::string& out, char32_t point) {
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
    return;
  }
  const int more = 1 + (point >= 0x800 ? 1 : 0) + (point >= 0x10000 ? 1 : 0);
  constexpr std::array<char32_t, 4> kLead = {0, 0xC0, 0xE0, 0xF0};
  out.push_back(
      static_cast<char>(kLead.at(static_cast<std::size_t>(more)) | (point >> (6 * more))));
  for (int k = more - 1; k >= 0; --k) {
    out.push_back(static_cast<char>(0x80U | ((point >> (6 * k)) & 0x3FU)));
  }
}

}  // namespace

std::string Utf8ToUtf16(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size() * 2);
  for (std::size_t i = 0; i < utf8.size();) {
    const char32_t point = NextUtf8(utf8, i);
    if (point < 0x10000) {
      AppendUnit(out, point);
    } else {
      AppendUnit(out, 0xD800 + ((point - 0x10000) >> 10U));
      AppendUnit(out, 0xDC00 + ((point - 0x10000) & 0x3FFU));
    }
  }
  return out;
}

std::string Utf16ToUtf8(std::string_view utf16) {
  std::string out;
  out.reserve(utf16.size() / 2);
  for (std::size_t i = 0; i + 1 < utf16.size();) {
    AppendUtf8(out, NextUtf16(utf16, i));
  }
  if (utf16.size() % 2 != 0) {
    AppendUtf8(out, kReplacement);
  }
  return out;
}

std::string Utf8ToCodePage(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size();) {
    const char32_t point = NextUtf8(utf8, i);
    if (point < 0x80 || (point >= 0xA0 && point <= 0xFF)) {
      out.push_back(static_cast<char>(point));
      continue;
    }
    const auto* const at = std::ranges::find(kHighControls, point);
    out.push_back(at == kHighControls.end()
                      ? '?'
                      : static_cast<char>(0x80 + std::distance(kHighControls.begin(), at)));
  }
  return out;
}

std::string CodePageToUtf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const unsigned char byte = At(bytes, i);
    AppendUtf8(out, byte >= 0x80 && byte < 0xA0 ? kHighControls.at(byte - 0x80U) : char32_t{byte});
  }
  return out;
}

}  // namespace milink::sim::tds
