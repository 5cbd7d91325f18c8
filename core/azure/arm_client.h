// One request to Azure Resource Manager: token, api-version, ids, and errors as values.
//
// Thread-safe. A 401 is answered once with a fresh token. Nothing else is repeated here: a write
// whose answer was lost may have happened, and the next observation tells.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/azure/credential.h"
#include "core/azure/http.h"
#include "core/base/fence.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/base/result.h"

namespace milink::azure {

struct ArmSettings {
  std::string endpoint = "https://management.azure.com/";  // with or without the slash
  std::string audience = "https://management.azure.com/";
  std::string user_agent = "milink-operator";
  // Resource Manager itself gives up after 60 s; a connection to it takes its time too.
  Duration timeout = std::chrono::seconds(75);
};

struct ArmResponse {
  int status = 0;
  nlohmann::json body;
  // Azure-AsyncOperation; without it, Location of what was accepted (202).
  std::optional<std::string> operation_url;
  std::optional<std::chrono::seconds> retry_after;
};

class ArmClient {
 public:
  // `fence` is asked before every request that is no GET, and again once connected (http.h); it
  // outlives this.
  ArmClient(ArmSettings settings, HttpClient& http, Credential& credential, Random& random,
            Logger log, const Fence& fence);

  // `path` begins with "/subscriptions"; its segments are encoded by the caller.
  Result<ArmResponse> Send(const std::string& method, const std::string& path,
                           const std::string& api_version,
                           const nlohmann::json& body = nlohmann::json());
  // The same with a body that holds a secret: every copy made here is wiped.
  Result<ArmResponse> SendSecret(const std::string& method, const std::string& path,
                                 const std::string& api_version, const Secret& body);
  // A URL that the service gave: sent verbatim, and only to the configured host, since the token
  // goes with it. kUnsafe "ForeignPollUrl" otherwise.
  Result<ArmResponse> Follow(const std::string& url);

  // Whole collection, following nextLink.
  Result<nlohmann::json> List(const std::string& path, const std::string& api_version);

 private:
  Result<ArmResponse> SendUrl(const std::string& method, const std::string& url,
                              std::string_view body);
  Result<HttpResponse> SendOnce(const std::string& method, const std::string& url,
                                std::string_view body, Secret& token);

  ArmSettings settings_;
  HttpClient& http_;
  Credential& credential_;
  Random& random_;
  Logger log_;
  const Fence& fence_;
};

}  // namespace milink::azure
