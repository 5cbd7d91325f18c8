#include "tests/sim/tds/bytes.h"

#include <algorithm>
#include <utility>

#include "tests/sim/tds/text.h"

namespace milink::sim::tds {

ByteWriter& ByteWriter::Low(std::uint64_t value, int width) {
  for (int i = 0; i < width; ++i) {
    bytes_.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
  }
  return *this;
}

ByteWriter& ByteWriter::U8(std::uint8_t value) { return Low(value, 1); }
ByteWriter& ByteWriter::U16(std::uint16_t value) { return Low(value, 2); }
ByteWriter& ByteWriter::U32(std::uint32_t value) { return Low(value, 4); }
ByteWriter& ByteWriter::U64(std::uint64_t value) { return Low(value, 8); }

ByteWriter& ByteWriter::BigEndian16(std::uint16_t value) {
  return Low(value >> 8U, 1).Low(value & 0xFFU, 1);
}

ByteWriter& ByteWriter::BigEndian32(std::uint32_t value) {
  return BigEndian16(static_cast<std::uint16_t>(value >> 16U))
      .BigEndian16(static_cast<std::uint16_t>(value & 0xFFFFU));
}

ByteWriter& ByteWriter::Raw(std::string_view bytes) {
  bytes_.append(bytes);
  return *this;
}

ByteWriter& ByteWriter::Text(std::string_view text, std::size_t limit, int width) {
  const std::string wide = Utf8ToUtf16(text);
  const std::size_t units = std::min(wide.size() / 2, limit);
  return Low(units, width).Raw(std::string_view(wide).substr(0, units * 2));
}

ByteWriter& ByteWriter::ByteText(std::string_view text) { return Text(text, 0xFF, 1); }
ByteWriter& ByteWriter::ShortText(std::string_view text) { return Text(text, 0xFFFF, 2); }

std::string ByteWriter::Take() { return std::exchange(bytes_, std::string()); }

std::string_view ByteReader::Raw(std::size_t count) {
  if (!ok_ || count > left()) {
    ok_ = false;
    return {};
  }
  const std::string_view piece = bytes_.substr(at_, count);
  at_ += count;
  return piece;
}

std::uint64_t ByteReader::Low(int width) {
  const std::string_view piece = Raw(static_cast<std::size_t>(width));
  std::uint64_t value = 0;
  for (std::size_t i = piece.size(); i > 0; --i) {
    value = (value << 8U) | static_cast<unsigned char>(piece[i - 1]);
  }
  return value;
}

std::uint8_t ByteReader::U8() { return static_cast<std::uint8_t>(Low(1)); }
std::uint16_t ByteReader::U16() { return static_cast<std::uint16_t>(Low(2)); }
std::uint32_t ByteReader::U32() { return static_cast<std::uint32_t>(Low(4)); }
std::uint64_t ByteReader::U64() { return Low(8); }

std::uint16_t ByteReader::BigEndian16() {
  const unsigned high = U8();
  const unsigned low = U8();
  return static_cast<std::uint16_t>((high << 8U) | low);
}

std::string ByteReader::ByteText() {
  const std::size_t units = U8();
  return Utf16ToUtf8(Raw(units * 2));
}

std::string ByteReader::ShortText() {
  const std::size_t units = U16();
  return Utf16ToUtf8(Raw(units * 2));
}

std::string_view ByteReader::Rest() { return Raw(left()); }

int ByteReader::Peek() const {
  return ok_ && !AtEnd() ? static_cast<unsigned char>(bytes_[at_]) : -1;
}

}  // namespace milink::sim::tds
