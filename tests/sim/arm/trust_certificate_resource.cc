// serverTrustCertificates: the public keys of SQL Servers, given to the instance. ARM 4.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "tests/sim/arm/resources.h"
#include "tests/sim/world/x509.h"

namespace milink::sim {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kFamily = "serverTrustCertificates";

ordered_json CertificateJson(const ManagedInstance& instance, const TrustCertificate& certificate) {
  return {{"properties",
           {{"publicBlob", ToHex(certificate.der)},
            {"thumbprint", certificate.thumbprint},
            {"certificateName", certificate.name}}},
          {"id", instance.Id() + "/serverTrustCertificates/" + certificate.name},
          {"name", certificate.name},
          {"type", "Microsoft.Sql/managedInstances/serverTrustCertificates"}};
}

auto FindByName(ManagedInstance& instance, const std::string& name) {
  return std::ranges::find_if(instance.trust_certificates, [&](const TrustCertificate& c) {
    return EqualsIgnoreCaseAscii(c.name, name);
  });
}

AzureError AlreadyExists() {
  return {"CertificateAlreadyExists",
          "A certificate with a given name already exists or this certificate already has been "
          "added to the database."};
}

bool Exists(ManagedInstance& instance, const TrustCertificate& certificate) {
  return FindByName(instance, certificate.name) != instance.trust_certificates.end() ||
         std::ranges::count(instance.trust_certificates, certificate.thumbprint,
                            &TrustCertificate::thumbprint) > 0;
}

// The DER in publicBlob; fills `refused` when there is none.
std::string ReadBlob(const ResourceCall& call, ArmResponse& refused) {
  const auto body = ordered_json::parse(call.request.body, nullptr, false);
  const auto pointer = ordered_json::json_pointer("/properties/publicBlob");
  if (body.is_discarded() || !body.contains(pointer) || !body[pointer].is_string() ||
      body[pointer].get<std::string>().empty()) {
    refused = ErrorResponse(400, "MissingPublicBlob", "The public blob is missing.");
    return {};
  }
  const auto der = FromHex(body[pointer].get<std::string>());
  if (!der || !ReadCertificate(*der)) {
    refused = ErrorResponse(400, "InvalidPublicBlob",
                            "Invalid public blob specified, reason: 'not a certificate'.");
    return {};
  }
  return *der;
}

// Is an upload of this name still under way?
bool Uploading(const WorldState& world, const std::string& target) {
  return std::ranges::any_of(world.operations, [&](const Operation& operation) {
    return operation.state == OperationState::kInProgress && operation.target == target;
  });
}

ArmResponse Upload(const ResourceCall& call) {
  ArmResponse refused;
  const std::string der = ReadBlob(call, refused);
  if (der.empty()) {
    return refused;
  }
  TrustCertificate certificate{.name = call.name, .der = der, .thumbprint = ThumbprintOf(der)};
  if (Exists(call.instance, certificate)) {
    return ErrorResponse(400, AlreadyExists().code, AlreadyExists().message);
  }
  const std::string target = call.instance.Id() + "/serverTrustCertificates/" + call.name;
  const bool repeated = Uploading(call.world, target);
  const OperationStart start{.name = "UploadManagedInstanceServerTrustCertificate",
                             .family = std::string(kFamily),
                             .api_version = call.api_version};
  Operation& operation = StartOperation(call.world, call.instance, start);
  operation.target = target;
  operation.ends_at = call.world.now + call.world.timings.certificate_operation;
  operation.effect = [instance = call.instance.name, certificate](WorldState& world) {
    ManagedInstance* const found = world.FindManagedInstance(instance);
    if (found == nullptr || Exists(*found, certificate)) {
      return AlreadyExists();
    }
    found->trust_certificates.push_back(certificate);
    return AzureError{};
  };
  ArmResponse response = Accepted(call.world, operation, call.base_url, start);
  response.took_effect = !repeated;
  return response;
}

ArmResponse Remove(const ResourceCall& call) {
  const bool exists =
      FindByName(call.instance, call.name) != call.instance.trust_certificates.end();
  const OperationStart start{.name = "DeleteManagedInstanceServerTrustCertificate",
                             .family = std::string(kFamily),
                             .api_version = call.api_version};
  Operation& operation = StartOperation(call.world, call.instance, start);
  operation.ends_at = call.world.now + call.world.timings.certificate_operation;
  operation.effect = [instance = call.instance.name, name = call.name](WorldState& world) {
    if (ManagedInstance* const found = world.FindManagedInstance(instance)) {
      const auto it = FindByName(*found, name);
      if (it != found->trust_certificates.end()) {
        found->trust_certificates.erase(it);
      }
    }
    return AzureError{};
  };
  ArmResponse response = Accepted(call.world, operation, call.base_url, start);
  response.took_effect = exists;
  return response;
}

}  // namespace

ArmResponse HandleTrustCertificates(const ResourceCall& call) {
  const std::string& method = call.request.method;
  if (call.name.empty()) {
    if (method != "GET") {
      return MethodNotAllowed();
    }
    ordered_json list = ordered_json::array();
    for (const TrustCertificate& certificate : call.instance.trust_certificates) {
      list.push_back(CertificateJson(call.instance, certificate));
    }
    return JsonResponse(200, {{"value", list}});
  }
  if (method == "PUT") {
    return Upload(call);
  }
  if (method == "DELETE") {
    return Remove(call);
  }
  if (method != "GET") {
    return MethodNotAllowed();
  }
  const auto it = FindByName(call.instance, call.name);
  return it == call.instance.trust_certificates.end()
             ? ChildNotFound(std::string(kFamily), call.name)
             : JsonResponse(200, CertificateJson(call.instance, *it));
}

}  // namespace milink::sim
