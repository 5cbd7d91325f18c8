#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"
#include "core/api/error_reasons.h"
#include "core/base/text.h"

namespace milink::link {
namespace {

constexpr char kCertificateProtector[] = "CERTIFICATE";
constexpr char kByMasterKey[] = "MK";  // the only form in which the engine itself can open it

constexpr std::size_t kThumbprintLength = 40;

// The instance lacks a certificate of encryption. Source: LINK-LIFECYCLE P8.
bool IsCertificateMissing(int error) { return error == 33'111 || error == 41'923; }

// A message may name what is missing; one that names another certificate is not about this one.
bool IsAbout(const std::string& message, const std::string& thumbprint) {
  const std::string text = ToUpperAscii(message);
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::size_t at = text.find_first_of(kDigits);
  while (at != std::string::npos) {
    const std::size_t end = std::min(text.find_first_not_of(kDigits, at), text.size());
    if (end - at == kThumbprintLength) return text.compare(at, end - at, thumbprint) == 0;
    at = text.find_first_of(kDigits, end);
  }
  return true;
}

// What the two systems say of a linked database, in numbers. Azure keeps its text in the form of
// one: "41923".
bool CopyLacksCertificate(const DatabaseView& view) {
  const auto lacks = [&](const azure::LinkDatabase& database) {
    const std::string& text = database.most_recent_link_error;
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return SameName(database.name, view.names.name.str()) && IsCertificateMissing(number);
  };
  return view.link != nullptr && !view.Replicating() &&
         std::ranges::any_of(view.link->databases, lacks);
}

// One encrypted database that shall be linked, or is.
class Encrypted {
 public:
  Encrypted(Draft& draft, const DatabaseView& view)
      : draft_(draft),
        view_(view),
        topic_(view.Linked() && view.Replicating() ? draft.upkeep : draft.prepared),
        name_(view.names.name),
        key_(*view.encryption),
        certificate_(draft.seen.sql->FindCertificateByThumbprint(key_.thumbprint)) {}

  void Plan() const {
    // A person may correct it out of our sight, and the next try tells.
    if (const StepFailure* failure = RefusedCreation(); failure != nullptr) {
      draft_.WakeAfter(std::chrono::duration_cast<Duration>(failure->retry_at - draft_.seen.now));
    }
    if (key_.protector_type != kCertificateProtector) {
      RefuseProtector();
    } else if (IsListed()) {
      if (IsSaidToBeMissing()) RefuseList();
    } else if (IsUploaded() && !MayBeGone()) {
      return;
    } else if (!draft_.spec.preparation.migrate_tde_certificates) {
      Require();
    } else if (IsExportable()) {
      Migrate();
    }
  }

 private:
  void RefuseProtector() const {
    Block(reason::kTdeProtectorUnsupported,
          fmt::format("{} {} {}{}, and managed instance {} takes certificates "
                      "with their private keys only; protect it with a certificate (ALTER DATABASE "
                      "ENCRYPTION KEY ENCRYPTION BY SERVER CERTIFICATE), or decrypt it",
                      Beginning(), ToLowerAscii(key_.protector_type),
                      key_.asymmetric_key.empty() ? key_.thumbprint : key_.asymmetric_key,
                      key_.external_provider ? " of a key vault or another external provider" : "",
                      draft_.spec.managed_instance.name));
  }

  // Azure does not show what was uploaded: people's word and our own journals tell.
  bool IsListed() const {
    const auto& listed = draft_.spec.preparation.tde_thumbprints;
    return std::ranges::find(listed, key_.thumbprint) != listed.end();
  }

  bool IsUploaded() const {
    const auto by_us = [&](const api::ManagedInstanceLink& other) {
      return SameInstance(draft_.spec, other.spec) && Holds(other.status.owned_objects);
    };
    return Holds(draft_.entries) || std::ranges::any_of(draft_.seen.others, [&](const auto& other) {
             return by_us(*other);
           });
  }

  bool Holds(const std::vector<api::OwnedObject>& journal) const {
    return std::ranges::any_of(journal, [&](const api::OwnedObject& entry) {
      return entry.kind == kTdeCertificateKind && entry.name == key_.thumbprint &&
             entry.state == api::OwnedState::kCreated;
    });
  }

  // Azure would not make the link for want of this certificate; null: it has not said so.
  const StepFailure* RefusedCreation() const {
    const CreateLink step{name_, view_.names.distributed_availability_group, {}, {}, {}, {}};
    const StepFailure* failure = draft_.Holding(KeyOf(step));
    const bool lacks = failure != nullptr &&
                       failure->error.reason == reason::kTdeCertificateMissing &&
                       IsAbout(failure->error.message, key_.thumbprint);
    return lacks ? failure : nullptr;
  }

