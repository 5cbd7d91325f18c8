// The Warning headers of the API server (deprecated versions, unknown fields), each text once.
//
// Thread-safe. Source: RFC 7234 5.5, k8s.io/client-go rest/warnings.go.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/log.h"
#include "core/kube/http.h"

namespace milink::kube {

// The texts of code 299; `header` may hold several warnings, separated by commas. What is malformed
// is left out.
std::vector<std::string> ParseWarnings(std::string_view header);

class WarningLog {
 public:
  explicit WarningLog(Logger logger) : logger_(std::move(logger)) {}
  void Note(const HttpHead& head);

 private:
  bool IsNew(const std::string& text);

  const Logger logger_;
  std::mutex mutex_;
  std::set<std::string> seen_;
};

}  // namespace milink::kube
