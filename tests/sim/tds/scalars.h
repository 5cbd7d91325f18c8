// Number, GUID and time formats of the wire (MS-TDS 2.2.5.5). Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace milink::sim::tds {

// Sign byte (1: not negative) and little-endian magnitude of 4, 8, 12 or 16 bytes, whichever
// `precision` needs. Nothing when `text` is no number or has more digits than (precision, scale)
// hold; missing fraction digits are zero.
std::optional<std::string> EncodeDecimal(std::string_view text, int precision, int scale);
// Bytes of the magnitude.
int MagnitudeWidth(int precision);
std::optional<std::string> DecodeDecimal(std::string_view bytes, int scale);

// The first three groups are little-endian. Nothing when malformed.
std::optional<std::string> EncodeGuid(std::string_view text);
std::string DecodeGuid(std::string_view bytes);  // REQUIRES: 16 bytes

// datetime: days since 1900-01-01 and 1/300 s since midnight.
std::string EncodeDateTime(TimePoint time);
// datetime2(scale): units of 10^-scale s since midnight, then days since 0001-01-01.
std::string EncodeDateTime2(TimePoint time, int scale);
std::string EncodeDate(TimePoint time);

// Nothing when the date lies outside what TimePoint holds (1678 to 2261).
std::optional<TimePoint> DecodeDateTime(std::int32_t days, std::uint32_t ticks);
std::optional<TimePoint> DecodeDateTime2(std::uint64_t units, int scale, std::uint32_t days);

// Bytes of the time part of datetime2(scale).
int TimeWidth(int scale);

}  // namespace milink::sim::tds
