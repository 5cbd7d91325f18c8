#include "tests/integration/crd/crd_env.h"

#include <cstdlib>
#include <iostream>
#include <memory>

#include <gtest/gtest.h>

namespace milink::test {
namespace {

std::unique_ptr<KubeEnv> StartWithCrds() {
  auto env = KubeEnv::Start();
  if (!env.ok()) {
    std::cerr << ToString(env.error()) << '\n';
    std::exit(1);
  }
  const std::string folder = std::string(MILINK_SOURCE_DIR) + "/config/crd";
  const CommandOutput applied = (*env)->Kubectl({"apply", "--server-side", "-k", folder});
  const CommandOutput waited =
      (*env)->Kubectl({"wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"});
  if (!applied.ok() || !waited.ok()) {
    std::cerr << applied.err << waited.err;
    std::exit(1);
  }
  return std::move(*env);
}

nlohmann::json Parsed(const CommandOutput& output) {
  EXPECT_TRUE(output.ok()) << output.err;
  return output.ok() ? nlohmann::json::parse(output.out) : nlohmann::json();
}

}  // namespace

KubeEnv& CrdEnv() {
  static const std::unique_ptr<KubeEnv> kEnv = StartWithCrds();
  return *kEnv;
}

nlohmann::json Changed(nlohmann::json manifest, const std::string& merge_patch) {
  manifest.merge_patch(nlohmann::json::parse(merge_patch));
  return manifest;
}

CommandOutput TryCreate(const nlohmann::json& manifest) {
  return CrdEnv().Kubectl({"create", "--dry-run=server", "-o", "json", "-f", "-"}, manifest.dump());
}

nlohmann::json Store(const nlohmann::json& manifest) {
  return Parsed(CrdEnv().Kubectl({"create", "-o", "json", "-f", "-"}, manifest.dump()));
}

nlohmann::json Read(const nlohmann::json& manifest) {
  return Parsed(CrdEnv().Kubectl({"get", manifest.at("kind"), manifest.at("metadata").at("name"),
                                  "-n", "default", "-o", "json"}));
}

nlohmann::json Schema(const std::string& plural) {
  const nlohmann::json crd =
      Parsed(CrdEnv().Kubectl({"get", "crd", plural + ".milink.dev", "-o", "json"}));
  return crd.at("spec").at("versions").at(0).at("schema").at("openAPIV3Schema");
}

}  // namespace milink::test
