#include "tests/integration/memory_search.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace milink::test {
namespace {

struct MemoryRegion {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

std::vector<MemoryRegion> WritableRegions(pid_t process) {
  std::ifstream maps("/proc/" + std::to_string(process) + "/maps");
  std::vector<MemoryRegion> regions;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    MemoryRegion region;
    char dash = 0;
    std::string rights;
    fields >> std::hex >> region.begin >> dash >> region.end >> rights;
    if (rights.starts_with("rw")) {
      regions.push_back(region);
    }
  }
  return regions;
}

bool StandsAt(const std::string& memory, std::size_t at, const HiddenBytes& bytes, bool reversed) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (memory[at + i] != bytes.At(reversed ? bytes.size() - 1 - i : i)) {
      return false;
    }
  }
  return true;
}

std::size_t CountIn(const std::string& memory, std::size_t length, const HiddenBytes& bytes) {
  const char first = bytes.At(0);
  const char last = bytes.At(bytes.size() - 1);
  std::size_t count = 0;
  for (std::size_t at = 0; at + bytes.size() <= length; ++at) {
    const char c = memory[at];
    count += (c == first && StandsAt(memory, at, bytes, false)) ||
                     (c == last && StandsAt(memory, at, bytes, true))
                 ? 1
                 : 0;
  }
  return count;
}

}  // namespace

HiddenBytes HiddenBytes::FromHex(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) {
      digits += c;
    }
  }
  HiddenBytes out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int value = std::stoi(digits.substr(i, 2), nullptr, 16);
    if (value != 0 || !out.inverted_.empty()) {
      out.inverted_ += static_cast<char>(~value);
    }
  }
  return out;
}

HiddenBytes HiddenBytes::FromText(std::string_view text) {
  HiddenBytes out;
  for (const char c : text) {
    out.inverted_ += static_cast<char>(~c);
  }
  return out;
}

// In pieces that overlap. What is read of the buffer itself does not count.
std::size_t CountInMemory(pid_t process, const HiddenBytes& bytes) {
  constexpr std::size_t kPiece = 1U << 20U;
  if (bytes.size() == 0 || bytes.size() > kPiece / 2) {
    throw std::invalid_argument("nothing to look for");
  }
  const int file = open(("/proc/" + std::to_string(process) + "/mem").c_str(), O_RDONLY);
  if (file < 0) {
    throw std::runtime_error("the memory cannot be read");
  }
  std::string piece(kPiece, '\0');
  const auto own_begin = reinterpret_cast<std::uint64_t>(piece.data());
  std::size_t count = 0;
  for (const MemoryRegion& region : WritableRegions(process)) {
    for (std::uint64_t at = region.begin; at < region.end;) {
      const auto wanted = std::min<std::uint64_t>(kPiece, region.end - at);
      const auto got = pread(file, piece.data(), wanted, static_cast<off_t>(at));
      if (got <= 0) {
        break;
      }
      const std::size_t length = static_cast<std::size_t>(got);
      for (auto i = std::max(at, own_begin);
           process == getpid() && i < std::min(at + length, own_begin + kPiece); ++i) {
        piece[i - at] = '\0';
      }
      count += CountIn(piece, length, bytes);
      std::ranges::fill(piece, '\0');
      at += length == wanted && at + wanted < region.end ? length - bytes.size() + 1 : length;
    }
  }
  close(file);
  return count;
}

}  // namespace milink::test
