#include "core/azure/credential.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "core/azure/token_source.h"

namespace milink::azure {
namespace {

constexpr auto kRefreshBefore = std::chrono::minutes(5);
// How long a refusal is repeated without asking, and how soon a refresh that failed is tried again.
constexpr Duration kAskAgainAfter = std::chrono::seconds(30);

class CachedCredential final : public Credential {
 public:
  CachedCredential(std::unique_ptr<TokenSource> source, const Clock& clock)
      : source_(std::move(source)), clock_(clock) {}

  Result<Secret> Token(const std::string& audience) override {
    const bool refresh = ClaimRefresh(audience);
    if (!refresh) {
      if (auto known = Known(audience)) {
        return *std::move(known);
      }
    }
    const std::lock_guard asking(ask_mutex_);
    if (!refresh) {
      if (auto known = Known(audience)) {  // somebody else has asked meanwhile
        return *std::move(known);
      }
    }
    return Ask(audience);
  }

  void Reject(const Secret& token) override {
    const std::lock_guard lock(mutex_);
    for (auto& [audience, kept] : kept_) {
      if (kept.token.SameAs(token)) {
        kept.ends_at = {};
      }
    }
  }

 private:
  struct Kept {
    Secret token;
    MonotonicTime refresh_at;
    MonotonicTime ends_at;
    std::optional<Error> refused;  // until `ask_at`
    MonotonicTime ask_at;
  };

  // Is the token still good, and is it on this caller to ask for the next one?
  bool ClaimRefresh(const std::string& audience) {
    const std::lock_guard lock(mutex_);
    Kept& kept = kept_[audience];
    const auto now = clock_.Monotonic();
    if (now >= kept.ends_at || now < kept.refresh_at) {
      return false;
    }
    kept.refresh_at = now + kAskAgainAfter;
    return true;
  }

  // A token that is good, or a refusal that is fresh.
  std::optional<Result<Secret>> Known(const std::string& audience) {
    const std::lock_guard lock(mutex_);
    const Kept& kept = kept_[audience];
    const auto now = clock_.Monotonic();
    if (now < kept.ends_at) {
      return Result<Secret>(kept.token);
    }
    if (kept.refused && now < kept.ask_at) {
      return Result<Secret>(*kept.refused);
    }
    return std::nullopt;
  }

  Result<Secret> Ask(const std::string& audience) {
    auto issued = source_->Ask(audience);
    const std::lock_guard lock(mutex_);
    Kept& kept = kept_[audience];
    const auto now = clock_.Monotonic();
    if (issued) {
      const auto lifetime = std::max(issued->lifetime, std::chrono::seconds(1));
      const auto useful = std::max<std::chrono::seconds>(lifetime - kRefreshBefore, lifetime / 2);
      kept = {issued->token, now + std::min(issued->refresh_in.value_or(useful), useful),
              now + lifetime, std::nullopt, now};
      return issued->token;
    }
    if (now < kept.ends_at) {
      return kept.token;  // asked ahead of time; it is asked again before the end
    }
    const Error& error = issued.error();
    kept.refused.reset();
    if (error.kind == ErrorKind::kUnauthorized || error.kind == ErrorKind::kThrottled) {
      kept.refused = error;
      kept.ask_at = now + error.retry_after.value_or(kAskAgainAfter);
    }
    return error;
  }

  const std::unique_ptr<TokenSource> source_;
  const Clock& clock_;
  std::mutex ask_mutex_;  // one at a time; taken before the other
  std::mutex mutex_;      // never held during a request
  std::map<std::string, Kept> kept_;
};

}  // namespace

std::unique_ptr<Credential> MakeCredential(CredentialSettings settings, HttpClient& http,
                                           const Clock& clock, Random& random) {
  auto source = settings.kind == IdentityKind::kManagedIdentity
                    ? MakeMetadataTokenSource(std::move(settings), http, clock)
                    : MakeFormTokenSource(std::move(settings), http, clock, random);
  return std::make_unique<CachedCredential>(std::move(source), clock);
}

}  // namespace milink::azure
