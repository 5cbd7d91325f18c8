// A request to Azure Resource Manager or its token endpoint and the answer, free of any transport.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace milink::sim {

struct ArmRequest {
  std::string method;
  std::string path;       // decoded, without query
  std::string raw_query;  // as on the wire
  std::map<std::string, std::string> query;
  std::string authorization;      // the header
  std::string client_request_id;  // x-ms-client-request-id
  bool return_client_request_id = false;
  bool metadata = false;  // "Metadata: true", without which the metadata service does not answer
  std::string body;
};

struct ArmResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // JSON in one line
  // For the journal: did this request change the world (or begin to)?
  bool took_effect = false;
  std::string result;         // code of an error, for the journal
  bool from_gateway = false;  // answered before the SQL provider saw it
  bool close = false;         // cut the connection instead of answering
};

ArmResponse JsonResponse(int status, const nlohmann::ordered_json& body);
ArmResponse ErrorResponse(int status, const std::string& code, const std::string& message);
// The front's own refusal: marked by x-ms-failure-cause, without quota headers.
ArmResponse GatewayError(int status, const std::string& code, const std::string& message);

}  // namespace milink::sim
