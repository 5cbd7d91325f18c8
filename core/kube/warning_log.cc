#include "core/kube/warning_log.h"

#include <optional>

#include "core/base/text.h"

namespace milink::kube {
namespace {

// Distinct texts that are remembered; warnings with names inside must not fill the memory.
constexpr std::size_t kMaxTexts = 256;
constexpr std::size_t kMaxLength = 512;

// Takes a quoted string with backslash escapes off the front of `rest`.
std::optional<std::string> TakeQuoted(std::string_view& rest) {
  rest = Trim(rest);
  if (!rest.starts_with('"')) {
    return std::nullopt;
  }
  std::string text;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return text;
    }
    if (rest[i] == '\\' && i + 1 < rest.size()) {
      ++i;
    }
    text += rest[i];
  }
  return std::nullopt;
}

// Takes a word up to the next space.
std::string_view TakeWord(std::string_view& rest) {
  rest = Trim(rest);
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

}  // namespace

std::vector<std::string> ParseWarnings(std::string_view header) {
  std::vector<std::string> texts;
  std::string_view rest = Trim(header);
  while (!rest.empty()) {
    const std::string_view code = TakeWord(rest);
    TakeWord(rest);  // who warns
    const auto text = TakeQuoted(rest);
    if (!text) {
      break;
    }
    if (code == "299") {
      texts.push_back(Shorten(*text, kMaxLength));
    }
    TakeQuoted(rest);  // perhaps a date
    const auto comma = rest.find(',');
    rest = comma == std::string_view::npos ? std::string_view() : Trim(rest.substr(comma + 1));
  }
  return texts;
}

bool WarningLog::IsNew(const std::string& text) {
  const std::lock_guard lock(mutex_);
  return seen_.size() < kMaxTexts && seen_.insert(text).second;
}

void WarningLog::Note(const HttpHead& head) {
  const auto it = head.headers.find("warning");
  if (it == head.headers.end()) {
    return;
  }
  for (const std::string& text : ParseWarnings(it->second)) {
    if (IsNew(text)) {
      logger_.Warning("The Kubernetes API server warned", {{"warning", text}});
    }
  }
}

}  // namespace milink::kube
