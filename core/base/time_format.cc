#include "core/base/time_format.h"

#include <array>
#include <cmath>
#include <cstdint>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace milink {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::tm ToUtc(TimePoint time) { return fmt::gmtime(std::chrono::floor<seconds>(time)); }

// Reads exactly `count` digits at `pos`; -1 when there are none.
int Digits(std::string_view text, std::size_t pos, std::size_t count) {
  if (pos + count > text.size()) {
    return -1;
  }
  int value = 0;
  for (std::size_t i = pos; i < pos + count; ++i) {
    if (text[i] < '0' || text[i] > '9') {
      return -1;
    }
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// The fraction at `pos` ('.' and digits) in microseconds; moves `pos` behind it.
std::optional<microseconds> Fraction(std::string_view text, std::size_t& pos) {
  if (pos >= text.size() || text[pos] != '.') {
    return microseconds::zero();
  }
  std::int64_t value = 0;
  std::int64_t scale = 1'000'000;
  std::size_t count = 0;
  for (++pos; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos, ++count) {
    if (scale > 1) {
      scale /= 10;
      value += (text[pos] - '0') * scale;
    }
  }
  if (count == 0 || count > 9) {
    return std::nullopt;
  }
  return microseconds(value);
}

std::optional<seconds> Offset(std::string_view zone) {
  if (zone == "Z" || zone == "z") {
    return seconds::zero();
  }
  const int hours = Digits(zone, 1, 2);
  const int minutes = Digits(zone, 4, 2);
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' || hours < 0 ||
      hours > 23 || minutes < 0 || minutes > 59) {
    return std::nullopt;
  }
  const seconds offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return zone[0] == '-' ? -offset : offset;
}

// The first and the last second that TimePoint holds with every fraction.
constexpr auto kEarliest = std::chrono::sys_seconds(seconds(-9'223'372'036));
constexpr auto kLatest = std::chrono::sys_seconds(seconds(9'223'372'035));

struct Unit {
  std::string_view name;
  double milliseconds;
};
// Longer names first where one is the beginning of another. Go knows both signs for micro.
constexpr std::array<Unit, 8> kUnits{{{"ms", 1},
                                      {"us", 0.001},
                                      {"\u00b5s", 0.001},
                                      {"\u03bcs", 0.001},
                                      {"ns", 0.000001},
                                      {"h", 3'600'000},
                                      {"m", 60'000},
                                      {"s", 1'000}}};
// 2^63 nanoseconds.
constexpr double kLongestDuration = 9'223'372'036'854.775;

// Reads one decimal number ("1", "1.5", ".5", "1.") off the front.
std::optional<double> TakeNumber(std::string_view& text) {
  double number = 0;
  double scale = 1;
  bool fraction = false;
  std::size_t digits = 0;
  std::size_t used = 0;
  for (; used < text.size(); ++used) {
    const char c = text[used];
    if (c == '.' && !fraction) {
      fraction = true;
    } else if (c >= '0' && c <= '9') {
      number = number * 10 + (c - '0');
      scale = fraction ? scale * 10 : scale;
      ++digits;
    } else {
      break;
    }
  }
  if (digits == 0) {
    return std::nullopt;
  }
  text.remove_prefix(used);
  return number / scale;
}

std::optional<double> TakeUnit(std::string_view& text) {
  for (const auto& unit : kUnits) {
    if (text.starts_with(unit.name)) {
      text.remove_prefix(unit.name.size());
      return unit.milliseconds;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string FormatRfc3339(TimePoint time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", ToUtc(time));
}

std::string FormatRfc3339Micro(TimePoint time) {
  const auto whole = std::chrono::floor<seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", ToUtc(time),
                     std::chrono::duration_cast<microseconds>(time - whole).count());
}

std::optional<TimePoint> ParseRfc3339(std::string_view text) {
  const int year = Digits(text, 0, 4);
  const int month = Digits(text, 5, 2);
  const int day = Digits(text, 8, 2);
  const int hour = Digits(text, 11, 2);
  const int minute = Digits(text, 14, 2);
  const int second = Digits(text, 17, 2);
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':' || year < 0 ||
      hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  std::size_t pos = 19;
  const auto fraction = Fraction(text, pos);
  const auto offset = Offset(text.substr(pos));
  if (month < 0 || day < 0 || !date.ok() || !fraction || !offset) {
    return std::nullopt;
  }
  const auto wall = std::chrono::sys_days(date) + std::chrono::hours(hour) +
                    std::chrono::minutes(minute) + seconds(second) - *offset;
  if (wall <= kEarliest) {
    return kEarliest;
  }
  if (wall >= kLatest) {
    return kLatest;
  }
  return TimePoint(wall) + *fraction;
}

std::optional<Duration> ParseDuration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  if (text == "0") {
    return Duration::zero();
  }
  if (text.empty()) {
    return std::nullopt;
  }
  double total = 0;
  while (!text.empty()) {
    const auto number = TakeNumber(text);
    const auto unit = number ? TakeUnit(text) : std::nullopt;
    if (!unit) {
      return std::nullopt;
    }
    total += *number * *unit;
  }
  // Not so for what is too long, and for infinity.
  if (!(total <= kLongestDuration)) {
    return std::nullopt;
  }
  return Duration(std::llround(negative ? -total : total));
}

std::string FormatDuration(Duration duration) {
  const bool negative = duration < Duration::zero();
  // Unsigned, so that the lowest value has an opposite.
  auto rest = static_cast<std::uint64_t>(duration.count());
  rest = negative ? 0 - rest : rest;
  std::string text = negative ? "-" : "";
  if (rest > 0 && rest < 1000) {
    return text + fmt::format("{}ms", rest);
  }
  const auto hours = rest / 3'600'000;
  const auto minutes = rest / 60'000 % 60;
  const auto millis = rest % 60'000;
  if (hours > 0) {
    text += fmt::format("{}h", hours);
  }
  if (hours > 0 || minutes > 0) {
    text += fmt::format("{}m", minutes);
  }
  return text + fmt::format("{}s", static_cast<double>(millis) / 1000.0);
}

std::string FormatSqlDate(TimePoint time) { return fmt::format("{:%Y%m%d}", ToUtc(time)); }

}  // namespace milink
