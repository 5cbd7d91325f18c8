#include "core/base/log.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace milink {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string Quote(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class SpdlogSink final : public AdjustableSink {
 public:
  SpdlogSink(LogFormat format, LogLevel level)
      : format_(format), logger_("milink", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_level(ToSpdlog(level));
    logger_.flush_on(spdlog::level::info);
    logger_.set_pattern(format == LogFormat::kJson
                            ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                            : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v",
                        spdlog::pattern_time_type::utc);
  }

  void Write(LogLevel level, std::string_view message,
             const std::vector<LogField>& fields) override {
    std::string line =
        format_ == LogFormat::kJson ? "\"msg\":" + Quote(message) : std::string(message);
    for (const auto& field : fields) {
      const std::string value = field.bare ? field.text : Quote(field.text);
      line += format_ == LogFormat::kJson ? "," + Quote(field.name) + ":" + value
                                          : " " + field.name + "=" + value;
    }
    logger_.log(ToSpdlog(level), "{}", line);
  }

  bool Enabled(LogLevel level) const override { return logger_.should_log(ToSpdlog(level)); }
  void SetLevel(LogLevel level) override { logger_.set_level(ToSpdlog(level)); }

 private:
  LogFormat format_;
  spdlog::logger logger_;
};

}  // namespace

LogField::LogField(std::string_view key, double value)
    : name(key), text(fmt::format("{:.6f}", value)), bare(std::isfinite(value)) {}

Logger Logger::With(std::initializer_list<LogField> fields) const {
  Logger copy = *this;
  copy.fields_.insert(copy.fields_.end(), fields);
  return copy;
}

void Logger::Debug(std::string_view message, std::initializer_list<LogField> fields) const {
  Write(LogLevel::kDebug, message, fields);
}
void Logger::Info(std::string_view message, std::initializer_list<LogField> fields) const {
  Write(LogLevel::kInfo, message, fields);
}
void Logger::Warning(std::string_view message, std::initializer_list<LogField> fields) const {
  Write(LogLevel::kWarning, message, fields);
}
void Logger::Error(std::string_view message, std::initializer_list<LogField> fields) const {
  Write(LogLevel::kError, message, fields);
}

void Logger::Write(LogLevel level, std::string_view message,
                   std::initializer_list<LogField> fields) const {
  if (sink_ == nullptr || !sink_->Enabled(level)) {
    return;
  }
  std::vector<LogField> all = fields_;
  all.insert(all.end(), fields);
  sink_->Write(level, message, all);
}

std::shared_ptr<AdjustableSink> MakeStderrSink(LogFormat format, LogLevel level) {
  return std::make_shared<SpdlogSink>(format, level);
}

}  // namespace milink
