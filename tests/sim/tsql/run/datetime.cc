#include "tests/sim/tsql/run/datetime.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "core/base/text.h"

namespace milink::sim::tsql {
namespace {

using std::chrono::floor;

struct Fields {
  int year = 1900;
  unsigned month = 1;
  unsigned day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t nanosecond = 0;
};

Fields Split(TimePoint time) {
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(time - day).count();
  const std::int64_t seconds = nanoseconds / 1'000'000'000;
  return {static_cast<int>(date.year()),       static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),   static_cast<int>(seconds / 3600),
          static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60),
          nanoseconds % 1'000'000'000};
}

std::optional<TimePoint> Compose(const Fields& fields) {
  const std::chrono::year_month_day date{std::chrono::year(fields.year),
                                         std::chrono::month(fields.month),
                                         std::chrono::day(fields.day)};
  if (!date.ok() || fields.hour > 23 || fields.minute > 59 || fields.second > 59) {
    return std::nullopt;
  }
  return TimePoint(std::chrono::sys_days(date)) + std::chrono::hours(fields.hour) +
         std::chrono::minutes(fields.minute) + std::chrono::seconds(fields.second) +
         std::chrono::duration_cast<TimePoint::duration>(
             std::chrono::nanoseconds(fields.nanosecond));
}

// Takes up to `width` digits; false when there is none.
template <typename Number>
bool TakeNumber(std::string_view& text, std::size_t width, Number& number) {
  std::size_t count = 0;
  while (count < width && count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
  if (count == 0) return false;
  std::from_chars(text.data(), text.data() + count, number);
  text.remove_prefix(count);
  return true;
}

bool TakeChar(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

bool TakeDate(std::string_view& text, Fields& fields) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 8) {
    return TakeNumber(text, 4, fields.year) && TakeNumber(text, 2, fields.month) &&
           TakeNumber(text, 2, fields.day);
  }
  if (digits == 4) {
    return TakeNumber(text, 4, fields.year) && TakeChar(text, '-') &&
           TakeNumber(text, 2, fields.month) && TakeChar(text, '-') &&
           TakeNumber(text, 2, fields.day);
  }
  return TakeNumber(text, 2, fields.month) && TakeChar(text, '/') &&
         TakeNumber(text, 2, fields.day) && TakeChar(text, '/') && TakeNumber(text, 4, fields.year);
}

bool TakeTime(std::string_view& text, Fields& fields) {
  if (!TakeNumber(text, 2, fields.hour) || !TakeChar(text, ':') ||
      !TakeNumber(text, 2, fields.minute)) {
    return false;
  }
  if (!TakeChar(text, ':')) return true;
  if (!TakeNumber(text, 2, fields.second)) return false;
  if (!TakeChar(text, '.')) return true;
  std::int64_t unit = 100'000'000;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    fields.nanosecond += (text.front() - '0') * unit;
    unit /= 10;
    text.remove_prefix(1);
  }
  return true;
}

// The number in decimal, filled up in front.
std::string Pad(std::int64_t number, std::size_t width, char fill = '0') {
  std::string text = std::to_string(number);
  if (text.size() < width) text.insert(0, width - text.size(), fill);
  return text;
}

std::string Fraction(const Fields& fields, const TypeInfo& type) {
  if (type.type == SqlType::kDate) return "";
  if (type.type == SqlType::kDateTime2) {
    if (type.scale == 0) return "";
    const std::string all = Pad(fields.nanosecond, 9);
    return "." + all.substr(0, static_cast<std::size_t>(type.scale));
  }
  return "." + Pad(fields.nanosecond / 1'000'000, 3);
}

std::int64_t CountOf(DatePart part, TimePoint time) {
  using namespace std::chrono;
  switch (part) {
    case DatePart::kYear:
      return Split(time).year;
    case DatePart::kMonth:
      return Split(time).year * 12 + static_cast<std::int64_t>(Split(time).month);
    case DatePart::kDay:
      return floor<days>(time).time_since_epoch().count();
    case DatePart::kHour:
      return floor<hours>(time).time_since_epoch().count();
    case DatePart::kMinute:
      return floor<minutes>(time).time_since_epoch().count();
    case DatePart::kSecond:
      return floor<seconds>(time).time_since_epoch().count();
    case DatePart::kMillisecond:
      return floor<milliseconds>(time).time_since_epoch().count();
    case DatePart::kMicrosecond:
      return floor<microseconds>(time).time_since_epoch().count();
  }
  return 0;
}

}  // namespace

std::optional<TimePoint> ParseDateTime(std::string_view text) {
  text = Trim(text);
  Fields fields;
  if (text.empty()) return Compose(fields);  // '' is 1900-01-01
  if (!TakeDate(text, fields)) return std::nullopt;
  if (!text.empty() && (TakeChar(text, 'T') || TakeChar(text, ' '))) {
    if (!TakeTime(text, fields)) return std::nullopt;
    TakeChar(text, 'Z');
  }
  return text.empty() ? Compose(fields) : std::nullopt;
}

