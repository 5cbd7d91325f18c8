// Follows JSON byte by byte as far as finding where values begin and end takes: nesting and
// strings. Says nothing about whether the JSON is right; that is for the parser of the parts.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace milink::kube {

class JsonScanner {
 public:
  // Deeper nesting than any Kubernetes object has; recursive code must not see it.
  static constexpr int kMaxDepth = 200;

  // Only quotes, braces and brackets matter. Every byte of a multi-byte character is above 0x7F, so
  // none of them is mistaken for one.
  void Advance(char c) {
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if (c == '}' || c == ']') {
      --depth_;
    }
  }

  // How many bytes at the beginning of `bytes` change nothing, whose Advance() can be left out.
  std::size_t CountIdle(std::string_view bytes) const {
    if (escaped_) {
      return 0;
    }
    const unsigned char kind = in_string_ ? kEndsString : kOutside;
    std::size_t count = 0;
    while (count < bytes.size() &&
           (kMatters[static_cast<unsigned char>(bytes[count])] & kind) == 0) {
      ++count;
    }
    return count;
  }

  int depth() const { return depth_; }
  bool in_string() const { return in_string_; }
  bool too_deep() const { return depth_ > kMaxDepth; }

 private:
  static constexpr unsigned char kEndsString = 1;
  static constexpr unsigned char kOutside = 2;
  static constexpr std::array<unsigned char, 256> kMatters = [] {
    std::array<unsigned char, 256> matters{};
    matters['"'] = kEndsString | kOutside;
    matters['\\'] = kEndsString;
    matters['{'] = matters['}'] = matters['['] = matters[']'] = kOutside;
    return matters;
  }();

  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace milink::kube
