// POST tdeCertificates: a certificate with its private key, for databases that it protects. Nothing
// shows it afterwards. ARM 4.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "tests/sim/arm/resources.h"
#include "tests/sim/world/pkcs12.h"
#include "tests/sim/world/x509.h"

namespace milink::sim {
namespace {

using nlohmann::ordered_json;

std::string TextAt(const ordered_json& body, const char* pointer) {
  const ordered_json::json_pointer at(pointer);
  return !body.is_discarded() && body.contains(at) && body[at].is_string()
             ? body[at].get<std::string>()
             : std::string();
}

std::optional<std::string> FromBase64(const std::string& text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text.substr(0, text.find('='))) {
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) {
      return std::nullopt;
    }
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
    }
  }
  return bytes;
}

AzureError TdeAlreadyExists() {
  return {"CertificateAlreadyExists",
          "A certificate with a given name already exists or this certificate already has been "
          "added to the database."};
}

bool HasTde(const ManagedInstance& instance, const std::string& thumbprint) {
  return std::ranges::count(instance.tde_thumbprints, thumbprint) > 0;
}

// The thumbprint of what was sent; fills `refused` when it cannot be taken.
std::string ReadFile(const ResourceCall& call, ArmResponse& refused) {
  const auto body = ordered_json::parse(call.request.body, nullptr, false);
  const std::string blob = TextAt(body, "/properties/privateBlob");
  if (blob.empty()) {
    refused = ErrorResponse(400, "MissingPrivateBlob", "The private blob is missing.");
    return {};
  }
  call.world.confided.push_back(TextAt(body, "/properties/certPassword"));
  call.world.confided.push_back(blob.substr(blob.size() / 2, 64));
  const auto file = FromBase64(blob);
  const auto opened = file ? OpenPkcs12(*file, TextAt(body, "/properties/certPassword"))
                           : std::optional<OpenedPkcs12>();
  if (!opened || opened->der.empty()) {
    refused = ErrorResponse(400, "InvalidPrivateBlobOrPassword",
                            "Invalid private blob or password specified.");
    return {};
  }
  if (!opened->has_private_key) {
    refused = ErrorResponse(400, "PrivateBlobWithoutPrivateKey",
                            "The provided blob does not contain private key.");
    return {};
  }
  return ThumbprintOf(opened->der);
}

}  // namespace

ArmResponse HandleTdeCertificates(const ResourceCall& call) {
  if (call.request.method != "POST" || !call.name.empty()) {
    return MethodNotAllowed();
  }
  ArmResponse refused;
  const std::string thumbprint = ReadFile(call, refused);
  if (thumbprint.empty()) {
    return refused;
  }
  if (HasTde(call.instance, thumbprint)) {
    return ErrorResponse(400, TdeAlreadyExists().code, TdeAlreadyExists().message);
  }
  if (call.world.switches.tde_upload_ends_at_once) {
    call.instance.tde_thumbprints.push_back(thumbprint);
    ArmResponse response;
    response.took_effect = true;
    response.result = "200";
    return response;
  }
  const std::string target = call.instance.Id() + "/tdeCertificates/" + thumbprint;
  const bool repeated = std::ranges::any_of(call.world.operations, [&](const Operation& operation) {
    return operation.state == OperationState::kInProgress && operation.target == target;
  });
  const OperationStart start{.name = "UploadManagedInstanceTdeCertificate",
                             .family = "tdeCertificates",
                             .api_version = call.api_version};
  Operation& operation = StartOperation(call.world, call.instance, start);
  operation.target = target;
  operation.ends_at = call.world.now + call.world.timings.certificate_operation;
  operation.effect = [instance = call.instance.name, thumbprint](WorldState& world) {
    ManagedInstance* const found = world.FindManagedInstance(instance);
    if (found == nullptr || HasTde(*found, thumbprint)) {
      return TdeAlreadyExists();
    }
    found->tde_thumbprints.push_back(thumbprint);
    return AzureError{};
  };
  ArmResponse response = Accepted(call.world, operation, call.base_url, start);
  response.body.clear();  // none, by the specification
  response.took_effect = !repeated;
  if (!call.world.switches.tde_upload_has_status_url) {
    std::erase_if(response.headers,
                  [](const auto& header) { return header.first == "Azure-AsyncOperation"; });
  }
  return response;
}

}  // namespace milink::sim
