#include "tests/sim/world/sql_server.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace milink::sim {
namespace {

// Find in a vector by a predicate on the element; null when absent.
template <typename Vector, typename Predicate>
auto* FindIn(Vector& items, Predicate predicate) {
  const auto it = std::ranges::find_if(items, predicate);
  return it == items.end() ? nullptr : &*it;
}

bool IgnoresCase(const std::string& collation) {
  const std::string upper = ToUpperAscii(collation);
  return upper.find("_CS_") == std::string::npos && upper.find("_BIN") == std::string::npos;
}

}  // namespace

int SqlServerInstance::MajorVersion() const { return std::atoi(product_version.c_str()); }

bool SqlServerInstance::ValidatesChains() const {
  constexpr int kCu5Of2022 = 4045;
  const auto parts = Split(product_version, '.');
  const int build = parts.size() > 2 ? std::atoi(parts[2].c_str()) : 0;
  return MajorVersion() > 16 || (MajorVersion() == 16 && build >= kCu5Of2022);
}

bool SqlServerInstance::SameName(std::string_view a, std::string_view b) const {
  // The collation is read for names that differ in nothing but case: this runs very often.
  return a == b || (EqualsIgnoreCaseAscii(a, b) && IgnoresCase(collation));
}

const Certificate* SqlServerInstance::FindCertificate(std::string_view name) const {
  return FindIn(certificates, [&](const Certificate& c) { return SameName(c.name, name); });
}
Certificate* SqlServerInstance::FindCertificate(std::string_view name) {
  return FindIn(certificates, [&](const Certificate& c) { return SameName(c.name, name); });
}
const Certificate* SqlServerInstance::FindCertificateById(int id) const {
  return FindIn(certificates, [&](const Certificate& c) { return c.certificate_id == id; });
}
const Certificate* SqlServerInstance::FindCertificateByThumbprint(
    std::string_view thumbprint) const {
  return FindIn(certificates, [&](const Certificate& c) { return c.thumbprint == thumbprint; });
}
const Database* SqlServerInstance::FindDatabase(std::string_view name) const {
  return FindIn(databases, [&](const Database& d) { return SameName(d.name, name); });
}
Database* SqlServerInstance::FindDatabase(std::string_view name) {
  return FindIn(databases, [&](const Database& d) { return SameName(d.name, name); });
}
const AvailabilityGroup* SqlServerInstance::FindGroup(std::string_view name) const {
  return FindIn(groups, [&](const AvailabilityGroup& g) { return SameName(g.name, name); });
}
AvailabilityGroup* SqlServerInstance::FindGroup(std::string_view name) {
  return FindIn(groups, [&](const AvailabilityGroup& g) { return SameName(g.name, name); });
}
const AvailabilityGroup* SqlServerInstance::FindGroupById(std::string_view group_id) const {
  return FindIn(groups, [&](const AvailabilityGroup& g) { return g.group_id == group_id; });
}
const AvailabilityGroup* SqlServerInstance::GroupOfDatabase(std::string_view database) const {
  return FindIn(groups, [&](const AvailabilityGroup& g) {
    return std::ranges::any_of(
        g.databases, [&](const GroupDatabase& d) { return SameName(d.database_name, database); });
  });
}
const Login* SqlServerInstance::FindLogin(std::string_view name) const {
  // Names of logins compare by the server's collation too.
  return FindIn(logins, [&](const Login& l) { return SameName(l.name, name); });
}

bool SqlServerInstance::ClusterAccountHasRights() const {
  return std::ranges::all_of(
      std::array{"ALTER ANY AVAILABILITY GROUP", "CONNECT SQL", "VIEW SERVER STATE"},
      [&](const char* right) { return cluster_account_rights.contains(right); });
}

std::string LsnText(std::uint64_t log_offset) {
  constexpr std::uint64_t kVlfBytes = 64ULL << 20;
  constexpr std::uint64_t kBlockBytes = 512;
  constexpr std::uint64_t kFirstVlf = 37;
  const std::uint64_t vlf = kFirstVlf + log_offset / kVlfBytes;
  const std::uint64_t block = 16 + (log_offset % kVlfBytes) / kBlockBytes;
  return std::to_string(vlf * 1'000'000'000'000'000ULL + block * 100'000ULL + 1);
}

}  // namespace milink::sim
