// Times and durations as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace milink {

// "2026-11-21T10:00:00Z", as Kubernetes writes metav1.Time.
std::string FormatRfc3339(TimePoint time);
// "2026-11-21T10:00:00.000000Z", as Kubernetes writes metav1.MicroTime.
std::string FormatRfc3339Micro(TimePoint time);
// With 0 to 9 fraction digits (cut to microseconds); only the zone Z and numeric offsets. A time
// that TimePoint cannot hold, as SQL Server's 0001-01-01 and 9999-12-31, is the nearest one that it
// can. Nothing when malformed.
std::optional<TimePoint> ParseRfc3339(std::string_view text);

// Go's duration text ("1h30m", "500ms", "-1.5s"), the form of metav1.Duration, rounded to
// milliseconds. Nothing when malformed or longer than Go's limit of about 292 years.
std::optional<Duration> ParseDuration(std::string_view text);
// As Go writes it: "1h0m0s", "1m30s", "1.5s", "500ms", "0s".
std::string FormatDuration(Duration duration);

// "20261121", the only date literal that no language setting of SQL Server changes.
std::string FormatSqlDate(TimePoint time);

}  // namespace milink
