// The ObjectClient that speaks to a real API server. Thread-safe, as its sender is.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/kube/http.h"
#include "core/kube/list_page.h"
#include "core/kube/object_client.h"

namespace milink::kube {

// What the server does with fields that it does not know.
enum class FieldValidation { kWarn, kStrict };

struct ClientOptions {
  Duration deadline = std::chrono::seconds(30);  // of each request
  FieldValidation field_validation = FieldValidation::kWarn;
};

class Client final : public ObjectClient {
 public:
  // `sender` must outlive this.
  explicit Client(HttpSender& sender, ClientOptions options = {})
      : sender_(sender), options_(options) {}

  // One page, its items appended to `items`; kConflict "Expired" when the continue token is too
  // old.
  Result<ListPage> List(const ResourceType& type, const ListQuery& query,
                        std::vector<nlohmann::json>& items);
  // All pages, in the most recent state. For small lists: all of it is in memory.
  Result<std::vector<nlohmann::json>> ListAll(const ResourceType& type, ListQuery query);

  Result<nlohmann::json> Get(const ResourceType& type, const ObjectKey& key) override;
  Result<nlohmann::json> Create(const ResourceType& type, const std::string& namespace_name,
                                const nlohmann::json& object) override;
  // Replaces the whole object. kInvalid unless `object` has the metadata.resourceVersion that was
  // read; kConflict when that is no longer the current one.
  Result<nlohmann::json> Update(const ResourceType& type, const ObjectKey& key,
                                const nlohmann::json& object);
  Status Delete(const ResourceType& type, const ObjectKey& key, const std::string& uid) override;
  Result<nlohmann::json> ApplyStatus(const ResourceType& type, const ObjectMeta& seen,
                                     const std::string& field_manager,
                                     const nlohmann::json& status) override;
  Result<nlohmann::json> MergeStatus(const ResourceType& type, const ObjectKey& key,
                                     const std::string& field_manager,
                                     const std::string& resource_version,
                                     const nlohmann::json& status) override;
  Result<nlohmann::json> SetFinalizers(const ResourceType& type, const ObjectMeta& seen,
                                       const std::vector<std::string>& finalizers) override;
  Result<nlohmann::json> MergePatch(const ResourceType& type, const ObjectKey& key,
                                    const nlohmann::json& patch) override;
  Result<std::map<std::string, Secret>> GetSecret(const ObjectKey& key) override;
  Result<std::map<std::string, std::string>> GetConfigMap(const ObjectKey& key) override;

 private:
  HttpRequest Prepare(HttpMethod method, const std::string& target) const;
  HttpRequest PrepareWrite(HttpMethod method, const std::string& target, const nlohmann::json& body,
                           const std::string& content_type) const;
  // Sends `request`, decodes a refusal, parses the body.
  Result<nlohmann::json> Ask(const HttpRequest& request);
  Result<nlohmann::json> Patch(const Result<std::string>& path, const std::string& query,
                               const std::string& content_type, const nlohmann::json& patch);

  HttpSender& sender_;
  const ClientOptions options_;
};

}  // namespace milink::kube
