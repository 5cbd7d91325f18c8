#include "tests/integration/packaging/packaging_env.h"

#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>

#include <gtest/gtest.h>

#include "core/base/text.h"

namespace milink::test {
namespace {

std::unique_ptr<KubeEnv> StartServer() {
  auto env = KubeEnv::Start();
  if (!env.ok()) {
    std::cerr << ToString(env.error()) << '\n';
    std::exit(1);
  }
  return std::move(*env);
}

std::string FindTools() {
  const CommandOutput built = RunCommand({Source("hack/dev-tools.sh"), "build"});
  if (!built.ok()) {
    std::cerr << built.err;
    std::exit(1);
  }
  return std::string(Trim(built.out));
}

}  // namespace

KubeEnv& PackagingEnv() {
  static const std::unique_ptr<KubeEnv> kEnv = StartServer();
  return *kEnv;
}

std::filesystem::path Source(const std::string& path) {
  return std::filesystem::path(MILINK_SOURCE_DIR) / path;
}

std::filesystem::path DevTool(const std::string& name) {
  static const std::filesystem::path kFolder = FindTools();
  return kFolder / name;
}

CommandOutput Helm(std::vector<std::string> args) {
  args.insert(args.begin(), {DevTool("helm"), "--kubeconfig", PackagingEnv().admin_kubeconfig()});
  return RunCommand(args);
}

CommandOutput RenderChart(const std::vector<std::string>& more,
                          const std::filesystem::path& chart) {
  std::vector<std::string> args = {"template",    "milink-operator", chart,
                                   "--namespace", "milink-system",   "--no-hooks"};
  args.insert(args.end(), more.begin(), more.end());
  return Helm(std::move(args));
}

CommandOutput RenderKustomize(const std::string& folder) {
  return PackagingEnv().Kubectl({"kustomize", Source(folder)});
}

Objects Parsed(const CommandOutput& rendering) {
  Objects out;
  EXPECT_TRUE(rendering.ok()) << rendering.err;
  // kubectl reads YAML for us and prints the objects one after the other.
  const CommandOutput read = PackagingEnv().Kubectl(
      {"create", "--dry-run=client", "-o", "json", "-f", "-"}, rendering.out);
  EXPECT_TRUE(read.ok()) << read.err;
  std::istringstream text(read.out);
  while (text >> std::ws && !text.eof()) {
    nlohmann::json object;
    text >> object;
    const nlohmann::json& meta = object.at("metadata");
    const std::string id = object.at("kind").get<std::string>() + " " +
                           meta.value("namespace", "") + "/" + meta.at("name").get<std::string>();
    EXPECT_FALSE(out.contains(id)) << id << " is there twice";
    out[id] = std::move(object);
  }
  return out;
}

}  // namespace milink::test
