// What a SQL Server build and edition can do for a link. Pure.
//
// Build numbers of different servicing branches are not comparable: a security fix on an old branch
// is newer in date and lacks the features. Facts: VERSIONS 1-3 and 6.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace milink::sql {

struct ProductVersion {
  int major = 0;  // 13 = 2016, 14 = 2017, 15 = 2019, 16 = 2022, 17 = 2025
  int minor = 0;
  int build = 0;
  int revision = 0;

  bool operator==(const ProductVersion&) const = default;
};

// "16.0.4125.3". Nothing unless it is four numbers.
std::optional<ProductVersion> ParseProductVersion(std::string_view text);

struct Capabilities {
  bool one_way_link = false;              // SQL Server to managed instance
  bool managed_instance_primary = false;  // a link may begin on the instance and fail back
  bool tsql_failover = false;             // ALTER AVAILABILITY GROUP .. FAILOVER on the link
  bool linux_host = false;                // the link is supported on Linux with this build
  bool cluster_type_clause = false;       // grammar and columns of 2017
  bool contained_groups = false;          // sys.availability_groups.is_contained may be read
  bool chain_validation = false;          // sp_validate_certificate_ca_chain
  bool multi_database_link = false;       // one link for several databases, a preview
  bool windows_cluster = false;           // 2016: groups exist only on a failover cluster's node

  bool operator==(const Capabilities&) const = default;
};

enum class LinkSupport {
  kSupported,
  kLegacy,  // accepted with a warning: an older minimum that is not supported any more
  kUnsupportedBuild,
  kUnsupportedEdition,
  kUnsupportedHost,  // this build on Linux
  kManagedInstance,  // the other side of a link, not a SQL Server
  kUnknownVersion,
};

struct VersionReport {
  LinkSupport support = LinkSupport::kUnknownVersion;
  Capabilities capabilities;  // all false unless supported or legacy, the grammar ones apart
  std::string message;        // for people: what is wrong and what to install; empty when supported
};

struct InstanceBuild {
  std::string product_version;
  int engine_edition = 0;
  std::string edition;        // "Standard Edition (64-bit)"; empty: not known, not checked
  std::string host_platform;  // "Windows", "Linux"; empty: not known, not checked
  std::string update_level;   // "CU13"; empty: none, or not known
};

VersionReport CheckVersion(const InstanceBuild& build);

}  // namespace milink::sql
