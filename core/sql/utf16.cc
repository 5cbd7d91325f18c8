#include "core/sql/utf16.h"

#include <cstdint>

namespace milink::sql {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

struct Sequence {
  std::size_t length;  // bytes in all
  std::uint32_t bits;  // of the first byte that belong to the character
  char32_t smallest;   // that needs this length: shorter ones are overlong, hence malformed
};

std::optional<Sequence> ClassifyLead(unsigned char lead) {
  if (lead < 0x80U) {
    return Sequence{1, lead, 0};
  }
  if ((lead & 0xE0U) == 0xC0U) {
    return Sequence{2, lead & 0x1FU, 0x80};
  }
  if ((lead & 0xF0U) == 0xE0U) {
    return Sequence{3, lead & 0x0FU, 0x800};
  }
  if ((lead & 0xF8U) == 0xF0U) {
    return Sequence{4, lead & 0x07U, 0x10000};
  }
  return std::nullopt;
}

std::optional<char32_t> DecodeAt(std::string_view utf8, std::size_t at, std::size_t& length) {
  const auto sequence = ClassifyLead(static_cast<unsigned char>(utf8[at]));
  if (!sequence || at + sequence->length > utf8.size()) {
    return std::nullopt;
  }
  char32_t value = sequence->bits;
  for (std::size_t i = 1; i < sequence->length; ++i) {
    const auto byte = static_cast<unsigned char>(utf8[at + i]);
    if ((byte & 0xC0U) != 0x80U) {
      return std::nullopt;
    }
    value = (value << 6U) | (byte & 0x3FU);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < sequence->smallest || value > 0x10FFFF || surrogate) {
    return std::nullopt;
  }
  length = sequence->length;
  return value;
}

void AppendUtf8(char32_t value, std::string& out) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((value >> shift) & 0x3FU));
  };
  if (value < 0x80) {
    out += static_cast<char>(value);
  } else if (value < 0x800) {
    out += static_cast<char>(0xC0U | (value >> 6U));
    tail(0);
  } else if (value < 0x10000) {
    out += static_cast<char>(0xE0U | (value >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (value >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool IsHighSurrogate(char16_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLowSurrogate(char16_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

}  // namespace

std::optional<std::u16string> ToUtf16(std::string_view utf8) {
  std::u16string out;
  out.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    std::size_t length = 0;
    const auto value = DecodeAt(utf8, at, length);
    if (!value) {
      return std::nullopt;
    }
    if (*value < 0x10000) {
      out += static_cast<char16_t>(*value);
    } else {
      const char32_t rest = *value - 0x10000;
      out += static_cast<char16_t>(0xD800U + (rest >> 10U));
      out += static_cast<char16_t>(0xDC00U + (rest & 0x3FFU));
    }
    at += length;
  }
  return out;
}

std::string ToUtf8(std::u16string_view utf16) {
  std::string out;
  out.reserve(utf16.size());
  for (std::size_t i = 0; i < utf16.size(); ++i) {
    const char16_t unit = utf16[i];
    if (IsHighSurrogate(unit) && i + 1 < utf16.size() && IsLowSurrogate(utf16[i + 1])) {
      const char32_t high = unit - 0xD800U;
      const char32_t low = utf16[i + 1] - 0xDC00U;
      AppendUtf8(0x10000U + (high << 10U) + low, out);
      ++i;
    } else if (IsHighSurrogate(unit) || IsLowSurrogate(unit)) {
      AppendUtf8(kReplacement, out);
    } else {
      AppendUtf8(unit, out);
    }
  }
  return out;
}

}  // namespace milink::sql
