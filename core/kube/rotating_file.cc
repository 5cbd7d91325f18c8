#include "core/kube/rotating_file.h"

#include <utility>

#include "core/base/secret.h"
#include "core/base/text.h"
#include "core/kube/files.h"

namespace milink::kube {
namespace {

// client-go looks every five minutes (transport/cert_rotation.go); the reads are cheap.
constexpr Duration kFileFreshFor = std::chrono::minutes(1);

}  // namespace

RotatingFile::RotatingFile(std::string path, std::string content, MonotonicTime now)
    : path_(std::move(path)), content_(std::move(content)), read_at_(now) {}

RotatingFile::~RotatingFile() { WipeMemory(content_); }

const std::string& RotatingFile::Read(MonotonicTime now) {
  if (path_.empty() || now - read_at_ < kFileFreshFor) {
    return content_;
  }
  read_at_ = now;
  if (Result<std::string> text = ReadFile(path_); text.ok() && !Trim(*text).empty()) {
    content_.swap(*text);
    WipeMemory(*text);
  }
  return content_;
}

}  // namespace milink::kube
