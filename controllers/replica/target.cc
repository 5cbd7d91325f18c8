#include "controllers/replica/target.h"

#include <utility>

#include "controllers/replica/reasons.h"

namespace milink::replica {
namespace {

// Less than the usual interval between two passes, so that each of them reads again.
constexpr auto kReadAgainAfter = std::chrono::seconds(25);

// The error of a reference that cannot be followed, in the user's words.
Error MissingObject(const Error& error, const std::string& kind, const ObjectKey& key,
                    const std::string& field, const std::string& remedy) {
  if (error.kind != ErrorKind::kNotFound) {
    return {
        error.kind, reason::kReferenceUnreadable,
        kind + " " + ToString(key) + ", named in " + field + ", cannot be read: " + error.message,
        error.detail, error.retry_after};
  }
  return {ErrorKind::kInvalid,
          kind == "ConfigMap" ? reason::kConfigMapNotFound : reason::kSecretNotFound,
          kind + " " + ToString(key) + ", named in " + field + ", does not exist; " + remedy,
          error.detail};
}

Error MissingKey(const std::string& kind, const ObjectKey& object, const std::string& key,
                 const std::string& field) {
  return {ErrorKind::kInvalid, reason::kSecretKeyMissing,
          kind + " " + ToString(object) + ", named in " + field + ", has no key " + key +
              ", or it is empty; add it",
          ""};
}

sql::TlsMode ModeOf(const std::string& mode) {
  if (mode == "Optional") {
    return sql::TlsMode::kOptional;
  }
  return mode == "Strict" ? sql::TlsMode::kStrict : sql::TlsMode::kMandatory;
}

// What stands under the key of a Secret or ConfigMap, as it was read.
template <typename Value>
Result<Value> ValueOf(const Result<std::map<std::string, Value>>& data,
                      const api::KeyReference& reference, const ObjectKey& object,
                      const std::string& field) {
  if (!data) {
    return MissingObject(data.error(), reference.kind, object, field,
                         "create it with the key " + reference.key);
  }
  const auto it = data->find(reference.key);
  if (it == data->end() || it->second.empty()) {
    return MissingKey(reference.kind, object, reference.key, field);
  }
  return it->second;
}

}  // namespace

TargetReader::TargetReader(kube::ObjectClient& objects, const Clock& clock)
    : objects_(objects), clock_(clock) {}

Result<TargetReader::Reading> TargetReader::Read(const api::SqlServerReplica& replica) {
  const auto known = Known(replica);
  if (known && clock_.Monotonic() < known->read_at + kReadAgainAfter) {
    return Reading{known->target};
  }
  return ReadNow(replica);
}

Result<TargetReader::Reading> TargetReader::ReadNow(const api::SqlServerReplica& replica) {
  const auto known = Known(replica);
  auto target = Fetch(replica);
  const bool no_answer = !target && (target.error().kind == ErrorKind::kTransient ||
                                     target.error().kind == ErrorKind::kThrottled);
  if (no_answer && known) {
    return Reading{known->target};
  }
  const bool refused = !target && target.error().kind == ErrorKind::kUnauthorized;
  if (refused && known && clock_.Monotonic() < known->read_at + kRefusalPatience) {
    return Reading{known->target, false, std::move(target).error()};
  }
  const std::lock_guard lock(mutex_);
  if (!target) {
    cached_.erase(replica.meta.key);
    return std::move(target).error();
  }
  cached_.insert_or_assign(replica.meta.key, Cached{*target, replica.meta.uid,
                                                    replica.meta.generation, clock_.Monotonic()});
  const bool changed = !known || !sql::SameTarget(known->target, *target);
  return Reading{*std::move(target), changed};
}

std::optional<TargetReader::Cached> TargetReader::Known(
    const api::SqlServerReplica& replica) const {
  const std::lock_guard lock(mutex_);
  const auto it = cached_.find(replica.meta.key);
  const bool fits = it != cached_.end() && it->second.uid == replica.meta.uid &&
                    it->second.generation == replica.meta.generation;
  return fits ? std::optional(it->second) : std::nullopt;
}

Result<Secret> TargetReader::MasterKeyPassword(const api::SqlServerReplica& replica) {
  const auto& reference = *replica.spec.master_key_password;
  const ObjectKey key{replica.meta.key.namespace_name, reference.name};
  return ValueOf(objects_.GetSecret(key), reference, key, "spec.masterKey.passwordSecretRef");
}

void TargetReader::Forget(const ObjectKey& replica) {
  const std::lock_guard lock(mutex_);
  cached_.erase(replica);
}

Result<sql::SqlTarget> TargetReader::Fetch(const api::SqlServerReplica& replica) {
  constexpr char kField[] = "spec.credentialsSecretRef";
  const auto& spec = replica.spec;
  const ObjectKey key{replica.meta.key.namespace_name, spec.credentials_secret};
  auto secret = objects_.GetSecret(key);
  if (!secret) {
    return MissingObject(secret.error(), "Secret", key, kField,
                         "create it with the keys username and password");
  }
  for (const char* name : {"username", "password"}) {
    const auto it = secret->find(name);
    if (it == secret->end() || it->second.empty()) {
      return MissingKey("Secret", key, name, kField);
    }
  }
  sql::SqlTarget target;
  target.host = spec.host;
  target.port = static_cast<std::uint16_t>(spec.port);
  target.instance = spec.instance_name;
  target.user = std::string(secret->at("username").Reveal());
  target.password = secret->at("password");
  target.tls = ModeOf(spec.tls.mode);
  target.server_name = spec.tls.server_name;
  target.trust_server_certificate = spec.tls.trust_server_certificate;
  if (spec.tls.ca) {
    auto authority = Authority(replica.meta.key, *spec.tls.ca);
    if (!authority) {
      return std::move(authority).error();
    }
    target.ca_pem = std::move(*authority);
  }
  return target;
}

Result<std::string> TargetReader::Authority(const ObjectKey& replica,
                                            const api::KeyReference& reference) {
  constexpr char kField[] = "spec.tls.caRef";
  const ObjectKey key{replica.namespace_name, reference.name};
  if (reference.kind == "ConfigMap") {
    return ValueOf(objects_.GetConfigMap(key), reference, key, kField);
  }
  const auto secret = ValueOf(objects_.GetSecret(key), reference, key, kField);
  return secret ? Result<std::string>(std::string(secret->Reveal())) : secret.error();
}

}  // namespace milink::replica
