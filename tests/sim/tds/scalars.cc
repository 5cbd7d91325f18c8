#include "tests/sim/tds/scalars.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "tests/sim/tds/bytes.h"

namespace milink::sim::tds {
namespace {

using std::chrono::days;
using std::chrono::nanoseconds;
using std::chrono::sys_days;

constexpr sys_days kEpoch1900{std::chrono::year{1900} / 1 / 1};
constexpr sys_days kEpoch0001{std::chrono::year{1} / 1 / 1};
// Whole days which every TimePoint of this platform can express.
constexpr sys_days kFirstDay{std::chrono::year{1678} / 1 / 1};
constexpr sys_days kLastDay{std::chrono::year{2261} / 12 / 31};

// Which digit of a GUID's text (dashes removed) comes first in each byte on the wire.
constexpr std::array<std::size_t, 16> kGuidOrder = {3, 2, 1,  0,  5,  4,  7,  6,
                                                    8, 9, 10, 11, 12, 13, 14, 15};

// A number of up to 16 bytes, little-endian, for magnitudes of 38 digits.
using Magnitude = std::array<unsigned char, 16>;

// number = number * 10 + digit; false on overflow.
bool PushDigit(Magnitude& number, unsigned digit) {
  unsigned carry = digit;
  for (unsigned char& byte : number) {
    const unsigned value = byte * 10U + carry;
    byte = static_cast<unsigned char>(value & 0xFFU);
    carry = value >> 8U;
  }
  return carry == 0;
}

// number = number / 10, returning the remainder.
unsigned PopDigit(Magnitude& number) {
  unsigned rest = 0;
  for (std::size_t i = number.size(); i > 0; --i) {
    const unsigned value = (rest << 8U) | number.at(i - 1);
    number.at(i - 1) = static_cast<unsigned char>(value / 10U);
    rest = value % 10U;
  }
  return rest;
}

bool AllDigits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

nanoseconds UnitOf(int scale) {
  std::int64_t unit = 1'000'000'000;
  for (int i = 0; i < scale; ++i) {
    unit /= 10;
  }
  return nanoseconds(unit);
}

std::optional<TimePoint> Compose(sys_days day, nanoseconds of_day) {
  if (day < kFirstDay || day > kLastDay || of_day < nanoseconds(0) || of_day >= days(1)) {
    return std::nullopt;
  }
  return std::chrono::time_point_cast<TimePoint::duration>(TimePoint(day) + of_day);
}

std::uint64_t DaysFrom0001(sys_days day) {
  return static_cast<std::uint64_t>((day - kEpoch0001).count());
}

}  // namespace

int MagnitudeWidth(int precision) {
  if (precision <= 9) {
    return 4;
  }
  if (precision <= 19) {
    return 8;
  }
  return precision <= 28 ? 12 : 16;
}

std::optional<std::string> EncodeDecimal(std::string_view text, int precision, int scale) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction = point < text.size() ? text.substr(point + 1) : std::string_view();
  if (whole.empty() || !AllDigits(whole) || !AllDigits(fraction)) {
    return std::nullopt;
  }
  const auto places = static_cast<std::size_t>(std::max(scale, 0));
  if (fraction.size() > places &&
      fraction.find_first_not_of('0', places) != std::string_view::npos) {
    return std::nullopt;
  }
  fraction = fraction.substr(0, places);
  std::string digits = std::string(whole) + std::string(fraction);
  digits.append(places - fraction.size(), '0');
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.size() > static_cast<std::size_t>(std::max(precision, 0))) {
    return std::nullopt;
  }
  Magnitude number = {};
  for (const char c : digits) {
    if (!PushDigit(number, static_cast<unsigned>(c - '0'))) {
      return std::nullopt;
    }
  }
  std::string out(1, negative && !digits.empty() ? '\0' : '\1');
  for (std::size_t i = 0; i < static_cast<std::size_t>(MagnitudeWidth(precision)); ++i) {
    out.push_back(static_cast<char>(number.at(i)));
  }
  return out;
}

