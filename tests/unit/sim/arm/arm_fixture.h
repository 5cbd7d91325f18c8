// The Azure stand-in over a world, without transport: requests go straight to the service.
#pragma once

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/arm/arm_service.h"
#include "tests/sim/world/x509.h"
#include "tests/unit/sim/world/paired_world.h"

namespace milink::sim {

class ArmFixture : public testing::Test {
 protected:
  ArmFixture() {
    paired_.world.Enter()->principals.push_back({.tenant_id = "tenant1",
                                                 .client_id = "client1",
                                                 .object_id = "object1",
                                                 .secret = "s3cret"});
    service_.SetBaseUrl("https://sim");
    token_ = SignIn("client1", "s3cret");
  }

  std::string SignIn(const std::string& client, const std::string& secret) {
    const ArmResponse answer =
        Token("grant_type=client_credentials&client_id=" + client + "&client_secret=" + secret +
              "&scope=https%3A%2F%2Fmanagement.azure.com%2F.default");
    return answer.status == 200 ? "Bearer " + Json(answer)["access_token"].get<std::string>() : "";
  }

  ArmResponse Token(const std::string& form) {
    ArmRequest request;
    request.method = "POST";
    request.path = "/tenant1/oauth2/v2.0/token";
    request.body = form;
    return service_.Handle(request);
  }

  // `path` below the instance ("/distributedAvailabilityGroups"), or from the root.
  ArmResponse Send(const std::string& method, const std::string& path,
                   const nlohmann::json& body = nullptr) {
    ArmRequest request;
    request.method = method;
    request.path = path.starts_with("/subscriptions") ? path : paired_.managed->Id() + path;
    request.query = {{"api-version", "2023-08-01"}};
    request.raw_query = "api-version=2023-08-01";
    request.authorization = token_;
    request.body = body.is_null() ? "" : body.dump();
    return service_.Handle(request);
  }

  ArmResponse Poll(const std::string& url) {
    const std::string rest = url.substr(std::string("https://sim").size());
    ArmRequest request;
    request.method = "GET";
    request.path = rest.substr(0, rest.find('?'));
    request.raw_query = rest.substr(rest.find('?') + 1);
    for (std::size_t at = 0; at < request.raw_query.size();) {
      const std::size_t end = std::min(request.raw_query.find('&', at), request.raw_query.size());
      const std::string part = request.raw_query.substr(at, end - at);
      request.query[part.substr(0, part.find('='))] = part.substr(part.find('=') + 1);
      at = end + 1;
    }
    request.authorization = token_;
    return service_.Handle(request);
  }

  static nlohmann::json Json(const ArmResponse& answer) {
    return nlohmann::json::parse(answer.body, nullptr, false);
  }
  static std::string Code(const ArmResponse& answer) {
    return Json(answer).value("/error/code"_json_pointer, "");
  }
  static std::string Header(const ArmResponse& answer, const std::string& name) {
    for (const auto& [key, value] : answer.headers) {
      if (key == name) {
        return value;
      }
    }
    return "";
  }

  static nlohmann::json LinkBody() {
    return {{"properties",
             {{"partnerAvailabilityGroupName", "AG_sales"},
              {"instanceAvailabilityGroupName", "AG_sales_MI"},
              {"partnerEndpoint", "tcp://10.0.0.4:5022"},
              {"instanceLinkRole", "Secondary"},
              {"failoverMode", "None"},
              {"seedingMode", "Automatic"},
              {"databases", {{{"databaseName", "sales"}}}}}}};
  }

  PairedWorld paired_;
  Journal journal_{paired_.clock};
  Calls calls_{journal_};
  ArmService service_{paired_.world, calls_};
  std::string token_;
};

}  // namespace milink::sim
