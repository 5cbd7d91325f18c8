// Plays the requests of recorded traffic against the Azure stand-in over HTTPS and compares what
// comes back with what Azure answered: status, names of headers, shape of the body, in order.
// The fixtures are drawn from the public test recordings that each of them names.
#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "core/base/time_format.h"
#include "tests/sim/arm/arm_server.h"
#include "tests/unit/sim/world/paired_world.h"

namespace milink::sim {
namespace {

using nlohmann::json;

// Differences between a recorded shape and a body, as paths.
void Compare(const json& shape, const json& body, const std::set<std::string>& optional,
             const std::string& path, std::vector<std::string>& differences) {
  if (shape.is_string()) {
    const std::string type = body.is_number() ? "number" : body.type_name();
    if (type != shape.get<std::string>()) {
      differences.push_back(path + " is " + type + ", not " + shape.get<std::string>());
    }
    return;
  }
  if (shape.type() != body.type()) {
    differences.push_back(path + " is of another type");
    return;
  }
  if (shape.is_array()) {
    if (shape.empty() != body.empty()) {
      differences.push_back(path + (body.empty() ? " is empty" : " is not empty"));
    }
    for (const json& element : body) {
      Compare(shape.empty() ? json() : shape[0], element, optional, path + "[]", differences);
    }
    return;
  }
  for (const auto& [key, value] : shape.items()) {
    if (body.contains(key)) {
      Compare(value, body[key], optional, path + "." + key, differences);
    } else if (!optional.contains(key)) {
      differences.push_back(path + "." + key + " is missing");
    }
  }
  for (const auto& [key, value] : body.items()) {
    if (!shape.contains(key) && !optional.contains(key)) {
      differences.push_back(path + "." + key + " was never recorded");
    }
  }
}

class Recorded : public testing::TestWithParam<const char*> {
 protected:
  Recorded() {
    const auto world = paired_.world.Enter();
    world->principals.push_back(
        {.tenant_id = "t", .client_id = "c", .object_id = "o", .secret = "s"});
    // Slow enough that the copy still runs at the poll which was recorded as InProgress.
    world->timings.seed_bytes_per_second = 20ULL << 20;
  }

  void Start() {
    ASSERT_TRUE(server_.Start("127.0.0.1", 0).ok());
    client_ =
        std::make_unique<httplib::Client>("https://127.0.0.1:" + std::to_string(server_.port()));
    client_->enable_server_certificate_verification(false);
    client_->set_keep_alive(true);
    const auto token = client_->Post(
        "/t/oauth2/v2.0/token",
        "grant_type=client_credentials&client_id=c&client_secret=s&scope=x%2F.default",
        "application/x-www-form-urlencoded");
    ASSERT_TRUE(token);
    bearer_ = "Bearer " + json::parse(token->body)["access_token"].get<std::string>();
  }

  std::string UrlOf(const json& step) {
    std::string path = step["path"];
    if (path == "{poll}" || path == "{location}") {
      const std::string url = path == "{poll}" ? poll_ : location_;
      return url.substr(url.find('/', std::string("https://").size()));
    }
    const std::string id = paired_.managed->Id();
    const auto replace = [&](const std::string& mark, const std::string& text) {
      if (path.starts_with(mark)) {
        path = text + path.substr(mark.size());
      }
    };
    replace("{mi}", id);
    replace("{instances}", id.substr(0, id.rfind('/')));
    return path + "?api-version=" + step["apiVersion"].get<std::string>();
  }

  httplib::Result Send(const json& step) {
    httplib::Request request;
    request.method = step["method"];
    request.path = UrlOf(step);
    request.headers = {{"Authorization", bearer_}};
    if (step.contains("send")) {
      json body = step["send"];
      const auto blob = "/properties/publicBlob"_json_pointer;
      if (body.contains(blob)) {
        body[blob] = "0x" + ToHex(paired_.managed->root_der);
      }
      request.body = body.dump();
      request.set_header("Content-Type", "application/json");
    }
    return client_->send(request);
  }

  void Check(const json& fixture, const json& step, const httplib::Response& response) {
    EXPECT_EQ(response.status, step["status"].get<int>()) << response.body;
    for (const json& name : step["headers"]) {
      EXPECT_TRUE(response.has_header(name.get<std::string>().c_str())) << "header " << name;
    }
    const json body = json::parse(response.body, nullptr, false);
    std::vector<std::string> differences;
    const auto optional = fixture["optional"].get<std::set<std::string>>();
    Compare(step["shape"], body, optional, "", differences);
    EXPECT_TRUE(differences.empty()) << Join(differences, "; ");
    EXPECT_EQ(step.value("code", ""), body.value("/error/code"_json_pointer, ""));
    EXPECT_EQ(step.value("operation", ""), body.value("operation", ""));
    EXPECT_EQ(step.value("operationStatus", ""), body.value("status", ""));
  }

  PairedWorld paired_;
  Journal journal_{paired_.clock};
  Calls calls_{journal_};
  ArmService service_{paired_.world, calls_};
  ArmServer server_{service_};
  std::unique_ptr<httplib::Client> client_;
  std::string bearer_;
  std::string poll_;
  std::string location_;
};

TEST_P(Recorded, TheStandInAnswersAsAzureDid) {
  std::ifstream stream(std::filesystem::path(MILINK_FIXTURES) /
                       (std::string(GetParam()) + ".json"));
  const json fixture = json::parse(stream);
  paired_.world.Enter()->switches.global_rate_headers = fixture["rateHeaders"] == "global";
  if (std::string(GetParam()) != "server_trust_certificates") {
    paired_.Trust();
    paired_.Groups();
  }
  ASSERT_NO_FATAL_FAILURE(Start());
  int number = 0;
  for (const json& step : fixture["steps"]) {
    SCOPED_TRACE("step " + std::to_string(number++) + ": " + step["method"].get<std::string>() +
                 " " + step["path"].get<std::string>());
    if (step.contains("advance")) {
      paired_.clock.Step(*ParseDuration(step["advance"].get<std::string>()));
    }
    const httplib::Result answer = Send(step);
    ASSERT_TRUE(answer) << httplib::to_string(answer.error());
    Check(fixture, step, *answer);
    if (answer->has_header("Azure-AsyncOperation")) {
      poll_ = answer->get_header_value("Azure-AsyncOperation");
      location_ = answer->get_header_value("Location");
      EXPECT_NE(poll_.substr(poll_.find('?')), location_.substr(location_.find('?')));
    }
  }
  EXPECT_GT(number, 0);
}

INSTANTIATE_TEST_SUITE_P(Traffic, Recorded,
                         testing::Values("link_errors_and_creation",
                                         "instance_and_operation_headers",
                                         "server_trust_certificates", "endpoint_certificate"),
                         [](const auto& tested) { return std::string(tested.param); });

using OverHttps = Recorded;

TEST_F(OverHttps, ACutConnectionAnswersNothing) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Fault fault;
  fault.operation = "GET managedInstances";
  fault.what = Fault::kClose;
  calls_.AddFault(fault);
  const json step = {{"method", "GET"}, {"path", "{mi}"}, {"apiVersion", "2023-08-01"}};
  EXPECT_FALSE(Send(step));
  const httplib::Result again = Send(step);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 200);
}

}  // namespace
}  // namespace milink::sim
