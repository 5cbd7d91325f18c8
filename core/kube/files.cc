#include "core/kube/files.h"

#include <fstream>
#include <iterator>

namespace milink::kube {

Result<std::string> ReadFile(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return Error{ErrorKind::kNotFound, "FileMissing", "there is no file " + path.string()};
  }
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.good() && !file.eof()) {
    return Error{ErrorKind::kInvalid, "FileUnreadable", "cannot read " + path.string()};
  }
  return text;
}

}  // namespace milink::kube
