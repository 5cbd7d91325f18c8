// A small file that somebody replaces while we run: certificates and authorities.
//
// Not thread-safe: its owner has a lock.
#pragma once

#include <string>

#include "core/base/clock.h"

namespace milink::kube {

class RotatingFile {
 public:
  // `content` is what was read so far. An empty path never changes.
  RotatingFile(std::string path, std::string content, MonotonicTime now);
  ~RotatingFile();
  RotatingFile(const RotatingFile&) = default;
  RotatingFile(RotatingFile&&) = default;
  RotatingFile& operator=(const RotatingFile&) = default;
  RotatingFile& operator=(RotatingFile&&) = default;

  // Looks at the file at most once a minute. What cannot be read or is empty leaves the old
  // content.
  const std::string& Read(MonotonicTime now);
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::string content_;  // may be a key: wiped at the end
  MonotonicTime read_at_;
};

}  // namespace milink::kube
