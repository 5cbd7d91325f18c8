// config/: the samples, the operator's rights, and how our kinds look in kubectl.
#include <gmock/gmock.h>

#include "core/api/codec.h"
#include "tests/gen/manifests.h"
#include "tests/gen/statuses.h"
#include "tests/integration/crd/crd_env.h"

namespace milink::test {
namespace {

using ::testing::HasSubstr;

std::string Config(const std::string& folder) {
  return std::string(MILINK_SOURCE_DIR) + "/config/" + folder;
}

TEST(Samples, AreAcceptedAndUnderstood) {
  ASSERT_TRUE(CrdEnv().Kubectl({"create", "namespace", "samples"}).ok());
  const CommandOutput applied =
      CrdEnv().Kubectl({"apply", "-n", "samples", "-k", Config("samples")});
  ASSERT_TRUE(applied.ok()) << applied.err;

  const auto read = [](const char* what) {
    return nlohmann::json::parse(
        CrdEnv().Kubectl({"get", "-n", "samples", what, "-o", "json"}).out);
  };
  const auto replica = api::DecodeReplica(read("sqlr/sql1"));
  ASSERT_TRUE(replica.ok()) << ToString(replica.error());
  const auto link = api::DecodeLink(read("mil/shop"));
  ASSERT_TRUE(link.ok()) << ToString(link.error());
  EXPECT_EQ(link->spec.replica, replica->meta.key.name);
  EXPECT_EQ(link->spec.databases.size(), 2U);
  // The Secrets that the replica names are there, with their keys.
  const std::string login = replica->spec.credentials_secret;
  EXPECT_TRUE(read(("secret/" + login).c_str()).at("data").contains("password"));
  ASSERT_TRUE(replica->spec.master_key_password.has_value());
  const api::KeyReference& key = *replica->spec.master_key_password;
  EXPECT_TRUE(read(("secret/" + key.name).c_str()).at("data").contains(key.key));
}

TEST(Columns, ShowWhatAPersonLooksForFirst) {
  Store(gen::ReplicaManifest("columns"));
  Store(gen::LinkManifest("columns", {"sales"}));
  const auto header = [](const char* kind) {
    const std::string text = CrdEnv().Kubectl({"get", kind, "columns"}).out;
    std::string words;  // the blanks between depend on the widths
    for (const char c : text.substr(0, text.find('\n'))) {
      if (c != ' ' || (!words.empty() && words.back() != ' ')) {
        words += c;
      }
    }
    return words;
  };
  EXPECT_EQ(header("sqlr"), "NAME READY VERSION EDITION ENDPOINT CERT-EXPIRES LINKS MESSAGE AGE");
  EXPECT_EQ(header("mil"), "NAME READY PHASE PRIMARY DATABASES SEEDING LAG MESSAGE AGE");
  const std::string both = CrdEnv().Kubectl({"get", "milink", "-o", "name"}).out;
  EXPECT_THAT(both, HasSubstr("sqlserverreplica.milink.dev/columns"));
  EXPECT_THAT(both, HasSubstr("managedinstancelink.milink.dev/columns"));
}

TEST(OperatorRole, AllowsWhatTheOperatorDoesAndNothingElse) {
  ASSERT_TRUE(CrdEnv().Kubectl({"create", "namespace", "milink-system"}).ok());
  const CommandOutput applied = CrdEnv().Kubectl({"apply", "-k", Config("rbac")});
  ASSERT_TRUE(applied.ok()) << applied.err;
  const auto kubeconfig = CrdEnv().ServiceAccountKubeconfig("milink-system", "milink-operator");
  ASSERT_TRUE(kubeconfig.ok()) << ToString(kubeconfig.error());

  struct Right {
    const char* verb;
    const char* resource;
    const char* answer;
  };
  constexpr Right kRights[] = {
      {"watch", "sqlserverreplicas.milink.dev", "yes"},
      {"list", "managedinstancelinks.milink.dev", "yes"},
      {"patch", "managedinstancelinks.milink.dev", "yes"},
      {"patch", "managedinstancelinks.milink.dev/status", "yes"},
      {"patch", "sqlserverreplicas.milink.dev/status", "yes"},
      {"get", "secrets", "yes"},
      {"get", "configmaps", "yes"},
      {"create", "events.events.k8s.io", "yes"},
      {"patch", "events.events.k8s.io", "yes"},
      {"update", "managedinstancelinks.milink.dev", "no"},
      {"create", "managedinstancelinks.milink.dev", "no"},
      {"delete", "sqlserverreplicas.milink.dev", "no"},
      {"list", "secrets", "no"},
      {"watch", "secrets", "no"},
      {"create", "configmaps", "yes"},
      {"patch", "configmaps", "yes"},
      {"update", "configmaps", "no"},
      {"delete", "configmaps", "no"},
      {"list", "configmaps", "no"},
      {"create", "secrets", "no"},
      {"get", "pods", "no"},
  };
  for (const Right& right : kRights) {
    const CommandOutput asked = CrdEnv().KubectlAs(
        *kubeconfig, {"auth", "can-i", right.verb, right.resource, "-n", "default"});
    EXPECT_THAT(asked.out, ::testing::StartsWith(right.answer))
        << right.verb << ' ' << right.resource << asked.err;
  }
}

}  // namespace
}  // namespace milink::test
