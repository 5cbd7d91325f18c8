// Structured logging: a message in words and key/value pairs, as JSON or text lines on stderr.
//
// Thread-safe. Secret has no conversion to a field, so a credential cannot be logged by accident.
// Messages: past tense, capital first letter, no final period, no values inside the text.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace milink {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kJson, kText };

struct LogField {
  LogField(std::string_view key, std::string_view value) : name(key), text(value) {}
  LogField(std::string_view key, const char* value) : name(key), text(value) {}
  LogField(std::string_view key, std::string value) : name(key), text(std::move(value)) {}
  template <typename T>
    requires(std::integral<T> && !std::same_as<T, bool>)
  LogField(std::string_view key, T value) : name(key), text(std::to_string(value)), bare(true) {}
  LogField(std::string_view key, bool value)
      : name(key), text(value ? "true" : "false"), bare(true) {}
  LogField(std::string_view key, double value);  // with six decimals: durations in seconds

  std::string name;
  std::string text;
  bool bare = false;  // written without quotes in JSON
};

// Where lines go. The composition root makes one; tests make one that collects.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void Write(LogLevel level, std::string_view message,
                     const std::vector<LogField>& fields) = 0;
  virtual bool Enabled(LogLevel level) const = 0;
};

// A cheap value: the sink and the fields that every line of this logger carries.
class Logger {
 public:
  Logger() = default;  // drops everything
  explicit Logger(std::shared_ptr<LogSink> sink) : sink_(std::move(sink)) {}

  Logger With(std::initializer_list<LogField> fields) const;

  void Debug(std::string_view message, std::initializer_list<LogField> fields = {}) const;
  void Info(std::string_view message, std::initializer_list<LogField> fields = {}) const;
  void Warning(std::string_view message, std::initializer_list<LogField> fields = {}) const;
  void Error(std::string_view message, std::initializer_list<LogField> fields = {}) const;

 private:
  void Write(LogLevel level, std::string_view message,
             std::initializer_list<LogField> fields) const;

  std::shared_ptr<LogSink> sink_;
  std::vector<LogField> fields_;
};

// A sink whose level may change while it is in use, from any thread.
class AdjustableSink : public LogSink {
 public:
  virtual void SetLevel(LogLevel level) = 0;
};

// The sink of the program, on stderr.
std::shared_ptr<AdjustableSink> MakeStderrSink(LogFormat format, LogLevel level);

}  // namespace milink
