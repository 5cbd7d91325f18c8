#include "core/azure/arm_client.h"

#include <utility>

#include "core/azure/errors.h"
#include "core/base/json.h"

namespace milink::azure {
namespace {

constexpr int kMaxPages = 1000;  // a service that never ends its list must not hold a worker

ArmResponse ToArmResponse(const HttpResponse& response) {
  ArmResponse out;
  out.status = response.status;
  out.body = ParseJson(response.body);
  out.operation_url = response.Header("azure-asyncoperation");
  if (!out.operation_url && response.status == 202) {
    out.operation_url = response.Header("location");
  }
  out.retry_after = response.RetryAfter();
  return out;
}

}  // namespace

ArmClient::ArmClient(ArmSettings settings, HttpClient& http, Credential& credential, Random& random,
                     Logger log, const Fence& fence)
    : settings_(std::move(settings)),
      http_(http),
      credential_(credential),
      random_(random),
      log_(std::move(log)),
      fence_(fence) {
  while (settings_.endpoint.ends_with('/')) {
    settings_.endpoint.pop_back();
  }
}

Result<ArmResponse> ArmClient::Send(const std::string& method, const std::string& path,
                                    const std::string& api_version, const nlohmann::json& body) {
  return SendUrl(method, settings_.endpoint + path + "?api-version=" + api_version,
                 body.is_null() ? std::string() : body.dump());
}

Result<ArmResponse> ArmClient::SendSecret(const std::string& method, const std::string& path,
                                          const std::string& api_version, const Secret& body) {
  return SendUrl(method, settings_.endpoint + path + "?api-version=" + api_version, body.Reveal());
}

Result<ArmResponse> ArmClient::Follow(const std::string& url) {
  const auto wanted = SplitUrl(settings_.endpoint);
  const auto given = SplitUrl(url);
  if (!wanted || !given || wanted->origin != given->origin) {
    return Error{ErrorKind::kUnsafe, "ForeignPollUrl",
                 "refused to send the operator's token to " + (given ? given->host : "that URL") +
                     ": it is not the configured Resource Manager endpoint",
                 ""};
  }
  return SendUrl("GET", url, {});
}

Result<nlohmann::json> ArmClient::List(const std::string& path, const std::string& api_version) {
  auto items = nlohmann::json::array();
  auto page = Send("GET", path, api_version);
  for (int count = 0; count < kMaxPages; ++count) {
    if (!page) {
      return std::move(page).error();
    }
    if (!JsonChild(page->body, "value").is_array()) {
      return Error{ErrorKind::kTransient, "UnexpectedAnswer",
                   "Azure answered a list without values", path};
    }
    for (auto& item : page->body["value"]) {
      items.push_back(std::move(item));
    }
    const std::string next = JsonText(page->body, "nextLink");
    if (next.empty()) {
      return items;
    }
    page = Follow(next);
  }
  return Error{ErrorKind::kTransient, "UnexpectedAnswer", "Azure's list did not end", path};
}

Result<ArmResponse> ArmClient::SendUrl(const std::string& method, const std::string& url,
                                       std::string_view body) {
  Secret token;
  auto response = SendOnce(method, url, body, token);
  if (response && response->status == 401) {
    // Nothing was carried out; a token may have ended between two requests.
    credential_.Reject(token);
    response = SendOnce(method, url, body, token);
  }
  if (!response) {
    return std::move(response).error();
  }
  if (response->status >= 400) {
    return ToError(*response);
  }
  return ToArmResponse(*response);
}

Result<HttpResponse> ArmClient::SendOnce(const std::string& method, const std::string& url,
                                         std::string_view body, Secret& token) {
  auto fresh = credential_.Token(settings_.audience);
  if (!fresh) {
    return std::move(fresh).error();
  }
  token = std::move(*fresh);
  HttpRequest request;
  request.method = method;
  request.url = url;
  request.timeout = settings_.timeout;
  request.body = body;
  request.headers.emplace("Authorization", "Bearer " + std::string(token.Reveal()));
  request.headers.emplace("User-Agent", settings_.user_agent);
  request.headers.emplace("Accept", "application/json");
  request.headers.emplace("x-ms-client-request-id", NewUuid(random_));
  if (method != "GET") {
    request.permit = [this] { return fence_.Check(); };
    if (const Status allowed = request.permit(); !allowed) {
      return allowed.error();
    }
  }
  auto response = http_.Send(request);
  WipeMemory(request.body);
  if (response) {
    // The path only: the query of a poll URL is a signature.
    const auto query = url.find('?');
    log_.Debug("Azure request answered",
               {{"method", method},
                {"url", std::string_view(url).substr(0, query)},
                {"status", response->status},
                {"requestId", response->Header("x-ms-request-id").value_or("")}});
  }
  return response;
}

}  // namespace milink::azure
