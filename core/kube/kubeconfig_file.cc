#include "core/kube/kubeconfig_file.h"

#include <array>
#include <utility>

#include <yaml-cpp/yaml.h>

#include "core/base/text.h"
#include "core/kube/base64.h"
#include "core/kube/yaml_reader.h"

namespace milink::kube {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPluginExtension = "client.authentication.k8s.io/exec";

// `<field>-data` (base64) and the file named by `<field>`.
Status ReadData(const YAML::Node& node, const std::string& field, KubeconfigData& out) {
  out.path = YamlText(node, field.c_str());
  const std::string encoded = YamlText(node, (field + "-data").c_str());
  auto decoded = DecodeBase64(encoded);
  if (!decoded) {
    return BadKubeconfig("\"" + field + "-data\" is not base64");
  }
  out.content = Secret(*std::move(decoded));
  return OkStatus();
}

std::vector<std::string> ReadTexts(const YAML::Node& list) {
  std::vector<std::string> texts;
  if (list && list.IsSequence()) {
    for (const YAML::Node& entry : list) {
      if (entry.IsScalar()) {
        texts.push_back(entry.Scalar());
      }
    }
  }
  return texts;
}

Status ReadEntry(const YAML::Node& node, KubeconfigCluster& out) {
  out.server = YamlText(node, "server");
  while (out.server.ends_with('/')) {
    out.server.pop_back();
  }
  out.tls_server_name = YamlText(node, "tls-server-name");
  out.insecure_skip_tls_verify = YamlIsTrue(node, "insecure-skip-tls-verify");
  out.proxy_url = Secret(YamlText(node, "proxy-url"));
  for (const YAML::Node& extension : node["extensions"]) {
    if (YamlText(extension, "name") == kPluginExtension && YamlIsSet(extension, "extension")) {
      auto json = YamlToJson(extension["extension"]);
      if (!json.ok()) {
        return BadKubeconfig(json.error().message);
      }
      out.plugin_config = *std::move(json);
    }
  }
  return ReadData(node, "certificate-authority", out.authority);
}

Result<PluginInteraction> ReadInteraction(const std::string& mode, const std::string& version) {
  if (mode == "Never") {
    return PluginInteraction::kNever;
  }
  if (mode == "Always") {
    return PluginInteraction::kAlways;
  }
  // Required from v1 on.
  if (mode == "IfAvailable" || (mode.empty() && version.ends_with("/v1beta1"))) {
    return PluginInteraction::kIfAvailable;
  }
  return BadKubeconfig(R"("exec" needs an "interactiveMode": Never, IfAvailable or Always)");
}

Result<CredentialPlugin> ReadPlugin(const YAML::Node& node) {
  CredentialPlugin plugin;
  plugin.command = YamlText(node, "command");
  plugin.arguments = ReadTexts(node["args"]);
  for (const YAML::Node& variable : node["env"]) {
    plugin.environment.emplace_back(YamlText(variable, "name"), YamlText(variable, "value"));
  }
  plugin.api_version = YamlText(node, "apiVersion");
  plugin.install_hint = YamlText(node, "installHint");
  plugin.wants_cluster_info = YamlIsTrue(node, "provideClusterInfo");
  auto interaction = ReadInteraction(YamlText(node, "interactiveMode"), plugin.api_version);
  if (!interaction.ok()) {
    return std::move(interaction).error();
  }
  plugin.interaction = *interaction;
  return plugin;
}

Impersonation ReadImpersonation(const YAML::Node& node) {
  Impersonation impersonate;
  impersonate.user = YamlText(node, "as");
  impersonate.uid = YamlText(node, "as-uid");
  impersonate.groups = ReadTexts(node["as-groups"]);
  if (const YAML::Node extra = node["as-user-extra"]; extra && extra.IsMap()) {
    for (const auto& entry : extra) {
      if (entry.first.IsScalar()) {
        impersonate.extra[entry.first.Scalar()] = ReadTexts(entry.second);
      }
    }
  }
  return impersonate;
}

std::optional<Error> WhyUnusable(const YAML::Node& user) {
  static constexpr std::array kRemoved{
      std::pair{"auth-provider",
                R"("auth-provider" was removed from Kubernetes; use "exec" or a token)"},
      std::pair{"username", "basic authentication was removed from Kubernetes; use a token"},
  };
  for (const auto& [field, message] : kRemoved) {
    if (YamlIsSet(user, field)) {
      return Error{ErrorKind::kUnsupported, "KubeconfigUnsupported", message};
    }
  }
  return std::nullopt;
}

Status ReadEntry(const YAML::Node& node, KubeconfigUser& out) {
  out.unusable = WhyUnusable(node);
  out.token = Secret(YamlText(node, "token"));
  out.token_file = YamlText(node, "tokenFile");
  out.impersonate = ReadImpersonation(node);
  if (YamlIsSet(node, "exec")) {
    auto plugin = ReadPlugin(node["exec"]);
    if (plugin.ok()) {
      out.plugin = *std::move(plugin);
    } else {
      out.unusable = std::move(plugin).error();
    }
  }
  if (Status status = ReadData(node, "client-certificate", out.certificate); !status.ok()) {
    return status;
  }
  return ReadData(node, "client-key", out.key);
}

Status ReadEntry(const YAML::Node& node, KubeconfigContext& out) {
  out.cluster = YamlText(node, "cluster");
  out.user = YamlText(node, "user");
  out.namespace_name = YamlText(node, "namespace");
  return OkStatus();
}

// A list of {name, <kind>: {..}}.
template <typename Entry>
Status ReadEntries(const YAML::Node& root, const char* list, const char* kind,
                   std::map<std::string, Entry>& out) {
  const YAML::Node entries = root[list];
  if (!entries || !entries.IsSequence()) {
    return OkStatus();
  }
  for (const YAML::Node& entry : entries) {
    const std::string name = YamlText(entry, "name");
    const auto [place, is_new] = out.emplace(name, Entry());
    if (!is_new) {
      return BadKubeconfig("there are two entries \"" + name + "\" in \"" + list + "\"");
    }
    const YAML::Node content = entry.IsMap() ? entry[kind] : YAML::Node();
    const YAML::Node fields =
        content && content.IsMap() ? content : YAML::Node(YAML::NodeType::Map);
    if (const Status status = ReadEntry(fields, place->second); !status.ok()) {
      return BadKubeconfig(std::string(kind) + " \"" + name + "\": " + status.error().message);
    }
  }
  return OkStatus();
}

Status ReadRoot(const YAML::Node& root, Kubeconfig& out) {
  if (root.IsNull()) {
    return OkStatus();
  }
  if (!root.IsMap()) {
    return BadKubeconfig("it is not a YAML mapping");
  }
  out.current_context = YamlText(root, "current-context");
  if (Status status = ReadEntries(root, "clusters", "cluster", out.clusters); !status.ok()) {
    return status;
  }
  if (Status status = ReadEntries(root, "users", "user", out.users); !status.ok()) {
    return status;
  }
  return ReadEntries(root, "contexts", "context", out.contexts);
}

void Resolve(std::string& path, const fs::path& folder) {
  if (!path.empty()) {
    path = (folder / path).string();
  }
}

}  // namespace

