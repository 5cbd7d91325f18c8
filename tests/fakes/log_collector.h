// A log sink that keeps its lines. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/log.h"

namespace milink::fakes {

struct LogLine {
  LogLevel level = LogLevel::kDebug;
  std::string message;
  std::vector<LogField> fields;

  // The text of a field; empty when it is absent.
  std::string Field(std::string_view name) const {
    for (const auto& field : fields) {
      if (field.name == name) {
        return field.text;
      }
    }
    return {};
  }
};

class LogCollector final : public LogSink {
 public:
  void Write(LogLevel level, std::string_view message,
             const std::vector<LogField>& fields) override {
    const std::lock_guard lock(mutex_);
    lines_.push_back({level, std::string(message), fields});
  }
  bool Enabled(LogLevel /*level*/) const override { return true; }

  std::vector<LogLine> Lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  // The lines with this message.
  std::vector<LogLine> Lines(std::string_view message) const {
    std::vector<LogLine> found;
    for (auto& line : Lines()) {
      if (line.message == message) {
        found.push_back(std::move(line));
      }
    }
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<LogLine> lines_;
};

}  // namespace milink::fakes