std::optional<std::string> DecodeDecimal(std::string_view bytes, int scale) {
  if (bytes.size() < 5 || bytes.size() > 17 || scale < 0 || scale > 38) {
    return std::nullopt;
  }
  Magnitude number = {};
  for (std::size_t i = 1; i < bytes.size(); ++i) {
    number.at(i - 1) = static_cast<unsigned char>(bytes[i]);
  }
  std::string text;  // digits from the last one
  const auto places = static_cast<std::size_t>(scale);
  while (text.size() <= places || std::ranges::any_of(number, [](auto b) { return b != 0; })) {
    text.push_back(static_cast<char>('0' + PopDigit(number)));
  }
  std::ranges::reverse(text);
  if (places > 0) {
    text.insert(text.size() - places, ".");
  }
  return bytes[0] == 0 ? "-" + text : text;
}

std::optional<std::string> EncodeGuid(std::string_view text) {
  constexpr std::array<std::size_t, 4> kDashes = {8, 13, 18, 23};
  if (text.size() != 36) {
    return std::nullopt;
  }
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = std::ranges::find(kDashes, i) != kDashes.end();
    if (dash != (text[i] == '-')) {
      return std::nullopt;
    }
    if (!dash) {
      digits.push_back(text[i]);
    }
  }
  const std::optional<std::string> bytes = FromHex(digits);
  if (!bytes || bytes->size() != kGuidOrder.size()) {
    return std::nullopt;
  }
  std::string out;
  for (const std::size_t from : kGuidOrder) {
    out.push_back((*bytes)[from]);
  }
  return out;
}

std::string DecodeGuid(std::string_view bytes) {
  std::string ordered;
  for (const std::size_t from : kGuidOrder) {
    ordered.push_back(bytes[from]);  // the order is its own inverse
  }
  std::string text = ToHex(ordered);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) {
    text.insert(at, "-");
  }
  return text;
}

std::string EncodeDateTime(TimePoint time) {
  sys_days day = std::chrono::floor<days>(time);
  const auto of_day = std::chrono::duration_cast<nanoseconds>(time - day).count();
  // Rounded to the nearest tick, which may be the first one of the next day.
  constexpr std::int64_t kTicksPerDay = 300LL * 86400;
  std::int64_t ticks = (of_day * 3 + 5'000'000) / 10'000'000;
  if (ticks == kTicksPerDay) {
    ticks = 0;
    day += days(1);
  }
  ByteWriter out;
  out.U32(static_cast<std::uint32_t>((day - kEpoch1900).count()));
  out.U32(static_cast<std::uint32_t>(ticks));
  return out.Take();
}

int TimeWidth(int scale) {
  constexpr std::array<int, 8> kWidths = {3, 3, 3, 4, 4, 5, 5, 5};
  return kWidths.at(static_cast<std::size_t>(std::clamp(scale, 0, 7)));
}

std::string EncodeDateTime2(TimePoint time, int scale) {
  const sys_days day = std::chrono::floor<days>(time);
  const auto units = std::chrono::duration_cast<nanoseconds>(time - day) / UnitOf(scale);
  ByteWriter out;
  out.Low(static_cast<std::uint64_t>(units), TimeWidth(scale)).Low(DaysFrom0001(day), 3);
  return out.Take();
}

std::string EncodeDate(TimePoint time) {
  ByteWriter out;
  out.Low(DaysFrom0001(std::chrono::floor<days>(time)), 3);
  return out.Take();
}

std::optional<TimePoint> DecodeDateTime(std::int32_t day, std::uint32_t ticks) {
  if (std::abs(static_cast<std::int64_t>(day)) > 3'000'000) {
    return std::nullopt;
  }
  return Compose(kEpoch1900 + days(day),
                 nanoseconds(static_cast<std::int64_t>(ticks) * 10'000'000 / 3));
}

std::optional<TimePoint> DecodeDateTime2(std::uint64_t units, int scale, std::uint32_t day) {
  if (scale < 0 || scale > 7 || units > 864'000'000'000ULL || day > 4'000'000) {
    return std::nullopt;
  }
  const auto count = static_cast<std::int64_t>(units);
  const nanoseconds unit = UnitOf(scale);
  if (count >= nanoseconds(days(1)) / unit) {
    return std::nullopt;
  }
  return Compose(kEpoch0001 + days(day), unit * count);
}

}  // namespace milink::sim::tds
