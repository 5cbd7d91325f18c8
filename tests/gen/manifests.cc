#include "tests/gen/manifests.h"

namespace milink::gen {

nlohmann::json ReplicaManifest(const std::string& name) {
  return {
      {"apiVersion", "milink.dev/v1alpha1"},
      {"kind", "SqlServerReplica"},
      {"metadata", {{"name", name}, {"namespace", "default"}}},
      {"spec",
       {{"host", name + ".corp.example"}, {"credentialsSecretRef", {{"name", name + "-login"}}}}}};
}

nlohmann::json LinkManifest(const std::string& name, const std::vector<std::string>& databases) {
  nlohmann::json list = nlohmann::json::array();
  for (const std::string& database : databases) {
    list.push_back({{"name", database}});
  }
  return {{"apiVersion", "milink.dev/v1alpha1"},
          {"kind", "ManagedInstanceLink"},
          {"metadata", {{"name", name}, {"namespace", "default"}}},
          {"spec",
           {{"sqlServerReplicaRef", {{"name", "sql1"}}},
            {"managedInstance",
             {{"subscriptionId", "00000000-0000-0000-0000-000000000001"},
              {"resourceGroup", "rg-sql"},
              {"name", "sqlmi1"}}},
            {"databases", std::move(list)},
            {"primary", "SqlServer"}}}};
}

nlohmann::json AsStored(nlohmann::json manifest) {
  nlohmann::json& metadata = manifest["metadata"];
  metadata["uid"] = "uid-of-" + metadata["name"].get<std::string>();
  metadata["resourceVersion"] = "1";
  metadata["generation"] = 1;
  metadata["creationTimestamp"] = "2026-11-21T10:00:00Z";
  return manifest;
}

}  // namespace milink::gen
