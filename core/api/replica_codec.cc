// SqlServerReplica between JSON and struct.
#include <nlohmann/json.hpp>

#include "core/api/codec.h"
#include "core/api/codec_common.h"

namespace milink::api {
namespace {

KeyReference ReadKeyReference(const FieldReader& reader, std::string default_key) {
  KeyReference reference;
  reference.key = std::move(default_key);
  reader.Read("kind", reference.kind);
  reference.name = reader.Require("name");
  reader.Read("key", reference.key);
  return reference;
}

SqlServerReplicaSpec::Tls ReadTls(const FieldReader& reader) {
  SqlServerReplicaSpec::Tls tls;
  reader.Read("mode", tls.mode);
  reader.Read("serverName", tls.server_name);
  if (reader.Has("caRef")) {
    tls.ca = ReadKeyReference(reader.Child("caRef"), "ca.crt");
  }
  reader.Read("trustServerCertificate", tls.trust_server_certificate);
  return tls;
}

SqlServerReplicaSpec::Endpoint ReadEndpoint(const FieldReader& reader) {
  SqlServerReplicaSpec::Endpoint endpoint;
  reader.Read("name", endpoint.name);
  reader.Read("port", endpoint.port);
  reader.Read("address", endpoint.address);
  reader.Read("adoption", endpoint.adoption);
  return endpoint;
}

SqlServerReplicaSpec ReadReplicaSpec(const FieldReader& reader) {
  SqlServerReplicaSpec spec;
  spec.host = reader.Require("host");
  reader.Read("port", spec.port);
  reader.Read("instanceName", spec.instance_name);
  spec.credentials_secret = reader.RequireChild("credentialsSecretRef").Require("name");
  spec.tls = ReadTls(reader.Child("tls"));
  spec.endpoint = ReadEndpoint(reader.Child("endpoint"));
  if (reader.Has("masterKey")) {
    spec.master_key_password =
        ReadKeyReference(reader.Child("masterKey").RequireChild("passwordSecretRef"), "password");
  }
  const FieldReader certificate = reader.Child("certificate");
  certificate.Read("validity", spec.certificate_validity);
  certificate.Read("renewBefore", spec.certificate_renew_before);
  reader.Read("traceFlags", spec.trace_flags);
  reader.Read("observeInterval", spec.observe_interval);
  reader.Read("mode", spec.mode);
  reader.Read("deletionPolicy", spec.deletion_policy);
  reader.Read("suspend", spec.suspend);
  return spec;
}

SqlServerReplicaStatus::CertificateFacts ReadCertificateFacts(const FieldReader& reader) {
  SqlServerReplicaStatus::CertificateFacts facts;
  reader.Read("name", facts.name);
  reader.Read("thumbprint", facts.thumbprint);
  reader.Read("notBefore", facts.not_before);
  reader.Read("notAfter", facts.not_after);
  return facts;
}

nlohmann::json ToJson(const SqlServerReplicaStatus::CertificateFacts& facts) {
  nlohmann::json object = nlohmann::json::object();
  SetText(object, "name", facts.name);
  SetText(object, "thumbprint", facts.thumbprint);
  SetTime(object, "notBefore", facts.not_before);
  SetTime(object, "notAfter", facts.not_after);
  return object;
}

SqlServerReplicaStatus::Certificate ReadCertificate(const FieldReader& reader) {
  SqlServerReplicaStatus::Certificate certificate;
  certificate.current = ReadCertificateFacts(reader.Child("current"));
  if (reader.Has("next")) {
    certificate.next = ReadCertificateFacts(reader.Child("next"));
  }
  reader.Read("renewalTime", certificate.renewal_time);
  reader.Read("owned", certificate.owned);
  return certificate;
}

nlohmann::json ToJson(const SqlServerReplicaStatus::Certificate& certificate) {
  nlohmann::json object = {{"current", ToJson(certificate.current)}, {"owned", certificate.owned}};
  if (certificate.next) {
    object["next"] = ToJson(*certificate.next);
  }
  SetTime(object, "renewalTime", certificate.renewal_time);
  return object;
}

SqlServerReplicaStatus::Endpoint ReadObservedEndpoint(const FieldReader& reader) {
  SqlServerReplicaStatus::Endpoint endpoint;
  reader.Read("name", endpoint.name);
  reader.Read("port", endpoint.port);
  reader.Read("state", endpoint.state);
  reader.Read("authentication", endpoint.authentication);
  reader.Read("encryption", endpoint.encryption);
  reader.Read("owned", endpoint.owned);
  return endpoint;
}

nlohmann::json ToJson(const SqlServerReplicaStatus::Endpoint& endpoint) {
  nlohmann::json object = {{"port", endpoint.port}, {"owned", endpoint.owned}};
  SetText(object, "name", endpoint.name);
  SetText(object, "state", endpoint.state);
  SetText(object, "authentication", endpoint.authentication);
  SetText(object, "encryption", endpoint.encryption);
  return object;
}

SqlServerReplicaStatus::PublishedPlan ReadPlan(const FieldReader& reader) {
  SqlServerReplicaStatus::PublishedPlan plan;
  reader.Read("hash", plan.hash);
  for (const FieldReader& item : reader.Items("steps")) {
    auto& step = plan.steps.emplace_back();
    item.Read("description", step.description);
    item.Read("target", step.target);
    item.Read("class", step.kind);
  }
  reader.Read("blockers", plan.blockers);
  return plan;
}

nlohmann::json ToJson(const SqlServerReplicaStatus::PublishedPlan& plan) {
  nlohmann::json object = {{"steps", nlohmann::json::array()}};
  SetText(object, "hash", plan.hash);
  for (const auto& step : plan.steps) {
    object["steps"].push_back(
        {{"description", step.description}, {"target", step.target}, {"class", step.kind}});
  }
  SetTexts(object, "blockers", plan.blockers);
  return object;
}

SqlServerReplicaStatus::Approval ReadApproval(const FieldReader& reader) {
  SqlServerReplicaStatus::Approval approval;
  reader.Read("sequence", approval.sequence);
  reader.Read("generation", approval.generation);
  reader.Read("hash", approval.hash);
  reader.Read("steps", approval.steps);
  return approval;
}

nlohmann::json ToJson(const SqlServerReplicaStatus::Approval& approval) {
  return {{"sequence", approval.sequence},
          {"generation", approval.generation},
          {"hash", approval.hash},
          {"steps", approval.steps}};
}

SqlServerReplicaStatus ReadReplicaStatus(const FieldReader& reader) {
  SqlServerReplicaStatus status;
  reader.Read("observedGeneration", status.observed_generation);
  status.conditions = ReadConditions(reader);
  reader.Read("productVersion", status.product_version);
  reader.Read("updateLevel", status.update_level);
  reader.Read("edition", status.edition);
  reader.Read("hostPlatform", status.host_platform);
  reader.Read("collation", status.collation);
  reader.Read("capabilities", status.capabilities);
  reader.Read("traceFlags", status.trace_flags);
  if (reader.Has("certificate")) {
    status.certificate = ReadCertificate(reader.Child("certificate"));
  }
  if (reader.Has("endpoint")) {
    status.endpoint = ReadObservedEndpoint(reader.Child("endpoint"));
  }
  reader.Read("links", status.links);
  if (reader.Has("identity")) {
    const auto identity = reader.Child("identity");
    status.identity.emplace().server_name = identity.Require("serverName");
    identity.Read("serviceMasterKeyGuid", status.identity->service_master_key_guid);
  }
  status.owned_objects = ReadOwnedObjects(reader);
  if (reader.Has("plan")) {
    status.plan = ReadPlan(reader.Child("plan"));
  }
  if (reader.Has("approval")) {
    status.approval = ReadApproval(reader.Child("approval"));
  }
  return status;
}

}  // namespace

Result<SqlServerReplica> DecodeReplica(const nlohmann::json& object) {
  return DecodeObject<SqlServerReplica>(object, "SqlServerReplica", ReadReplicaSpec,
                                        ReadReplicaStatus);
}

nlohmann::json EncodeStatus(const SqlServerReplicaStatus& status) {
  nlohmann::json object = {{"observedGeneration", status.observed_generation},
                           {"links", status.links}};
  if (!status.conditions.empty()) {
    object["conditions"] = ToJson(status.conditions);
  }
  SetText(object, "productVersion", status.product_version);
  SetText(object, "updateLevel", status.update_level);
  SetText(object, "edition", status.edition);
  SetText(object, "hostPlatform", status.host_platform);
  SetText(object, "collation", status.collation);
  SetTexts(object, "capabilities", status.capabilities);
  if (!status.trace_flags.empty()) {
    object["traceFlags"] = status.trace_flags;
  }
  if (status.certificate) {
    object["certificate"] = ToJson(*status.certificate);
  }
  if (status.endpoint) {
    object["endpoint"] = ToJson(*status.endpoint);
  }
  if (status.plan) {
    object["plan"] = ToJson(*status.plan);
  }
  return object;
}

nlohmann::json EncodeJournal(const SqlServerReplicaStatus& status) {
  nlohmann::json object = {
      {"ownedObjects", ToJson(status.owned_objects)}, {"identity", nullptr}, {"approval", nullptr}};
  if (status.approval) {
    object["approval"] = ToJson(*status.approval);
  }
  if (status.identity) {
    object["identity"] = {{"serverName", status.identity->server_name}};
    SetText(object["identity"], "serviceMasterKeyGuid", status.identity->service_master_key_guid);
  }
  return object;
}

}  // namespace milink::api
