#include "core/sql/version.h"

#include <array>
#include <charconv>
#include <cstddef>

#include "core/base/text.h"

namespace milink::sql {
namespace {

// EngineEdition of SERVERPROPERTY.
constexpr int kStandardEngine = 2;  // also Web and Business Intelligence
constexpr int kEnterpriseEngine = 3;
constexpr int kExpressEngine = 4;
constexpr int kManagedInstanceEngine = 8;

// First builds with a feature.
constexpr int kAzureConnect2016 = 7000;
constexpr int kAzureConnect2017 = 3490;
constexpr int kLegacy2019 = 4198;          // CU15, the first minimum; CU20 is the present one
constexpr int kLegacyStandard2019 = 4249;  // CU17: Standard has distributed groups since then
constexpr int kMinimum2019 = 4312;         // CU20
constexpr int kCu5Of2022 = 4045;
constexpr int kCu10Of2022 = 4095;
constexpr int kCu13Of2022 = 4125;
constexpr int kRelease = 1000;
constexpr int kFirstCumulative = 4000;  // of 2022 and 2025: below lie release and security fixes
// Links of several databases are announced by update; the builds are not published yet.
constexpr int kMultiDatabase2022 = 27;
constexpr int kMultiDatabase2025 = 9;

struct Rule {
  int major;
  std::string_view product;
  int minimum;          // build
  int legacy;           // accepted with a warning from here; 0: none
  int legacy_standard;  // the same of Standard
  std::string_view remedy;
};

constexpr std::array<Rule, 5> kRules = {{
    {13, "SQL Server 2016", kAzureConnect2016, 0, 0,
     "install Service Pack 3 and the Azure Connect pack (KB5014242)"},
    {14, "SQL Server 2017", kAzureConnect2017, 0, 0,
     "install CU31 and the Azure Connect pack (KB5050533)"},
    {15, "SQL Server 2019", kMinimum2019, kLegacy2019, kLegacyStandard2019,
     "install CU20 (KB5024276) or later"},
    {16, "SQL Server 2022", kRelease, 0, 0, "install the released version"},
    {17, "SQL Server 2025", kRelease, 0, 0, "install the released version"},
}};

const Rule* FindRule(int major) {
  for (const auto& rule : kRules) {
    if (rule.major == major) {
      return &rule;
    }
  }
  return nullptr;
}

// What follows from the grammar of the version alone.
Capabilities GrammarOf(const ProductVersion& version) {
  Capabilities out;
  out.cluster_type_clause = version.major >= 14;
  out.contained_groups = version.major >= 16;
  out.windows_cluster = version.major == 13;
  return out;
}

// 13 of "CU13"; 0 for anything else.
int CumulativeUpdate(std::string_view level) {
  int number = 0;
  if (level.starts_with("CU")) {
    std::from_chars(level.data() + 2, level.data() + level.size(), number);
  }
  return number;
}

bool CarriesMultiDatabaseLinks(const ProductVersion& version, const InstanceBuild& build) {
  const int since = version.major == 16 ? kMultiDatabase2022 : kMultiDatabase2025;
  return version.major >= 16 && version.build >= kFirstCumulative &&
         CumulativeUpdate(build.update_level) >= since && build.engine_edition == kEnterpriseEngine;
}

Capabilities CapabilitiesOf(const ProductVersion& version, const InstanceBuild& build) {
  Capabilities out = GrammarOf(version);
  out.one_way_link = true;
  const bool is_2022 = version.major == 16;
  const bool is_2025 = version.major >= 17;
  out.managed_instance_primary = is_2025 || (is_2022 && version.build >= kCu10Of2022);
  out.chain_validation = is_2025 || (is_2022 && version.build >= kCu5Of2022);
  out.tsql_failover = is_2025 || (is_2022 && version.build >= kCu13Of2022);
  const bool legacy_2019 = version.major == 15 && version.build < kMinimum2019;
  out.linux_host = version.major >= 14 && !legacy_2019;
  out.multi_database_link = CarriesMultiDatabaseLinks(version, build);
  return out;
}

// Empty when the edition carries a link.
std::string EditionProblem(const InstanceBuild& build) {
  const std::string name = build.edition.empty()
                               ? "engine edition " + std::to_string(build.engine_edition)
                               : build.edition;
  const std::string edition = ToLowerAscii(build.edition);
  const bool web_or_bi = build.engine_edition == kStandardEngine &&
                         (edition.starts_with("web") || edition.starts_with("business"));
  const bool carries_link =
      build.engine_edition == kStandardEngine || build.engine_edition == kEnterpriseEngine;
  if (carries_link && !web_or_bi) {
    return "";
  }
  std::string problem = "the edition '" + name + "' has no Managed Instance link";
  if (build.engine_edition == kExpressEngine) {
    problem += " (Always On availability groups are not part of Express)";
  }
  return problem + "; use Standard, Enterprise or Developer";
}

VersionReport Refuse(LinkSupport support, const Capabilities& grammar, std::string message) {
  return VersionReport{support, grammar, std::move(message)};
}

}  // namespace

std::optional<ProductVersion> ParseProductVersion(std::string_view text) {
  std::array<int, 4> numbers{};
  const auto parts = Split(text, '.');
  if (parts.size() != numbers.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::string& part = parts[i];
    const char* const end = part.data() + part.size();
    const auto [stop, error] = std::from_chars(part.data(), end, numbers[i]);
    if (error != std::errc() || stop != end || numbers[i] < 0) {
      return std::nullopt;
    }
  }
  return ProductVersion{numbers[0], numbers[1], numbers[2], numbers[3]};
}

VersionReport CheckVersion(const InstanceBuild& build) {
  if (build.engine_edition == kManagedInstanceEngine) {
    return Refuse(LinkSupport::kManagedInstance, {},
                  "this is an Azure SQL Managed Instance, not a SQL Server; give the address of "
                  "the SQL Server and name the instance in the link");
  }
  const auto version = ParseProductVersion(build.product_version);
  const Rule* rule = version ? FindRule(version->major) : nullptr;
  if (rule == nullptr) {
    return Refuse(LinkSupport::kUnknownVersion, {},
                  "version '" + build.product_version +
                      "' is not one that carries a Managed Instance link; use SQL Server 2016 "
                      "or later with the update for the link");
  }
  const Capabilities grammar = GrammarOf(*version);
  const auto since = [&](int first) { return first != 0 && version->build >= first; };
  const bool standard = build.engine_edition == kStandardEngine;
  const bool legacy = since(standard ? rule->legacy_standard : rule->legacy);
  if (version->build < rule->minimum && !legacy) {
    return Refuse(LinkSupport::kUnsupportedBuild, grammar,
                  std::string(rule->product) + " build " + build.product_version +
                      " has no Managed Instance link" +
                      (since(rule->legacy) ? " in this edition; " : "; ") +
                      std::string(rule->remedy));
  }
  if (std::string problem = EditionProblem(build); !problem.empty()) {
    return Refuse(LinkSupport::kUnsupportedEdition, grammar, std::move(problem));
  }
  VersionReport report{LinkSupport::kSupported, CapabilitiesOf(*version, build), ""};
  if (build.host_platform == "Linux" && !report.capabilities.linux_host) {
    return Refuse(LinkSupport::kUnsupportedHost, grammar,
                  std::string(rule->product) + " build " + build.product_version +
                      " carries the link on Windows only; " +
                      (legacy ? std::string(rule->remedy) + ", or use Windows" : "use Windows"));
  }
  if (version->build < rule->minimum) {
    report.support = LinkSupport::kLegacy;
    report.message = std::string(rule->product) + " build " + build.product_version +
                     " is below the supported minimum; " + std::string(rule->remedy);
  }
  return report;
}

}  // namespace milink::sql
