#include "core/kube/base64.h"

#include <cstdint>

namespace milink::kube {
namespace {

std::optional<std::uint32_t> ValueOf(char c) {
  if (c >= 'A' && c <= 'Z') {
    return static_cast<std::uint32_t>(c - 'A');
  }
  if (c >= 'a' && c <= 'z') {
    return static_cast<std::uint32_t>(c - 'a') + 26U;
  }
  if (c >= '0' && c <= '9') {
    return static_cast<std::uint32_t>(c - '0') + 52U;
  }
  if (c == '+') {
    return 62U;
  }
  if (c == '/') {
    return 63U;
  }
  return std::nullopt;
}

}  // namespace

std::string EncodeBase64(std::string_view bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      bits = (bits << 8U) | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0U);
    }
    for (std::size_t digit = 0; digit < 4; ++digit) {
      const bool padding = i + digit > bytes.size();
      out += padding ? '=' : kDigits[(bits >> (18U - 6U * digit)) & 63U];
    }
  }
  return out;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int pending = 0;  // bits that are not in `out` yet
  int digits = 0;
  bool ended = false;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
      continue;
    }
    if (c == '=') {
      ended = true;
      continue;
    }
    const auto value = ValueOf(c);
    if (!value || ended) {
      return std::nullopt;
    }
    bits = (bits << 6U) | *value;
    pending += 6;
    ++digits;
    if (pending >= 8) {
      pending -= 8;
      out += static_cast<char>((bits >> static_cast<unsigned>(pending)) & 0xFFU);
    }
  }
  if (digits % 4 == 1) {
    return std::nullopt;
  }
  return out;
}

}  // namespace milink::kube