  // An instance that was made anew under its name, or restored, holds nothing of what it was given.
  bool IsSaidToBeMissing() const {
    const bool seeding_failed = view_.link != nullptr && view_.seeding != nullptr &&
                                view_.seeding->state == "FAILED" &&
                                IsCertificateMissing(view_.seeding->error_code) &&
                                IsAbout(view_.seeding->failure_message, key_.thumbprint);
    return RefusedCreation() != nullptr || seeding_failed || CopyLacksCertificate(view_);
  }

  // Says so, and not of the time before our last upload.
  bool MayBeGone() const {
    const auto& uploads = draft_.seen.facts.tde_uploads;
    const auto last = uploads.find(key_.thumbprint);
    return IsSaidToBeMissing() &&
           (last == uploads.end() || last->second.again_at <= draft_.seen.now);
  }

  std::string Beginning() const {
    return &topic_ == &draft_.upkeep ? "it replicates still, but it is encrypted (TDE) by"
                                     : "it is encrypted (TDE) by";
  }

  std::string Named() const {
    return certificate_ == nullptr
               ? fmt::format("a certificate of the thumbprint {}", key_.thumbprint)
               : fmt::format("certificate {} (thumbprint {})", certificate_->name.str(),
                             key_.thumbprint);
  }

  void RefuseList() const {
    Block(reason::kTdeCertificateMissing,
          fmt::format("{} {}, which preparation.tdeThumbprintsOnInstance lists, and managed "
                      "instance {} says that it does not have it; upload certificate and private "
                      "key there, or take the thumbprint out of that list and let the operator do "
                      "it with preparation.tdeCertificates: Migrate",
                      Beginning(), Named(), draft_.spec.managed_instance.name));
  }

  void Require() const {
    Block(reason::kDatabaseEncrypted,
          fmt::format("{} {}, without which managed instance {} cannot read "
                      "it; upload certificate and private key there and put the thumbprint into "
                      "preparation.tdeThumbprintsOnInstance, or let the operator do it with "
                      "preparation.tdeCertificates: Migrate",
                      Beginning(), Named(), draft_.spec.managed_instance.name));
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
          fmt::format("{} {}, which {}; or upload it to managed instance {} "
                      "yourself and put the thumbprint into preparation.tdeThumbprintsOnInstance",
                      Beginning(), Named(), why, draft_.spec.managed_instance.name));
    return false;
  }

  void Migrate() const {
    const UploadTdeCertificate step{name_, certificate_->name, key_.thumbprint};
    if (IsUnderWay(step)) {
      topic_.Add(Severity::kProgressing, reason::kMigratingCertificate,
                 fmt::format("the managed instance is taking {}{}", Named(),
                             Draft::WhyUnread(draft_.OperationOf(KeyOf(step)))),
                 name_);
    } else if (!draft_.MayCreate()) {
      topic_.Add(Severity::kWaiting, reason::kWaiting,
                 fmt::format("waiting until both sides are ready; then: {}", Describe(step)),
                 name_);
    } else {
      draft_.Propose(topic_, reason::kMigratingCertificate, step);
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
    topic_.Add(Severity::kBlocked, why, std::move(message), name_);
  }

  Draft& draft_;
  const DatabaseView& view_;
  Topic& topic_;
  const DatabaseName& name_;
  const sql::DatabaseEncryption& key_;
  const sql::Certificate* certificate_;  // null: not visible
};

// The key may have been given to another certificate since that was read.
void ReadProtectorAgain(Draft& draft) {
  constexpr auto kOften = std::chrono::minutes(1);
  const auto since = draft.seen.now - draft.seen.sql->slow_read_at;
  if (since < kOften) {
    draft.WakeAfter(std::chrono::duration_cast<Duration>(kOften - since));
    return;
  }
  draft.freshness.sql_all = true;
  draft.WantSql(std::chrono::seconds(5));
}

// Switched off, it takes as long as switching it on did, and the key is needed until then.
bool IsEncrypted(const DatabaseView& view) {
  constexpr int kUnencrypted = 1;
  return view.database->encrypted ||
         (view.encryption != nullptr && view.encryption->state > kUnencrypted);
}

}  // namespace

void PlanEncryption(Draft& draft, const DatabaseView& view) {
  if (!IsEncrypted(view)) return;
  if (view.encryption == nullptr) {
    Topic& topic = view.Linked() && view.Replicating() ? draft.upkeep : draft.prepared;
    topic.Add(Severity::kUnknown, reason::kEncryptionNotRead,
              "what protects the encrypted database has not been read yet; it must be online",
              view.names.name);
    ReadProtectorAgain(draft);
    return;
  }
  if (CopyLacksCertificate(view)) ReadProtectorAgain(draft);
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
