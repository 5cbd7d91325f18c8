#include "core/kube/object_text.h"

#include <cstddef>
#include <string_view>

#include "core/kube/json_scanner.h"

namespace milink::kube {
namespace {

// As the server writes them: without blanks.
constexpr std::string_view kMetadata = R"("metadata":{)";
constexpr std::string_view kManagedFields = R"("managedFields":[)";

// Where the value that begins at `begin` ends; npos: nowhere.
std::size_t EndOfValue(std::string_view text, std::size_t begin) {
  JsonScanner scanner;
  for (std::size_t i = begin; i < text.size(); ++i) {
    i += scanner.CountIdle(text.substr(i));
    if (i == text.size()) {
      break;
    }
    scanner.Advance(text[i]);
    if (scanner.depth() == 0 && !scanner.in_string()) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// Of the field directly within the metadata that begin at `begin`; npos: there is none.
std::size_t FindManagedFields(std::string_view text, std::size_t begin) {
  JsonScanner scanner;
  for (std::size_t i = begin; i < text.size(); ++i) {
    i += scanner.CountIdle(text.substr(i));
    if (i == text.size()) {
      break;
    }
    if (scanner.depth() == 1 && !scanner.in_string() &&
        text.substr(i).starts_with(kManagedFields)) {
      return i;
    }
    scanner.Advance(text[i]);
    if (scanner.depth() == 0) {
      break;
    }
  }
  return std::string_view::npos;
}

}  // namespace

void CutManagedFields(std::string& text) {
  const std::size_t metadata = text.find(kMetadata);
  if (metadata == std::string::npos) {
    return;
  }
  std::size_t begin = FindManagedFields(text, metadata + kMetadata.size() - 1);
  if (begin == std::string::npos) {
    return;
  }
  std::size_t end = EndOfValue(text, begin + kManagedFields.size() - 1);
  if (end == std::string::npos) {
    return;
  }
  if (end < text.size() && text[end] == ',') {
    ++end;
  } else if (text[begin - 1] == ',') {
    --begin;
  }
  text.erase(begin, end - begin);
}

}  // namespace milink::kube
