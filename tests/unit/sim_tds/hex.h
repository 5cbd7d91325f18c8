// Byte strings in tests, written as the specification prints them.
#pragma once

#include <string>
#include <string_view>

#include "core/base/text.h"

namespace milink::sim::tds {

// "AA 1C00" -> three bytes. Blanks and bars are only for the reader.
inline std::string Bin(std::string_view hex) {
  std::string digits;
  for (const char c : hex) {
    if (c != ' ' && c != '|' && c != '\n') {
      digits.push_back(c);
    }
  }
  return FromHex(digits).value();
}

inline std::string Hex(std::string_view bytes) { return ToHex(bytes); }
// The same without blanks, to compare with Hex().
inline std::string Plain(std::string_view hex) { return ToHex(Bin(hex)); }

}  // namespace milink::sim::tds
