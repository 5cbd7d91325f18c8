// Reading and writing of the integers and strings of a TDS stream.
//
// Plain classes, no thread rule. Everything is little-endian unless the name says otherwise.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace milink::sim::tds {

class ByteWriter {
 public:
  ByteWriter& U8(std::uint8_t value);
  ByteWriter& U16(std::uint16_t value);
  ByteWriter& U32(std::uint32_t value);
  ByteWriter& U64(std::uint64_t value);
  ByteWriter& BigEndian16(std::uint16_t value);
  ByteWriter& BigEndian32(std::uint32_t value);
  // The lowest `width` bytes of `value`.
  ByteWriter& Low(std::uint64_t value, int width);
  ByteWriter& Raw(std::string_view bytes);
  // B_VARCHAR and US_VARCHAR: a count of UTF-16 units in one or two bytes, then the text. `text` is
  // UTF-8; what does not fit is cut.
  ByteWriter& ByteText(std::string_view text);
  ByteWriter& ShortText(std::string_view text);

  std::size_t size() const { return bytes_.size(); }
  const std::string& bytes() const { return bytes_; }
  std::string Take();

 private:
  ByteWriter& Text(std::string_view text, std::size_t limit, int width);

  std::string bytes_;
};

// Reads with bounds. After the first read past the end every further read yields zero or nothing
// and ok() stays false, so that a parser checks once per step instead of once per field.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t U8();
  std::uint16_t U16();
  std::uint32_t U32();
  std::uint64_t U64();
  std::uint16_t BigEndian16();
  std::uint64_t Low(int width);
  std::string_view Raw(std::size_t count);
  std::string ByteText();   // as UTF-8
  std::string ShortText();  // as UTF-8
  std::string_view Rest();
  // What the next U8() would yield, or -1 at the end.
  int Peek() const;

  bool ok() const { return ok_; }
  bool AtEnd() const { return at_ == bytes_.size(); }
  std::size_t left() const { return bytes_.size() - at_; }
  void Fail() { ok_ = false; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace milink::sim::tds
