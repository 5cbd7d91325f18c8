#include "core/kube/exec_protocol.h"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/time_format.h"
#include "core/kube/base64.h"

namespace milink::kube {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 2> kVersions{"client.authentication.k8s.io/v1",
                                                    "client.authentication.k8s.io/v1beta1"};

Error BadConfig(const std::string& what) {
  return {ErrorKind::kInvalid, "PluginConfigInvalid", "the credential plugin " + what};
}

Error BadAnswer(const std::string& what) {
  return {ErrorKind::kInvalid, "PluginAnswerInvalid", "the credential plugin's answer " + what};
}

json ClusterInfo(const ClusterAccess& access, const CredentialPlugin& plugin) {
  json cluster{{"server", access.server}};
  if (!access.tls_server_name.empty()) {
    cluster["tls-server-name"] = access.tls_server_name;
  }
  if (access.insecure_skip_tls_verify) {
    cluster["insecure-skip-tls-verify"] = true;
  }
  if (!access.ca_pem.empty()) {
    cluster["certificate-authority-data"] = EncodeBase64(access.ca_pem);
  }
  if (access.proxy && !access.proxy->url.empty()) {
    cluster["proxy-url"] = std::string(access.proxy->url.Reveal());
  }
  if (!plugin.cluster_config.empty()) {
    cluster["config"] = ParseJson(plugin.cluster_config);
  }
  return cluster;
}

Result<Identity> ReadIdentity(const json& status) {
  Identity identity;
  identity.token = Secret(JsonText(status, "token"));
  identity.certificate_pem = JsonText(status, "clientCertificateData");
  identity.key_pem = Secret(JsonText(status, "clientKeyData"));
  if (identity.certificate_pem.empty() != identity.key_pem.empty()) {
    return BadAnswer("has a client certificate without its key, or a key without its certificate");
  }
  if (identity.token.empty() && identity.certificate_pem.empty()) {
    return BadAnswer("has neither a token nor a client certificate");
  }
  return identity;
}

}  // namespace

Status CheckPlugin(const CredentialPlugin& plugin) {
  if (plugin.command.empty()) {
    return BadConfig("has no \"command\"");
  }
  if (std::ranges::find(kVersions, plugin.api_version) == kVersions.end()) {
    return BadConfig(plugin.command + " has the apiVersion \"" + Shorten(plugin.api_version, 100) +
                     "\"; this program knows " + std::string(kVersions[0]) + " and " +
                     std::string(kVersions[1]));
  }
  return OkStatus();
}

std::string ExecInfo(const ClusterAccess& access, const CredentialPlugin& plugin,
                     bool interactive) {
  json spec{{"interactive", interactive}};
  if (plugin.wants_cluster_info) {
    spec["cluster"] = ClusterInfo(access, plugin);
  }
  return json{
      {"apiVersion", plugin.api_version}, {"kind", "ExecCredential"}, {"spec", std::move(spec)}}
      .dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

Result<PluginAnswer> ParsePluginAnswer(std::string_view text, const std::string& api_version) {
  const json answer = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object() || JsonText(answer, "kind") != "ExecCredential") {
    return BadAnswer("is no ExecCredential in JSON");
  }
  if (JsonText(answer, "apiVersion") != api_version) {
    return BadAnswer("has another apiVersion than " + api_version + ", which was asked for");
  }
  const json& status = JsonChild(answer, "status");
  if (!status.is_object()) {
    return BadAnswer("has no \"status\"");
  }
  auto identity = ReadIdentity(status);
  if (!identity.ok()) {
    return std::move(identity).error();
  }
  PluginAnswer out{*std::move(identity), std::nullopt};
  if (const std::string expires = JsonText(status, "expirationTimestamp"); !expires.empty()) {
    out.expires = ParseRfc3339(expires);
    if (!out.expires) {
      return BadAnswer("has an \"expirationTimestamp\" that is no time");
    }
  }
  return out;
}

}  // namespace milink::kube
