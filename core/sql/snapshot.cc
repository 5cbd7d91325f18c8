#include "core/sql/snapshot.h"

#include <algorithm>

#include "core/base/text.h"

namespace milink::sql {
namespace {

template <typename T, typename Name>
const T* FindByName(const std::vector<T>& items, const Name& name) {
  const auto found = std::ranges::find_if(
      items, [&](const T& item) { return EqualsIgnoreCaseAscii(item.name.str(), name.str()); });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

const Certificate* InstanceSnapshot::FindCertificate(const CertificateName& name) const {
  return FindByName(certificates, name);
}

const Certificate* InstanceSnapshot::FindCertificateByThumbprint(
    const std::string& thumbprint) const {
  const auto found = std::ranges::find_if(certificates, [&](const Certificate& certificate) {
    return EqualsIgnoreCaseAscii(certificate.thumbprint, thumbprint);
  });
  return found == certificates.end() ? nullptr : &*found;
}

const AvailabilityGroup* InstanceSnapshot::FindGroup(const GroupName& name) const {
  return FindByName(groups, name);
}

const Database* InstanceSnapshot::FindDatabase(const DatabaseName& name) const {
  return FindByName(databases, name);
}

const DatabaseFiles* InstanceSnapshot::FindFiles(const DatabaseName& name) const {
  const auto found = std::ranges::find_if(files, [&](const auto& entry) {
    return EqualsIgnoreCaseAscii(entry.first.str(), name.str());
  });
  return found == files.end() ? nullptr : &found->second;
}

bool SameContents(const InstanceSnapshot& a, const InstanceSnapshot& b) {
  return a.properties == b.properties && a.master_key == b.master_key &&
         a.certificates == b.certificates && a.endpoints == b.endpoints && a.groups == b.groups &&
         a.database_states == b.database_states && a.seedings == b.seedings &&
         a.databases == b.databases && a.files == b.files;
}

}  // namespace milink::sql
