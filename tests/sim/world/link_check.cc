// Everything that must be right before the two sides of a link can talk: reachability, encryption,
// certificates, names, versions, files.
#include <algorithm>

#include "core/base/text.h"
#include "tests/sim/world/link_dynamics.h"
#include "tests/sim/world/link_steps.h"
#include "tests/sim/world/outcome.h"
#include "tests/sim/world/x509.h"

namespace milink::sim {
namespace {

LinkProblem Final(std::string code, std::string message) {
  return {.error = {std::move(code), std::move(message)},
          .final = true,
          .sql_number = 0,
          .sql_text = {}};
}

LinkProblem Unreachable(const WorldState& world, int sql_number = 0, std::string sql_text = {}) {
  const auto minutes =
      std::chrono::duration_cast<std::chrono::minutes>(world.timings.connect_timeout).count();
  return {.error = {"ManagedInstanceLinkConnectivityIsNotEstablished",
                    "Operation was aborted as replication to Azure SQL Managed Instance did not "
                    "start within '" +
                        std::to_string(minutes) +
                        "' minutes since it was initiated. Please verify the network connectivity "
                        "and firewall rules are configured according to the guidelines described "
                        "at https://aka.ms/mi-link-troubleshooting, and retry the operation."},
          .final = false,
          .sql_number = sql_number,
          .sql_text = std::move(sql_text)};
}

LinkProblem NotResponding(int sql_number = 0, std::string sql_text = {}) {
  return {.error = {"CloudLifterChimeraAvailabilityGroupConnectionCannotBeEstablished",
                    "Connection with availability group cannot be established as it is not "
                    "responding. Possible causes could be nonexistence of availability group or "
                    "distributed availability group on the partner server, incorrectly specified "
                    "names or configuration parameters."},
          .final = false,
          .sql_number = sql_number,
          .sql_text = std::move(sql_text)};
}

bool ValidAt(const Certificate& certificate, TimePoint now) {
  return certificate.start_date <= now && now < certificate.expiry_date;
}

// Is the authority with this thumbprint in master, and at the end of the instance's chain?
bool HoldsAuthority(const WorldState& world, const SqlServerInstance& server,
                    const ManagedInstance& instance, const std::string& thumbprint) {
  const Certificate* const root = server.FindCertificateByThumbprint(thumbprint);
  if (root == nullptr || !ValidAt(*root, world.now)) {
    return false;
  }
  // Only of the simulated root is there a chain that can be followed for real.
  const bool simulated = thumbprint == ThumbprintOf(instance.root_der);
  return !simulated || ChainHolds(instance.endpoint_certificate_der,
                                  instance.issuing_certificate_der, root->der, world.now);
}

// Is it there, and allowed to vouch for the instance's name?
bool TrustsAuthority(const WorldState& world, const SqlServerInstance& server,
                     const ManagedInstance& instance, const std::string& thumbprint) {
  return HoldsAuthority(world, server, instance, thumbprint) &&
         std::ranges::any_of(server.FindCertificateByThumbprint(thumbprint)->issuer_of,
                             [&](const std::string& pattern) {
                               return MatchesDnsPattern(instance.Fqdn(), pattern);
                             });
}

// One of the authorities behind the instance's certificate, or all of them, as the switch says.
template <typename Predicate>
bool EnoughAuthorities(const WorldState& world, const ManagedInstance& instance,
                       Predicate trusted) {
  const std::vector<std::string>& authorities = instance.authority_thumbprints;
  return world.switches.one_authority_suffices ? std::ranges::any_of(authorities, trusted)
                                               : std::ranges::all_of(authorities, trusted);
}

LinkProblem CheckTrustInSqlServer(const WorldState& world, const SqlServerInstance& server,
                                  const ManagedInstance& instance) {
  const Certificate* const endpoint =
      server.FindCertificateById(server.endpoint ? server.endpoint->certificate_id : 0);
  const bool known =
      endpoint != nullptr && std::ranges::any_of(instance.trust_certificates, [&](const auto& c) {
        return c.thumbprint == endpoint->thumbprint;
      });
  if (!known || !UsesCertificate(server.endpoint->auth)) {
    return Final("ManagedInstanceLinkCertificateNotFoundOnManagedInstance",
                 "Managed instance link connection can not be established due to certificate "
                 "missing on the managed instance.");
  }
  if (!ValidAt(*endpoint, world.now)) {
    return Unreachable(world, 28'035,
                       MakeMessage(28'035, {"The certificate has expired", "89"}).text);
  }
  return {};
}

LinkProblem CheckTrustInInstance(const WorldState& world, const SqlServerInstance& server,
                                 const ManagedInstance& instance) {
  const Certificate* const imported = server.FindCertificate(instance.Fqdn());
  if (world.switches.own_certificate_required &&
      (imported == nullptr || imported->der != instance.endpoint_certificate_der)) {
    return Final("ManagedInstanceLinkCertificateNotFoundOnSqlServer",
                 "Managed instance link connection can not be established due to certificate "
                 "missing on the on-prem sql server.");
  }
  const auto trusted = [&](const std::string& thumbprint) {
    return TrustsAuthority(world, server, instance, thumbprint);
  };
  const bool enough = EnoughAuthorities(world, instance, trusted);
  const auto leaf = ReadCertificate(instance.endpoint_certificate_der);
  if (!leaf || leaf->not_after <= world.now) {
    return Unreachable(world, 28'035,
                       MakeMessage(28'035, {"The certificate has expired", "89"}).text);
  }
  if (!enough) {
    return Unreachable(
        world, 28'035,
        MakeMessage(28'035, {"A certificate chain could not be built to a trusted root", "93"})
            .text);
  }
  return {};
}

LinkProblem CheckNames(const ManagedInstance& instance, const Link& link,
                       const SqlServerInstance& server) {
  const AvailabilityGroup* const group = server.FindGroup(link.name);
  if (group == nullptr || !group->distributed) {
    return NotResponding();
  }
  bool partner = false;
  bool remote = false;
  std::string remote_url;
  for (const GroupReplica& member : group->replicas) {
    partner = partner || (member.local && server.SameName(member.server_name, link.partner_group));
    if (!member.local) {
      remote = server.SameName(member.server_name, link.instance_group);
      remote_url = member.endpoint_url;
    }
  }
  if (!partner || !remote) {
    return NotResponding();
  }
  const auto place = ParseTcpUrl(remote_url);
  if (!place || !EqualsIgnoreCaseAscii(place->host, instance.Fqdn())) {
    return NotResponding(35'201, "DNS Lookup failed with error '11001(No such host is known)'.");
  }
  if (!EqualsIgnoreCaseAscii(ServerPartOfUrl(remote_url), instance.name)) {
    return NotResponding(28'047,
                         "Tried to send redirect request but the redirect string is empty.");
  }
  return {};
}

// 13 = SQL Server 2016 .. 17 = 2025; the newest format that an update policy reads.
int NewestMajorOf(const std::string& database_format) {
  if (database_format == "SQLServer2022") {
    return 16;
  }
  return database_format == "SQLServer2025" ? 17 : 99;
}

LinkProblem CheckVersions(const ManagedInstance& instance, const Link& link,
                          const SqlServerInstance& server) {
  const int newest = NewestMajorOf(instance.database_format);
  if (server.MajorVersion() > newest) {
    return Final("ManagedInstanceRestoreToInstanceWithOlderVersionEdition",
                 "Restore operation cannot be performed because database format of the source "
                 "instance is not compatible with the database format of the destination "
                 "instance. See https://go.microsoft.com/fwlink/?linkid=2251601 for more "
                 "details.");
  }
  if (link.failover_mode == "Manual" && server.MajorVersion() != newest) {
    return Final("CloudLifterChimeraBoxAndMiOnDifferentDbVersionsFailoverModeManual",
                 "The link supporting bi-directional failover requires matching database formats "
                 "on source and target server.");
  }
  return {};
}

LinkProblem CheckFiles(const Database& database) {
  const auto count = [&](FileType type) {
    return std::ranges::count(database.files, type, &DatabaseFile::type);
  };
  if (count(FileType::kLog) > 1) {
    return Final("ManagedInstanceLinkSourceDbHasMultipleLogFiles",
                 "Source database on SQL Server needs to have a single log file instead of "
                 "multiple log files for data replication to Azure SQL Managed Instance. Consider "
                 "using a single log file on the source database and try again.");
  }
  if (count(FileType::kFilestream) > 0) {
    return Final("ManagedInstanceLinkSourceDbHasFilestream",
                 "Source database on SQL Server must not use FileStream or FileTables for data "
                 "replication to Azure SQL Managed Instance.");
  }
  if (count(FileType::kFulltext) > 0) {
    return Final("ManagedInstanceLinkSourceDbHasFulltextFiles",
                 "Source database on SQL Server must not contain full-text catalog files for data "
                 "replication to Azure SQL Managed Instance.");
  }
  if (std::ranges::count(database.files, FileState::kDefunct, &DatabaseFile::state) > 0) {
    return Final("ManagedInstanceLinkSourceDbHasDefunctFiles",
                 "Source database '" + database.name +
                     "' on SQL Server must not contain files in DEFUNCT state for data "
                     "replication to Azure SQL Managed Instance to work.");
  }
  return {};
}

// Of a copy that exists already, the log tells (link_seeding.cc).
LinkProblem CheckProtector(const WorldState& world, const ManagedInstance& instance,
                           const Link& link, const Database& database) {
  if (link.stage != LinkStage::kEstablished &&
      !world.switches.missing_tde_certificate_fails_seeding && LacksProtector(instance, database)) {
    return Final("ManagedInstanceLinkTdeCertificateMissing",
                 "Azure SQL Managed Instance link cannot be created with source database on SQL "
                 "Server, because the database is using Transparent Data Encryption (TDE) and the "
                 "destination managed instance does not have the encryption key for this "
                 "database.");
  }
  return {};
}

LinkProblem CheckDatabases(const WorldState& world, const ManagedInstance& instance,
                           const Link& link, const SqlServerInstance& server) {
  const AvailabilityGroup* const local = server.FindGroup(link.partner_group);
  for (const LinkDatabase& linked : link.databases) {
    const bool in_group =
        local != nullptr && std::ranges::any_of(local->databases, [&](const GroupDatabase& d) {
          return server.SameName(d.database_name, linked.name);
        });
    const Database* const database = server.FindDatabase(linked.name);
    if (!in_group || database == nullptr) {
      return {.error = {"CloudLifterChimeraEstablishDbConnectionNotEstablished",
                        "Connection with availability group is established, but there is no "
                        "response from the target database. Possible causes could be errors with "
                        "creating a database on the partner server, incorrectly specified names "
                        "or configuration parameters."},
              .final = false,
              .sql_number = 0,
              .sql_text = {}};
    }
    for (LinkProblem problem :
         {CheckFiles(*database), CheckProtector(world, instance, link, *database)}) {
      if (problem.any()) {
        return problem;
      }
    }
  }
  return {};
}

}  // namespace

bool ChainValidated(const WorldState& world, const SqlServerInstance& server,
                    const Certificate& certificate) {
  if (!world.switches.revocation_data_reachable || !ValidAt(certificate, world.now)) {
    return false;
  }
  if (certificate.issuer == certificate.subject) {
    return true;
  }
  const auto owner = std::ranges::find_if(world.managed_instances, [&](const auto& instance) {
    return instance->endpoint_certificate_der == certificate.der;
  });
  return owner != world.managed_instances.end() &&
         EnoughAuthorities(world, **owner, [&](const std::string& thumbprint) {
           return world.switches.chain_check_needs_issuer_entry
                      ? TrustsAuthority(world, server, **owner, thumbprint)
                      : HoldsAuthority(world, server, **owner, thumbprint);
         });
}

bool EndpointCertificateValid(const WorldState& world, const SqlServerInstance& server) {
  const Certificate* const shown =
      server.FindCertificateById(server.endpoint ? server.endpoint->certificate_id : 0);
  return shown != nullptr && ValidAt(*shown, world.now);
}

LinkProblem CheckLink(WorldState& world, const ManagedInstance& instance, const Link& link) {
  const auto place = ParseTcpUrl(link.partner_endpoint);
  if (!place || world.network.IsCut(instance.Fqdn()) ||
      world.network.IsBlocked({ToLowerAscii(instance.Fqdn()), 5022}) ||
      world.network.Connect(*place) != ConnectResult::kConnected) {
    return Unreachable(world);
  }
  const auto owner = world.network.OwnerOf(*place);
  const SqlServerInstance* const server = owner ? world.FindInstance(*owner) : nullptr;
  if (server == nullptr || !server->endpoint) {
    return Unreachable(world);
  }
  if (!RequiresEncryption(server->endpoint->encryption)) {
    return Final("CloudLifterChimeraOnpremEndpointEncryptionNotEnabled",
                 "Managed Instance link creation failed because encryption is not enabled on the "
                 "on-premises SQL Server endpoint. Enable encryption on the database mirroring "
                 "endpoint and try again.");
  }
  for (LinkProblem problem :
       {CheckTrustInSqlServer(world, *server, instance),
        CheckTrustInInstance(world, *server, instance), CheckNames(instance, link, *server),
        CheckVersions(instance, link, *server), CheckDatabases(world, instance, link, *server)}) {
    if (problem.any()) {
      return problem;
    }
  }
  return {};
}

}  // namespace milink::sim
