#include "core/kube/http_message.h"

#include <string>
#include <string_view>

#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>

#include "core/base/text.h"
#include "core/kube/api_status.h"

namespace milink::kube {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

http::verb ToVerb(HttpMethod method) {
  switch (method) {
    case HttpMethod::kGet:
      return http::verb::get;
    case HttpMethod::kPost:
      return http::verb::post;
    case HttpMethod::kPut:
      return http::verb::put;
    case HttpMethod::kPatch:
      return http::verb::patch;
    case HttpMethod::kDelete:
      return http::verb::delete_;
  }
  return http::verb::get;
}

// An early end is a lost connection like any other; bytes that are no HTTP are not, since asking
// again brings them again.
std::string_view ReasonOf(const error_code& error) {
  if (error == boost::asio::error::connection_refused) {
    return kConnectionRefused;
  }
  const bool ended = error == http::error::end_of_stream || error == http::error::partial_message;
  const bool is_http =
      error.category() == http::make_error_code(http::error::bad_version).category();
  return is_http && !ended ? kAnswerGarbled : kConnectionLost;
}

}  // namespace

http::request<http::string_body> ToMessage(const HttpRequest& request,
                                           const ConnectionSettings& settings) {
  http::request<http::string_body> message(ToVerb(request.method),
                                           settings.address.path_prefix + request.target, 11);
  message.set(http::field::host, HostHeader(settings.address));
  message.set(http::field::accept, "application/json");
  // The server would compress what is large; here both ends are close and the memory is scarce.
  message.set(http::field::accept_encoding, "identity");
  for (const auto& [name, value] : settings.headers) {
    message.insert(name, value);
  }
  if (!request.content_type.empty()) {
    message.set(http::field::content_type, request.content_type);
  }
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

http::request<http::empty_body> ToConnect(const ConnectionSettings& settings) {
  const std::string server = HostHeader(settings.address);
  http::request<http::empty_body> message(http::verb::connect, server, 11);
  message.set(http::field::host, server);
  for (const auto& [name, value] : settings.headers) {
    if (name == "User-Agent") {
      message.set(http::field::user_agent, value);
    }
  }
  if (!settings.proxy->authorization.empty()) {
    message.set(http::field::proxy_authorization,
                std::string(settings.proxy->authorization.Reveal()));
  }
  return message;
}

HttpHead ToHead(const http::response_header<>& answer) {
  HttpHead head;
  head.status = static_cast<int>(answer.result_int());
  for (const auto& field : answer) {
    std::string& value = head.headers[ToLowerAscii(std::string(field.name_string()))];
    value += (value.empty() ? "" : ", ") + std::string(field.value());
  }
  return head;
}

Error TransportError(const error_code& error, const char* doing, const ServerAddress& address) {
  return {ErrorKind::kTransient, std::string(ReasonOf(error)),
          "cannot " + std::string(doing) + " the Kubernetes API server " + HostHeader(address),
          error.message()};
}

}  // namespace milink::kube
