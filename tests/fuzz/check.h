// What must hold for every input; libFuzzer keeps the input for which it did not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace milink::fuzz {

inline void Check(bool holds, std::string_view what) {
  if (!holds) {
    std::cerr << "violated: " << what << '\n';
    std::abort();
  }
}

inline std::string Text(const std::uint8_t* data, std::size_t size) { return {data, data + size}; }

// The text in reads of changing sizes, chosen by its own bytes.
inline std::vector<std::string_view> Reads(std::string_view text) {
  std::vector<std::string_view> reads;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = 1 + static_cast<unsigned char>(text[at]) % 23U;
    reads.push_back(text.substr(at, length));
    at += length;
  }
  return reads;
}

}  // namespace milink::fuzz
