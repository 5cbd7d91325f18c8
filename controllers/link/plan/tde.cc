#include <algorithm>

#include <fmt/format.h>

#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"
#include "core/base/text.h"

namespace milink::link {
namespace {

constexpr char kCertificateProtector[] = "CERTIFICATE";
constexpr char kByMasterKey[] = "MK";  // the only form in which the engine itself can open it

// One encrypted database that shall be linked.
class Encrypted {
 public:
  Encrypted(Draft& draft, const DatabaseView& view)
      : draft_(draft),
        name_(view.names.name),
        key_(*view.encryption),
        certificate_(draft.seen.sql->FindCertificateByThumbprint(key_.thumbprint)) {}

  void Plan() const {
    if (key_.protector_type != kCertificateProtector) {
      RefuseProtector();
    } else if (IsOnInstance()) {
      return;
    } else if (!draft_.spec.preparation.migrate_tde_certificates) {
      Require();
    } else if (IsExportable()) {
      Migrate();
    }
  }

 private:
  void RefuseProtector() const {
    Block(
        reason::kTdeProtectorUnsupported,
        fmt::format("it is encrypted (TDE) by {} {}{}, and managed instance {} takes certificates "
                    "with their private keys only; protect it with a certificate (ALTER DATABASE "
                    "ENCRYPTION KEY ENCRYPTION BY SERVER CERTIFICATE), or decrypt it",
                    ToLowerAscii(key_.protector_type),
                    key_.asymmetric_key.empty() ? key_.thumbprint : key_.asymmetric_key,
                    key_.external_provider ? " of a key vault or another external provider" : "",
                    draft_.spec.managed_instance.name));
  }

  // Azure does not show what was uploaded: people's word and our own journals tell.
  bool IsOnInstance() const {
    const auto& listed = draft_.spec.preparation.tde_thumbprints;
    const auto by_us = [&](const api::ManagedInstanceLink& other) {
      return SameInstance(draft_.spec, other.spec) && Holds(other.status.owned_objects);
    };
    return std::ranges::find(listed, key_.thumbprint) != listed.end() || Holds(draft_.entries) ||
           std::ranges::any_of(draft_.seen.others,
                               [&](const auto& other) { return by_us(*other); });
  }

  bool Holds(const std::vector<api::OwnedObject>& journal) const {
    return std::ranges::any_of(journal, [&](const api::OwnedObject& entry) {
      return entry.kind == kTdeCertificateKind && entry.name == key_.thumbprint &&
             entry.state == api::OwnedState::kCreated;
    });
  }

  std::string Named() const {
    return certificate_ == nullptr
               ? fmt::format("a certificate of the thumbprint {}", key_.thumbprint)
               : fmt::format("certificate {} (thumbprint {})", certificate_->name.str(),
                             key_.thumbprint);
  }

  void Require() const {
    Block(reason::kDatabaseEncrypted,
          fmt::format("it is encrypted (TDE) by {}, without which managed instance {} cannot read "
                      "it; upload certificate and private key there and put the thumbprint into "
                      "preparation.tdeThumbprintsOnInstance, or let the operator do it with "
                      "preparation.tdeCertificates: Migrate",
                      Named(), draft_.spec.managed_instance.name));
  }

  // Null: it is.
  const char* WhyNotExportable() const {
    if (certificate_ == nullptr) return "cannot be seen in master: grant the login CONTROL on it";
    if (certificate_->private_key == kByMasterKey) return nullptr;
    return certificate_->private_key == "PW"
               ? "has a private key under a password: put it under the master key"
               : "has no private key on this server";
  }

  bool IsExportable() const {
    const char* why = WhyNotExportable();
    if (why == nullptr) return true;
    Block(reason::kTdeCertificateNotExportable,
          fmt::format("it is encrypted (TDE) by {}, which {}; or upload it to managed instance {} "
                      "yourself and put the thumbprint into preparation.tdeThumbprintsOnInstance",
                      Named(), why, draft_.spec.managed_instance.name));
    return false;
  }

  void Migrate() const {
    const UploadTdeCertificate step{name_, certificate_->name, key_.thumbprint};
    if (IsUnderWay(step)) {
      draft_.prepared.Add(Severity::kProgressing, reason::kMigratingCertificate,
                          fmt::format("the managed instance is taking {}{}", Named(),
                                      Draft::WhyUnread(draft_.OperationOf(KeyOf(step)))),
                          name_);
    } else if (!draft_.MayCreate()) {
      draft_.prepared.Add(
          Severity::kWaiting, reason::kWaiting,
          fmt::format("waiting until both sides are ready; then: {}", Describe(step)), name_);
    } else {
      draft_.Propose(draft_.prepared, reason::kMigratingCertificate, step);
    }
  }

  // By an earlier pass, or in this one for another database.
  bool IsUnderWay(const UploadTdeCertificate& step) const {
    const std::string key = KeyOf(step);
    if (std::ranges::any_of(draft_.steps, [&](const Step& other) { return KeyOf(other) == key; })) {
      return true;
    }
    const OperationFact* running = draft_.OperationOf(key);
    if (running == nullptr || (running->state != azure::OperationState::kInProgress &&
                               running->state != azure::OperationState::kSucceeded)) {
      return false;
    }
    draft_.WakeAfter(running->state == azure::OperationState::kInProgress
                         ? std::chrono::duration_cast<Duration>(running->poll_at - draft_.seen.now)
                         : Duration(std::chrono::seconds(5)));
    return true;
  }

  void Block(const char* why, std::string message) const {
    draft_.prepared.Add(Severity::kBlocked, why, std::move(message), name_);
  }

  Draft& draft_;
  const DatabaseName& name_;
  const sql::DatabaseEncryption& key_;
  const sql::Certificate* certificate_;  // null: not visible
};

}  // namespace

void PlanEncryption(Draft& draft, const DatabaseView& view) {
  if (!view.database->encrypted) return;
  if (view.encryption == nullptr) {
    draft.prepared.Add(Severity::kUnknown, reason::kEncryptionNotRead,
                       "what protects the encrypted database has not been read yet",
                       view.names.name);
    draft.freshness.sql_all = true;
    draft.WantSql(std::chrono::seconds(5));
    return;
  }
  Encrypted(draft, view).Plan();
}

void TellTdeCertificatesLeft(Draft& draft) {
  for (const api::OwnedObject& entry : draft.stored.owned_objects) {
    if (entry.kind != kTdeCertificateKind) continue;
    draft.notes.push_back({true, reason::kLeftInPlace,
                           fmt::format("left encryption certificate {} on the managed instance: "
                                       "Azure has no way to take one away",
                                       entry.name)});
  }
}

}  // namespace milink::link
