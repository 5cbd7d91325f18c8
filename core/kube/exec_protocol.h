// What is said to a credential plugin and what it answers: ExecCredential objects. Pure functions.
// Source: k8s.io/client-go plugin/pkg/client/auth/exec, API client.authentication.k8s.io.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/kube/cluster_access.h"
#include "core/kube/credentials.h"

namespace milink::kube {

// kInvalid "PluginConfigInvalid" when the description cannot work: no command, another apiVersion
// than .../v1 or .../v1beta1.
Status CheckPlugin(const CredentialPlugin& plugin);

// The value of KUBERNETES_EXEC_INFO.
std::string ExecInfo(const ClusterAccess& access, const CredentialPlugin& plugin, bool interactive);

struct PluginAnswer {
  Identity identity;
  std::optional<TimePoint> expires;  // nothing: never
};
// What the plugin printed. kInvalid "PluginAnswerInvalid"; no text of the answer is quoted.
Result<PluginAnswer> ParsePluginAnswer(std::string_view text, const std::string& api_version);

}  // namespace milink::kube
