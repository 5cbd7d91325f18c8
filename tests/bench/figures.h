// The table of figures: one line `name value unit budget` each, and MISSED where it is.
#pragma once

#include <string>
#include <vector>

namespace milink::bench {

// Prints the line at once. `budget` is an upper bound; below 0: for information, none.
void PrintFigure(const std::string& name, double value, const std::string& unit, double budget);

// The value below which this share of the values lies. Not of an empty list.
double Percentile(std::vector<double> values, double share);

}  // namespace milink::bench
