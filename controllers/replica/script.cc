#include "controllers/replica/script.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "controllers/replica/act.h"
#include "controllers/replica/plan/approval.h"
#include "controllers/replica/reasons.h"
#include "core/api/codec.h"
#include "core/base/json.h"

namespace milink::replica {
namespace {

const kube::ResourceType kConfigMapType{"", "v1", "configmaps", "ConfigMap"};
constexpr char kScriptKey[] = "script.sql";

std::string Comment(std::string text) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 4) {
    text.replace(at, 1, "\n-- ");
  }
  return "-- " + text + "\n";
}

std::string PasswordMark(const api::SqlServerReplica& replica) {
  const auto& reference = replica.spec.master_key_password;
  return reference ? "<" + reference->name + "/" + reference->key + ">" : "<password>";
}

bool IsOurs(const nlohmann::json& config_map, const api::SqlServerReplica& replica) {
  const auto& owners = JsonChild(JsonChild(config_map, "metadata"), "ownerReferences");
  return owners.is_array() && std::ranges::any_of(owners, [&](const nlohmann::json& owner) {
           return JsonText(owner, "uid") == replica.meta.uid;
         });
}

nlohmann::json ConfigMapOf(const api::SqlServerReplica& replica, const std::string& script) {
  const nlohmann::json owner = {{"apiVersion", api::kApiVersion},
                                {"kind", api::kReplicaKind},
                                {"name", replica.meta.key.name},
                                {"uid", replica.meta.uid},
                                {"controller", true}};
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata",
           {{"name", PlanConfigMap(replica)},
            {"labels", {{"app.kubernetes.io/managed-by", "milink-operator"}}},
            {"ownerReferences", nlohmann::json::array({owner})}}},
          {"data", {{kScriptKey, script}}}};
}

Error NotPublished(const std::string& name, const std::string& why) {
  return {ErrorKind::kInvalid, reason::kPlanNotPublished,
          "the script of the plan is not in ConfigMap " + name + ": " + why +
              "; status.plan has its steps, and they can be approved all the same",
          ""};
}

}  // namespace

std::string ScriptOf(const api::SqlServerReplica& replica,
                     const api::SqlServerReplicaStatus::PublishedPlan& plan,
                     const std::vector<Step>& steps) {
  std::string script =
      Comment("SqlServerReplica " + ToString(replica.meta.key) + " at " + replica.spec.host +
              ": what the operator would send, in this order.");
  script += plan.hash.empty() ? Comment("It cannot be approved before what blocks it is resolved:")
                              : Comment("Plan " + plan.hash + ". To have the operator do it:\n" +
                                        HowToApprove(replica, plan.hash));
  for (const std::string& blocker : plan.blockers) {
    script += Comment("* " + blocker);
  }
  script += Comment(
      "<name/key> stands for the value of that key of a Secret. Certificates are valid from the "
      "day before they are made; the dates here are those of a plan done today.");
  int number = 0;
  for (const Step& step : steps) {
    script += "\n" + Comment(std::to_string(++number) + ". " + Describe(step));
    const auto batch = BatchOf(step, Secret(PasswordMark(replica)));
    script += batch ? std::string(batch->text.Reveal()) + "\nGO\n" : Comment(batch.error().message);
  }
  return script;
}

Status PublishScript(kube::ObjectClient& objects, const api::SqlServerReplica& replica,
                     const std::string& script) {
  const ObjectKey key{replica.meta.key.namespace_name, PlanConfigMap(replica)};
  const nlohmann::json wanted = ConfigMapOf(replica, script);
  auto stored = objects.Get(kConfigMapType, key);
  if (!stored && stored.error().kind == ErrorKind::kNotFound) {
    stored = objects.Create(kConfigMapType, key.namespace_name, wanted);
  } else if (stored && !IsOurs(*stored, replica)) {
    return NotPublished(key.name, "one of this name is there, which the operator did not make");
  } else if (stored) {
    stored = objects.MergePatch(kConfigMapType, key, {{"data", wanted.at("data")}});
  }
  if (stored) {
    return OkStatus();
  }
  const ErrorKind kind = stored.error().kind;
  return kind == ErrorKind::kUnauthorized || kind == ErrorKind::kInvalid
             ? NotPublished(key.name, stored.error().message)
             : std::move(stored).error();
}

}  // namespace milink::replica