Error BadKubeconfig(const std::string& what) {
  return {ErrorKind::kInvalid, "KubeconfigInvalid", what};
}

Result<Kubeconfig> ParseKubeconfig(std::string_view text) {
  Kubeconfig config;
  const Status read =
      ReadYaml(text, [&](const YAML::Node& root) { return ReadRoot(root, config); });
  if (!read.ok()) {
    return BadKubeconfig(read.error().message);
  }
  return config;
}

void ResolvePaths(Kubeconfig& config, const fs::path& folder) {
  for (auto& [name, cluster] : config.clusters) {
    Resolve(cluster.authority.path, folder);
  }
  for (auto& [name, user] : config.users) {
    Resolve(user.token_file, folder);
    Resolve(user.certificate.path, folder);
    Resolve(user.key.path, folder);
    // A bare name is searched in PATH.
    if (user.plugin && user.plugin->command.find('/') != std::string::npos) {
      Resolve(user.plugin->command, folder);
    }
  }
}

void MergeKubeconfig(Kubeconfig& base, Kubeconfig&& more) {
  if (base.current_context.empty()) {
    base.current_context = std::move(more.current_context);
  }
  base.clusters.merge(more.clusters);
  base.users.merge(more.users);
  base.contexts.merge(more.contexts);
}

}  // namespace milink::kube
