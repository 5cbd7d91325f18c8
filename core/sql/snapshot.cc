#include "core/sql/snapshot.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/base/text.h"

namespace milink::sql {
namespace {

// The marks stand between underscores or at the end: "Latin1_General_100_CS_AS_SC", "Latin1_BIN2".
bool CaseSensitive(std::string_view collation) {
  return collation.find("_CS_") != std::string_view::npos || collation.ends_with("_BIN") ||
         collation.ends_with("_BIN2") || collation.find("_BIN2_") != std::string_view::npos;
}

bool SameName(const InstanceProperties& instance, const std::string& a, const std::string& b) {
  return CaseSensitive(instance.collation) ? a == b : EqualsIgnoreCaseAscii(a, b);
}

template <typename T, typename Name>
const T* FindByName(const InstanceProperties& instance, const std::vector<T>& items,
                    const Name& name) {
  const auto found = std::ranges::find_if(
      items, [&](const T& item) { return SameName(instance, item.name.str(), name.str()); });
  return found == items.end() ? nullptr : &*found;
}

struct Bucket {
  std::int64_t below;  // seconds
  std::string_view name;
};
constexpr std::array<Bucket, 4> kBuckets = {
    {{10, "<10s"}, {60, "<1m"}, {300, "<5m"}, {3600, "<1h"}}};

bool SameState(const DatabaseReplicaState& a, const DatabaseReplicaState& b) {
  DatabaseReplicaState other = b;
  other.lag_seconds = a.lag_seconds;
  other.log_send_queue_kb = a.log_send_queue_kb;
  other.redo_queue_kb = a.redo_queue_kb;
  other.last_hardened_lsn = a.last_hardened_lsn;
  return a == other && LagBucket(a.lag_seconds) == LagBucket(b.lag_seconds);
}

bool SameSeeding(const Seeding& a, const Seeding& b) {
  Seeding other = b;
  other.transferred_bytes = a.transferred_bytes;
  return a == other && TransferredPercent(a) == TransferredPercent(b);
}

bool SameDatabase(const Database& a, const Database& b) {
  Database other = b;
  other.log_used_percent = a.log_used_percent;
  return a == other;
}

}  // namespace

std::string LagBucket(std::optional<std::int64_t> lag_seconds) {
  if (!lag_seconds || *lag_seconds < 0) {
    return {};
  }
  const auto* bucket = std::ranges::find_if(
      kBuckets, [&](const Bucket& candidate) { return *lag_seconds < candidate.below; });
  return bucket == kBuckets.end() ? ">1h" : std::string(bucket->name);
}

int TransferredPercent(const Seeding& seeding) {
  if (seeding.database_bytes <= 0) {
    return 0;
  }
  const double share =
      static_cast<double>(seeding.transferred_bytes) / static_cast<double>(seeding.database_bytes);
  return static_cast<int>(std::clamp(share * 100.0, 0.0, 100.0));
}

const Certificate* InstanceSnapshot::FindCertificate(const CertificateName& name) const {
  return FindByName(properties, certificates, name);
}

const Certificate* InstanceSnapshot::FindCertificateByThumbprint(
    const std::string& thumbprint) const {
  const auto found = std::ranges::find_if(certificates, [&](const Certificate& certificate) {
    return EqualsIgnoreCaseAscii(certificate.thumbprint, thumbprint);
  });
  return found == certificates.end() ? nullptr : &*found;
}

const AvailabilityGroup* InstanceSnapshot::FindGroup(const GroupName& name) const {
  return FindByName(properties, groups, name);
}

const Database* InstanceSnapshot::FindDatabase(const DatabaseName& name) const {
  return FindByName(properties, databases, name);
}

const DatabaseFiles* InstanceSnapshot::FindFiles(const DatabaseName& name) const {
  const auto found = std::ranges::find_if(files, [&](const auto& entry) {
    return SameName(properties, entry.first.str(), name.str());
  });
  return found == files.end() ? nullptr : &found->second;
}

const DatabaseEncryption* InstanceSnapshot::FindEncryption(const DatabaseName& name) const {
  const auto found = std::ranges::find_if(encryptions, [&](const auto& entry) {
    return SameName(properties, entry.first.str(), name.str());
  });
  return found == encryptions.end() ? nullptr : &found->second;
}

bool SameContents(const InstanceSnapshot& a, const InstanceSnapshot& b) {
  return a.properties == b.properties && a.master_key == b.master_key &&
         a.certificates == b.certificates && a.endpoints == b.endpoints && a.groups == b.groups &&
         std::ranges::equal(a.database_states, b.database_states, SameState) &&
         std::ranges::equal(a.seedings, b.seedings, SameSeeding) &&
         std::ranges::equal(a.databases, b.databases, SameDatabase) && a.files == b.files &&
         a.encryptions == b.encryptions;
}

}  // namespace milink::sql
