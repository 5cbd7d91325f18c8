#include "core/azure/secret_credential.h"

#include <mutex>
#include <utility>
#include <vector>

namespace milink::azure {
namespace {

// An instance is read every 30 s: with the 25 s before a reading counts as old, a change is in use
// within a minute.
constexpr Duration kReadAgainAfter = std::chrono::seconds(25);
constexpr char kField[] = "spec.managedInstance.credentials.secretRef";

using SecretData = std::map<std::string, Secret>;
using CredentialPointer = std::shared_ptr<Credential>;

std::vector<std::string> KeysFor(IdentityKind kind) {
  return kind == IdentityKind::kClientSecret
             ? std::vector<std::string>{kClientSecretKey}
             : std::vector<std::string>{kCertificateKey, kPrivateKeyKey};
}

// What is of use in the Secret, as one text.
Result<Secret> ContentOf(const SecretData& data, const ObjectKey& key, IdentityKind kind) {
  std::string content;
  for (const std::string& name : KeysFor(kind)) {
    const auto it = data.find(name);
    if (it == data.end() || it->second.empty()) {
      WipeMemory(content);
      return Error{ErrorKind::kInvalid, "SecretKeyMissing",
                   "Secret " + ToString(key) + ", named in " + kField + ", has no key " + name +
                       ", or it is empty; add it",
                   ""};
    }
    content.append(content.empty() ? "" : "\n").append(it->second.Reveal());
  }
  return Secret(std::move(content));
}

Error Unreadable(const Error& error, const ObjectKey& key, IdentityKind kind) {
  if (error.kind == ErrorKind::kNotFound) {
    return {ErrorKind::kInvalid, "SecretNotFound",
            "Secret " + ToString(key) + ", named in " + kField +
                ", does not exist; create it with the key " + KeysFor(kind).front(),
            error.detail};
  }
  return {error.kind, "ReferenceUnreadable",
          "Secret " + ToString(key) + ", named in " + kField + ", cannot be read: " + error.message,
          error.detail, error.retry_after};
}

class SecretCredential final : public Credential {
 public:
  SecretCredential(CredentialSettings settings, ObjectKey secret, SecretReader read,
                   HttpClient& http, const Clock& clock, Random& random)
      : settings_(std::move(settings)),
        secret_(std::move(secret)),
        read_(std::move(read)),
        http_(http),
        clock_(clock),
        random_(random) {}

  Result<Secret> Token(const std::string& audience) override {
    const auto current = Current(kReadAgainAfter);
    if (!current) {
      return current.error();
    }
    auto token = (*current)->Token(audience);
    if (token || token.error().kind != ErrorKind::kUnauthorized) {
      return token;
    }
    const auto next = Current(Duration(0));  // it may have been put right meanwhile
    if (!next) {
      return next.error();
    }
    return *next == *current ? std::move(token) : (*next)->Token(audience);
  }

  void Reject(const Secret& token) override {
    const std::lock_guard lock(mutex_);
    if (inner_ != nullptr) {
      inner_->Reject(token);
    }
  }

 private:
  Result<CredentialPointer> Current(Duration max_age) {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.Monotonic();
    if (inner_ != nullptr && now - read_at_ < max_age) {
      return inner_;
    }
    const auto content = Read();
    if (!content) {
      const bool no_answer = content.error().kind == ErrorKind::kTransient ||
                             content.error().kind == ErrorKind::kThrottled;
      if (no_answer && inner_ != nullptr) {
        return inner_;
      }
      inner_ = nullptr;
      return content.error();
    }
    read_at_ = now;
    if (inner_ == nullptr || !content->SameAs(content_)) {
      content_ = *content;
      inner_ = MakeCredential(With(*content), http_, clock_, random_);
    }
    return inner_;
  }

  Result<Secret> Read() const {
    const auto data = read_(secret_);
    return data ? ContentOf(*data, secret_, settings_.kind)
                : Result<Secret>(Unreadable(data.error(), secret_, settings_.kind));
  }

  CredentialSettings With(const Secret& content) const {
    CredentialSettings settings = settings_;
    (settings.kind == IdentityKind::kClientSecret ? settings.client_secret : settings.certificate) =
        content;
    return settings;
  }

  const CredentialSettings settings_;
  const ObjectKey secret_;
  const SecretReader read_;
  HttpClient& http_;
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  CredentialPointer inner_;  // null: the Secret is not known to be good
  Secret content_;
  MonotonicTime read_at_;
};

}  // namespace

std::unique_ptr<Credential> MakeSecretCredential(CredentialSettings settings, ObjectKey secret,
                                                 SecretReader read, HttpClient& http,
                                                 const Clock& clock, Random& random) {
  return std::make_unique<SecretCredential>(std::move(settings), std::move(secret), std::move(read),
                                            http, clock, random);
}

}  // namespace milink::azure
