// Looks for bytes in the memory of a process, to see whether a secret was wiped.
//
// Linux only; the process is this one or a child. Not for processes that run on meanwhile with the
// secret in use.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace milink::test {

// Bytes that are kept inverted, so that the search does not find itself.
class HiddenBytes {
 public:
  HiddenBytes() = default;
  // Hexadecimal digits; everything else between them is skipped, leading zero bytes too.
  static HiddenBytes FromHex(std::string_view text);
  static HiddenBytes FromText(std::string_view text);

  std::size_t size() const { return inverted_.size(); }
  char At(std::size_t i) const { return static_cast<char>(~inverted_.at(i)); }

 private:
  std::string inverted_;
};

// How often the bytes, or the same in reverse order, stand in writable memory.
std::size_t CountInMemory(pid_t process, const HiddenBytes& bytes);

}  // namespace milink::test
