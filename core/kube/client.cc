#include "core/kube/client.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/json.h"
#include "core/kube/api_status.h"
#include "core/kube/base64.h"
#include "core/kube/resource_path.h"
#include "core/kube/retry.h"

namespace milink::kube {
namespace {

using nlohmann::json;

constexpr const char* kJson = "application/json";
constexpr const char* kApplyPatch = "application/apply-patch+yaml";  // JSON is YAML
constexpr const char* kMergePatch = "application/merge-patch+json";

const ResourceType kSecrets{"", "v1", "secrets", "Secret"};
const ResourceType kConfigMaps{"", "v1", "configmaps", "ConfigMap"};

std::string ApiVersion(const ResourceType& type) {
  return type.group.empty() ? type.version : type.group + "/" + type.version;
}

// Bytes that are no UTF-8, as from a foreign system, must not throw.
std::string Text(const json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

json WithType(const ResourceType& type, json object) {
  object["apiVersion"] = ApiVersion(type);
  object["kind"] = type.kind;
  return object;
}

Error BadObject(const ObjectKey& key, const std::string& what) {
  return {ErrorKind::kInvalid, "ObjectInvalid", ToString(key) + ": " + what};
}

// The path of one object. Without a name it would be that of all objects, and a deletion theirs.
Result<std::string> ObjectPath(const ResourceType& type, const ObjectKey& key,
                               const std::string& subresource = "") {
  if (key.name.empty()) {
    return Error{ErrorKind::kInvalid, "NameInvalid",
                 "an object of kind " + type.kind + " needs a name"};
  }
  return ResourcePath(type, key.namespace_name, key.name, subresource);
}

// What was read from it lives on in Secrets alone. Anything may be one: annotations quote objects.
void WipeTexts(json& value) {
  if (value.is_string()) {
    WipeMemory(value.get_ref<std::string&>());
  } else if (value.is_structured()) {
    for (json& inner : value) {
      WipeTexts(inner);
    }
  }
}

Result<std::map<std::string, Secret>> DecodeSecretData(const json& object, const ObjectKey& key) {
  std::map<std::string, Secret> data;
  const json& fields = JsonChild(object, "data");
  if (!fields.is_object()) {
    return data;
  }
  for (const auto& [name, value] : fields.items()) {
    auto decoded =
        value.is_string() ? DecodeBase64(value.get_ref<const std::string&>()) : std::nullopt;
    if (!decoded) {
      return BadObject(key, "the value of \"" + name + "\" is not base64");
    }
    data.emplace(name, Secret(*decoded));
    WipeMemory(*decoded);
  }
  return data;
}

// The map `field` of `object`; empty when it is missing.
json MapAt(const json& object, const char* field) {
  const auto it = object.is_object() ? object.find(field) : object.end();
  return object.is_object() && it != object.end() && it->is_object() ? *it : json::object();
}

}  // namespace

HttpRequest Client::Prepare(HttpMethod method, const std::string& target) const {
  HttpRequest request{method, target};
  request.deadline = options_.deadline;
  return request;
}

HttpRequest Client::PrepareWrite(HttpMethod method, const std::string& target, const json& body,
                                 const std::string& content_type) const {
  const bool strict = options_.field_validation == FieldValidation::kStrict;
  HttpRequest request = Prepare(method, target);
  request.target += target.find('?') == std::string::npos ? '?' : '&';
  request.target += strict ? "fieldValidation=Strict" : "fieldValidation=Warn";
  request.body = Text(body);
  request.content_type = content_type;
  return request;
}

Result<json> Client::Ask(const HttpRequest& request) {
  Result<HttpResponse> response = sender_.Send(request);
  if (!response.ok()) {
    return std::move(response).error();
  }
  if (response->head.status < 200 || response->head.status > 299) {
    return DecodeRefusal(response->head.status, response->body, RetryAfterOf(response->head));
  }
  json body = json::parse(response->body, nullptr, /*allow_exceptions=*/false);
  WipeMemory(response->body);  // it may be a Secret
  if (body.is_discarded()) {
    return Error{ErrorKind::kTransient, std::string(kAnswerGarbled),
                 "the Kubernetes API server answered with something that is not JSON"};
  }
  return body;
}

Result<ListPage> Client::List(const ResourceType& type, const ListQuery& query,
                              std::vector<json>& items) {
  const auto target = ListTarget(type, query);
  if (!target.ok()) {
    return target.error();
  }
  const Result<HttpResponse> response = sender_.Send(Prepare(HttpMethod::kGet, *target));
  if (!response.ok()) {
    return response.error();
  }
  if (response->head.status != 200) {
    return DecodeRefusal(response->head.status, response->body, RetryAfterOf(response->head));
  }
  ListDecoder decoder(type);
  const Status fed =
      decoder.Feed(response->body, [&items](json item) { items.push_back(std::move(item)); });
  return fed.ok() ? decoder.Finish() : Result<ListPage>(fed.error());
}

Result<std::vector<json>> Client::ListAll(const ResourceType& type, ListQuery query) {
  std::vector<json> all;
  do {
    const Result<ListPage> page = List(type, query, all);
    if (!page.ok()) {
      return page.error();
    }
    query.continue_token = page->continue_token;
  } while (!query.continue_token.empty());
  return all;
}

Result<json> Client::Get(const ResourceType& type, const ObjectKey& key) {
  const auto path = ObjectPath(type, key);
  if (!path.ok()) {
    return path.error();
  }
  auto object = Ask(Prepare(HttpMethod::kGet, *path));
  if (object.ok() && JsonText(*object, "kind") != type.kind) {
    return Error{ErrorKind::kTransient, std::string(kAnswerGarbled),
                 "what came in place of a " + type.kind +
                     " is none; does a proxy answer for the Kubernetes API server?"};
  }
  return object;
}

Result<json> Client::Create(const ResourceType& type, const std::string& namespace_name,
                            const json& object) {
  const auto path = ResourcePath(type, namespace_name);
  if (!path.ok()) {
    return path.error();
  }
  return Ask(PrepareWrite(HttpMethod::kPost, *path, WithType(type, object), kJson));
}

Result<json> Client::Update(const ResourceType& type, const ObjectKey& key, const json& object) {
  const auto path = ObjectPath(type, key);
  if (!path.ok()) {
    return path.error();
  }
  if (JsonText(JsonChild(object, "metadata"), "resourceVersion").empty()) {
    return BadObject(key, "it cannot be replaced without the resourceVersion that was read");
  }
  return Ask(PrepareWrite(HttpMethod::kPut, *path, WithType(type, object), kJson));
}

Status Client::Delete(const ResourceType& type, const ObjectKey& key, const std::string& uid) {
  const auto path = ObjectPath(type, key);
  if (!path.ok()) {
    return path.error();
  }
  json options{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  if (!uid.empty()) {
    options["preconditions"] = {{"uid", uid}};
  }
  HttpRequest request = Prepare(HttpMethod::kDelete, *path);
  request.body = Text(options);
  request.content_type = kJson;
  const auto answer = Ask(request);
  if (!answer.ok() && answer.error().kind != ErrorKind::kNotFound) {
    return answer.error();
  }
  return OkStatus();
}

Result<json> Client::Patch(const Result<std::string>& path, const std::string& query,
                           const std::string& content_type, const json& patch) {
  if (!path.ok()) {
    return path.error();
  }
  return Ask(PrepareWrite(HttpMethod::kPatch, *path + query, patch, content_type));
}

Result<json> Client::ApplyStatus(const ResourceType& type, const ObjectMeta& seen,
                                 const std::string& field_manager, const json& status) {
  json metadata{{"name", seen.key.name}};
  if (!seen.key.namespace_name.empty()) {
    metadata["namespace"] = seen.key.namespace_name;
  }
  // The server ignores a uid in what is applied to a status, but not a version.
  if (!seen.resource_version.empty()) {
    metadata["resourceVersion"] = seen.resource_version;
  }
  const json object{{"apiVersion", ApiVersion(type)},
                    {"kind", type.kind},
                    {"metadata", std::move(metadata)},
                    {"status", status}};
  return Patch(ObjectPath(type, seen.key, "status"),
               "?fieldManager=" + EscapeQuery(field_manager) + "&force=true", kApplyPatch, object);
}

Result<json> Client::MergeStatus(const ResourceType& type, const ObjectKey& key,
                                 const std::string& field_manager,
                                 const std::string& resource_version, const json& status) {
  // A merge patch that names a resourceVersion is refused when it is not the current one.
  const json patch{{"metadata", {{"resourceVersion", resource_version}}}, {"status", status}};
  return Patch(ObjectPath(type, key, "status"), "?fieldManager=" + EscapeQuery(field_manager),
               kMergePatch, patch);
}

Result<json> Client::SetFinalizers(const ResourceType& type, const ObjectMeta& seen,
                                   const std::vector<std::string>& finalizers) {
  const json metadata{{"resourceVersion", seen.resource_version}, {"finalizers", finalizers}};
  return Patch(ObjectPath(type, seen.key), "", kMergePatch, json{{"metadata", metadata}});
}

Result<json> Client::MergePatch(const ResourceType& type, const ObjectKey& key, const json& patch) {
  return Patch(ObjectPath(type, key), "", kMergePatch, patch);
}

Result<std::map<std::string, Secret>> Client::GetSecret(const ObjectKey& key) {
  auto object = Get(kSecrets, key);
  if (!object.ok()) {
    return std::move(object).error();
  }
  auto data = DecodeSecretData(*object, key);
  WipeTexts(*object);
  return data;
}

Result<std::map<std::string, std::string>> Client::GetConfigMap(const ObjectKey& key) {
  const auto object = Get(kConfigMaps, key);
  if (!object.ok()) {
    return object.error();
  }
  std::map<std::string, std::string> data;
  const json fields = MapAt(*object, "data");
  for (const auto& [name, value] : fields.items()) {
    if (value.is_string()) {
      data.emplace(name, value.get<std::string>());
    }
  }
  return data;
}

}  // namespace milink::kube
