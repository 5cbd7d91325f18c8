#include "core/base/time_format.h"

#include <array>
#include <cmath>
#include <cstdint>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace milink {
namespace {

using std::chrono::duration_cast;
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

struct Unit {
  std::string_view name;
  double milliseconds;
};
// Longer names first where one is the beginning of another.
constexpr std::array<Unit, 6> kUnits{
    {{"ms", 1}, {"us", 0.001}, {"ns", 0.000001}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}}};

}  // namespace

std::string FormatRfc3339(TimePoint time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", ToUtc(time));
}

std::string FormatRfc3339Micro(TimePoint time) {
  const auto whole = std::chrono::floor<seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", ToUtc(time),
                     duration_cast<microseconds>(time - whole).count());
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
                    std::chrono::minutes(minute) + seconds(second);
  return TimePoint(wall - *offset) + *fraction;
}

std::optional<Duration> ParseDuration(std::string_view text) {
  if (text == "0") {
    return Duration::zero();
  }
  double total = 0;
  if (text.empty()) {
    return std::nullopt;
  }
  while (!text.empty()) {
    std::size_t used = 0;
    double number = 0;
    double scale = 1;
    bool fraction = false;
    for (; used < text.size() && ((text[used] >= '0' && text[used] <= '9') || text[used] == '.');
         ++used) {
      if (text[used] == '.') {
        if (fraction) {
          return std::nullopt;
        }
        fraction = true;
        continue;
      }
      number = number * 10 + (text[used] - '0');
      scale = fraction ? scale * 10 : scale;
    }
    if (used == 0 || (used == 1 && fraction)) {
      return std::nullopt;
    }
    text.remove_prefix(used);
    const Unit* found = nullptr;
    for (const auto& unit : kUnits) {
      if (text.starts_with(unit.name)) {
        found = &unit;
        break;
      }
    }
    if (found == nullptr) {
      return std::nullopt;
    }
    total += number / scale * found->milliseconds;
    text.remove_prefix(found->name.size());
  }
  if (total > 9.0e15) {
    return std::nullopt;
  }
  return Duration(std::llround(total));
}

std::string FormatDuration(Duration duration) {
  auto rest = duration.count();
  std::string text = rest < 0 ? "-" : "";
  rest = rest < 0 ? -rest : rest;
  const auto hours = rest / 3'600'000;
  const auto minutes = rest / 60'000 % 60;
  const auto millis = rest % 60'000;
  if (hours > 0) {
    text += fmt::format("{}h", hours);
  }
  if (hours > 0 || minutes > 0) {
    text += fmt::format("{}m", minutes);
  }
  if (millis % 1000 == 0) {
    return text + fmt::format("{}s", millis / 1000);
  }
  return text + fmt::format("{}s", static_cast<double>(millis) / 1000.0);
}

std::string FormatSqlDate(TimePoint time) { return fmt::format("{:%Y%m%d}", ToUtc(time)); }

}  // namespace milink