TimePoint RoundToDateTime(TimePoint time) {
  const auto second = floor<std::chrono::seconds>(time);
  const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(time - second).count();
  const std::int64_t ticks = (rest * 300 + 500'000'000) / 1'000'000'000;
  // Shown as .000, .003, .007: whole milliseconds.
  return second + std::chrono::milliseconds((ticks * 10 + 1) / 3);
}

std::optional<std::string> FormatDateTime(TimePoint time, const TypeInfo& type, int style) {
  if (type.type == SqlType::kDateTime) time = RoundToDateTime(time);
  const Fields f = Split(time);
  const std::string date = Pad(f.year, 4) + "-" + Pad(f.month, 2) + "-" + Pad(f.day, 2);
  const std::string clock = Pad(f.hour, 2) + ":" + Pad(f.minute, 2) + ":" + Pad(f.second, 2);
  const bool only_date = type.type == SqlType::kDate;
  switch (style) {
    case 0:
    case 100: {
      if (type.type == SqlType::kDateTime2) return date + " " + clock + Fraction(f, type);
      if (only_date) return date;
      static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
      const int hour = f.hour % 12 == 0 ? 12 : f.hour % 12;
      return std::string(kMonths.at(f.month - 1)) + " " + Pad(f.day, 2, ' ') + " " +
             Pad(f.year, 4) + " " + Pad(hour, 2, ' ') + ":" + Pad(f.minute, 2) +
             (f.hour < 12 ? "AM" : "PM");
    }
    case 112:
      return Pad(f.year, 4) + Pad(f.month, 2) + Pad(f.day, 2);
    case 23:
      return date;
    case 20:
    case 120:
      return only_date ? date : date + " " + clock;
    case 21:
    case 121:
      return only_date ? date : date + " " + clock + Fraction(f, type);
    case 126:
    case 127: {
      if (only_date) return date;
      const std::string fraction = Fraction(f, type);
      const bool zero = fraction.find_first_not_of(".0") == std::string::npos;
      return date + "T" + clock + (zero ? "" : fraction) + (style == 127 ? "Z" : "");
    }
    default:
      return std::nullopt;
  }
}

std::optional<DatePart> DatePartNamed(std::string_view name) {
  static const std::map<std::string, DatePart, std::less<>> kNames = {
      {"year", DatePart::kYear},      {"yy", DatePart::kYear},
      {"yyyy", DatePart::kYear},      {"month", DatePart::kMonth},
      {"mm", DatePart::kMonth},       {"m", DatePart::kMonth},
      {"day", DatePart::kDay},        {"dd", DatePart::kDay},
      {"d", DatePart::kDay},          {"hour", DatePart::kHour},
      {"hh", DatePart::kHour},        {"minute", DatePart::kMinute},
      {"mi", DatePart::kMinute},      {"n", DatePart::kMinute},
      {"second", DatePart::kSecond},  {"ss", DatePart::kSecond},
      {"s", DatePart::kSecond},       {"millisecond", DatePart::kMillisecond},
      {"ms", DatePart::kMillisecond}, {"microsecond", DatePart::kMicrosecond},
      {"mcs", DatePart::kMicrosecond}};
  const auto found = kNames.find(ToLowerAscii(name));
  if (found == kNames.end()) return std::nullopt;
  return found->second;
}

TimePoint DateAdd(DatePart part, std::int64_t count, TimePoint time) {
  using namespace std::chrono;
  switch (part) {
    case DatePart::kYear:
    case DatePart::kMonth: {
      const auto day = floor<days>(time);
      year_month_day date{day};
      date += months(part == DatePart::kYear ? count * 12 : count);
      if (!date.ok()) date = date.year() / date.month() / last;
      return TimePoint(sys_days(date)) + (time - day);
    }
    case DatePart::kDay:
      return time + days(count);
    case DatePart::kHour:
      return time + hours(count);
    case DatePart::kMinute:
      return time + minutes(count);
    case DatePart::kSecond:
      return time + seconds(count);
    case DatePart::kMillisecond:
      return time + milliseconds(count);
    case DatePart::kMicrosecond:
      return time + microseconds(count);
  }
  return time;
}

std::int64_t DateDiff(DatePart part, TimePoint from, TimePoint to) {
  return CountOf(part, to) - CountOf(part, from);
}

std::int64_t PartOf(DatePart part, TimePoint time) {
  const Fields f = Split(time);
  switch (part) {
    case DatePart::kYear:
      return f.year;
    case DatePart::kMonth:
      return f.month;
    case DatePart::kDay:
      return f.day;
    case DatePart::kHour:
      return f.hour;
    case DatePart::kMinute:
      return f.minute;
    case DatePart::kSecond:
      return f.second;
    case DatePart::kMillisecond:
      return f.nanosecond / 1'000'000;
    case DatePart::kMicrosecond:
      return f.nanosecond / 1'000;
  }
  return 0;
}

}  // namespace milink::sim::tsql
