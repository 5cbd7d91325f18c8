#include "tests/sim/tsql/run/decimal.h"

#include <algorithm>
#include <string>

namespace milink::sim::tsql {
namespace {

using Wide = __int128;  // 38 digits

struct Scaled {
  Wide digits = 0;
  int scale = 0;
};

Scaled Read(const Decimal& value) {
  Scaled result;
  bool negative = false;
  bool fraction = false;
  for (const char c : value.text) {
    if (c == '-') {
      negative = true;
    } else if (c == '.') {
      fraction = true;
    } else if (c >= '0' && c <= '9') {
      result.digits = result.digits * 10 + (c - '0');
      if (fraction) ++result.scale;
    }
  }
  if (negative) result.digits = -result.digits;
  return result;
}

Decimal Write(Scaled value) {
  const bool negative = value.digits < 0;
  Wide rest = negative ? -value.digits : value.digits;
  std::string text;
  for (int i = 0; rest > 0 || i <= value.scale; ++i) {
    if (i == value.scale && value.scale > 0) text += '.';
    text += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (negative) text += '-';
  std::reverse(text.begin(), text.end());
  return {text};
}

bool Grow(Scaled& value, int scale) {
  while (value.scale < scale) {
    if (__builtin_mul_overflow(value.digits, Wide{10}, &value.digits)) return false;
    ++value.scale;
  }
  return true;
}

// Brings both to the same scale.
bool Align(Scaled& a, Scaled& b) { return Grow(a, b.scale) && Grow(b, a.scale); }

void Shrink(Scaled& value, int scale) {
  while (value.scale > scale) {
    const int rest = static_cast<int>(value.digits % 10);
    value.digits /= 10;
    --value.scale;
    if (value.scale == scale && (rest >= 5 || rest <= -5)) value.digits += rest > 0 ? 1 : -1;
  }
}

}  // namespace

std::optional<Decimal> ParseDecimal(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  std::string_view digits = text;
  if (!digits.empty() && (digits.front() == '-' || digits.front() == '+')) digits.remove_prefix(1);
  const auto count =
      std::count_if(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  const auto points = std::count(digits.begin(), digits.end(), '.');
  if (count == 0 || count > 38 || points > 1 ||
      count + points != static_cast<std::ptrdiff_t>(digits.size())) {
    return std::nullopt;
  }
  return Write(Read(Decimal{std::string(text)}));
}

int CompareDecimals(const Decimal& a, const Decimal& b) {
  Scaled left = Read(a);
  Scaled right = Read(b);
  if (!Align(left, right)) {
    const double x = ToDouble(a);
    const double y = ToDouble(b);
    return x < y ? -1 : static_cast<int>(x > y);
  }
  return left.digits < right.digits ? -1 : static_cast<int>(left.digits > right.digits);
}

Decimal Rescale(const Decimal& value, int scale) {
  Scaled scaled = Read(value);
  if (!Grow(scaled, scale)) return value;
  Shrink(scaled, scale);
  return Write(scaled);
}

int IntegerDigits(const Decimal& value) {
  Scaled scaled = Read(value);
  while (scaled.scale > 0) {
    scaled.digits /= 10;
    --scaled.scale;
  }
  int count = 0;
  for (; scaled.digits != 0; scaled.digits /= 10) ++count;
  return count;
}

int ScaleOf(const Decimal& value) { return Read(value).scale; }

double ToDouble(const Decimal& value) { return std::stod(value.text); }

std::optional<Decimal> AddDecimals(const Decimal& a, const Decimal& b) {
  Scaled left = Read(a);
  Scaled right = Read(b);
  if (!Align(left, right)) return std::nullopt;
  if (__builtin_add_overflow(left.digits, right.digits, &left.digits)) return std::nullopt;
  return Write(left);
}

std::optional<Decimal> SubtractDecimals(const Decimal& a, const Decimal& b) {
  Scaled right = Read(b);
  right.digits = -right.digits;
  return AddDecimals(a, Write(right));
}

std::optional<Decimal> MultiplyDecimals(const Decimal& a, const Decimal& b) {
  Scaled left = Read(a);
  const Scaled right = Read(b);
  if (__builtin_mul_overflow(left.digits, right.digits, &left.digits)) return std::nullopt;
  left.scale += right.scale;
  return Write(left);
}

std::optional<Decimal> DivideDecimals(const Decimal& a, const Decimal& b, int scale) {
  Scaled left = Read(a);
  const Scaled right = Read(b);
  if (right.digits == 0 || !Grow(left, scale + right.scale)) return std::nullopt;
  left.digits /= right.digits;
  left.scale -= right.scale;
  Shrink(left, scale);
  return Write(left);
}

}  // namespace milink::sim::tsql
