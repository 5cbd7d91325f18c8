// Dates and times as text: what SQL Server reads and what CONVERT writes in each style.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "tests/sim/sql/value.h"

namespace milink::sim::tsql {

// yyyymmdd, yyyy-mm-dd and mm/dd/yyyy (language us_english), each with an optional time; or
// nothing.
std::optional<TimePoint> ParseDateTime(std::string_view text);
// Style 0 (default), 112, 120, 121, 126, 127. Nothing for another style.
std::optional<std::string> FormatDateTime(TimePoint time, const TypeInfo& type, int style);
// datetime knows only ticks of 1/300 s.
TimePoint RoundToDateTime(TimePoint time);

// Units of DATEADD, DATEDIFF and DATEPART with their short forms; nothing when unknown.
enum class DatePart { kYear, kMonth, kDay, kHour, kMinute, kSecond, kMillisecond, kMicrosecond };
std::optional<DatePart> DatePartNamed(std::string_view name);
TimePoint DateAdd(DatePart part, std::int64_t count, TimePoint time);
// Boundaries crossed between the two.
std::int64_t DateDiff(DatePart part, TimePoint from, TimePoint to);
std::int64_t PartOf(DatePart part, TimePoint time);

}  // namespace milink::sim::tsql
