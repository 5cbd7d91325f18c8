#include "core/runtime/samples.h"

#include <cmath>

#include <fmt/format.h>

namespace milink::runtime {
namespace {

// Source: the exposition format's rules for label values.
void AppendEscaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\\' || c == '"') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

std::string Number(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  return fmt::format("{}", value);  // the shortest text that reads back the same
}

}  // namespace

Samples::Samples(const MetricFamily& family)
    : name_(family.name),
      text_("# HELP " + family.name + " " + family.help + "\n# TYPE " + family.name + " gauge\n") {}

void Samples::Add(std::initializer_list<Label> labels, double value) {
  text_ += name_;
  char before = '{';
  for (const auto& [label, text] : labels) {
    text_ += before;
    text_ += label;
    text_ += "=\"";
    AppendEscaped(text_, text);
    text_ += '"';
    before = ',';
  }
  text_ += before == '{' ? " " : "} ";
  text_ += Number(value);
  text_ += '\n';
}

}  // namespace milink::runtime
