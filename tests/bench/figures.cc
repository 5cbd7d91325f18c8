#include "tests/bench/figures.h"

#include <algorithm>
#include <cstdio>

namespace milink::bench {

void PrintFigure(const std::string& name, double value, const std::string& unit, double budget) {
  if (budget < 0) {
    std::printf("%-42s %10.2f %-6s %10s\n", name.c_str(), value, unit.c_str(), "-");
  } else {
    std::printf("%-42s %10.2f %-6s %10.2f%s\n", name.c_str(), value, unit.c_str(), budget,
                value > budget ? " MISSED" : "");
  }
  std::fflush(stdout);
}

double Percentile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

}  // namespace milink::bench
