// An HttpClient that answers from a script and keeps what was asked.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/azure/http.h"

namespace milink::fakes {

class ScriptedHttp final : public azure::HttpClient {
 public:
  using Handler = std::function<Result<azure::HttpResponse>(const azure::HttpRequest&)>;

  // Answers are used up in order; then the handler is asked; without one it is an error.
  void Answer(int status, std::string body, std::multimap<std::string, std::string> headers = {}) {
    answers_.emplace_back(azure::HttpResponse{status, std::move(headers), std::move(body)});
  }
  void Fail(Error error) { answers_.emplace_back(std::move(error)); }
  void Otherwise(Handler handler) { handler_ = std::move(handler); }

  Result<azure::HttpResponse> Send(const azure::HttpRequest& request) override {
    const std::lock_guard lock(mutex_);
    requests.push_back(request);
    if (answers_.empty()) {
      return handler_ ? handler_(request)
                      : Error{ErrorKind::kInternal, "Unscripted",
                              "no answer for " + request.method + " " + request.url, ""};
    }
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  void Shutdown() override {}

  std::vector<azure::HttpRequest> requests;

 private:
  std::mutex mutex_;
  std::deque<Result<azure::HttpResponse>> answers_;
  Handler handler_;
};

}  // namespace milink::fakes
