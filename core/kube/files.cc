#include "core/kube/files.h"

#include <array>
#include <fstream>

namespace milink::kube {

Result<std::string> ReadFile(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return Error{ErrorKind::kNotFound, "FileMissing", "there is no file " + path.string()};
  }
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::array<char, 4096> bytes{};
  // read() turns what the buffer throws, as for a folder, into a bad stream.
  while (file.read(bytes.data(), bytes.size()) || file.gcount() > 0) {
    text.append(bytes.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad() || !file.is_open()) {
    return Error{ErrorKind::kInvalid, "FileUnreadable", "cannot read " + path.string()};
  }
  return text;
}

}  // namespace milink::kube
