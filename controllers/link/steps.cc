#include "controllers/link/steps.h"

#include <fmt/format.h>

#include "core/base/digest.h"
#include "core/base/text.h"

namespace milink::link {
namespace {

constexpr std::string_view kSql = "SqlServer";
constexpr std::string_view kInstance = "ManagedInstance";

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

ObjectRef Ref(std::string_view side, std::string_view kind, const std::string& name) {
  return {std::string(side), std::string(kind), name};
}

std::string DescribeChain(const ValidateChain& step) {
  return fmt::format("let SQL Server validate the chain of certificate {}", step.certificate.str());
}

std::string DescribeTest(const TestNetwork& step) {
  std::vector<std::string> places;
  for (const auto& target : step.targets) {
    places.push_back(fmt::format("{}:{}", target.host, target.port));
  }
  switch (step.probe) {
    case NetworkProbe::kRules:
      return "read the security rules of the managed instance's subnet";
    case NetworkProbe::kNode:
      return "ask the managed instance for the node of its endpoint";
    case NetworkProbe::kToInstance:
      return "try connections from SQL Server to " + Join(places, " and ");
    case NetworkProbe::kDirect:
      return "try connections from the operator to " + Join(places, " and ");
    case NetworkProbe::kToSqlServer:
      return "try a connection from the managed instance to " + Join(places, " and ");
    case NetworkProbe::kRemoveFromSqlServer:
      return "remove what a test of the network has left on SQL Server";
    case NetworkProbe::kRemoveFromInstance:
      return "remove what a test of the network has left on the managed instance";
  }
  return "test the network";
}

template <typename S>
concept NamesDatabase = requires(const S& step) { step.database; };

}  // namespace

std::string IssuerKey(const TrustIssuer& step) {
  return fmt::format("{}/{}/{}", step.thumbprint, step.dns_pattern, step.certificate_id);
}

std::string ChainKey(const ValidateChain& step) {
  return fmt::format("{}/{}", step.thumbprint, step.certificate_id);
}

std::string Describe(const Step& step) {
  return std::visit(
      Overloaded{
          [](const ImportInstanceCertificate& s) {
            return fmt::format("import the managed instance's certificate as {} into SQL Server",
                               s.name.str());
          },
          [](const ImportRootAuthority& s) {
            return fmt::format("import root authority {} into SQL Server", s.name.str());
          },
          [](const TrustIssuer& s) {
            return fmt::format("let {} vouch for {} on SQL Server", s.root.str(), s.dns_pattern);
          },
          [](const ValidateChain& s) { return DescribeChain(s); },
          [](const UploadCertificate& s) {
            return fmt::format("upload SQL Server's certificate to the managed instance as {}",
                               s.name);
          },
          [](const SetFullRecovery& s) {
            return fmt::format("set recovery model of database {} to FULL", s.database.str());
          },
          [](const BackupDatabase& s) {
            return fmt::format("back up database {} to {}", s.database.str(), s.file);
          },
          [](const CreateGroup& s) {
            return fmt::format("create availability group {} for database {}", s.group.str(),
                               s.database.str());
          },
          [](const CreateDistributedGroup& s) {
            return fmt::format("create distributed availability group {} of {} and {}",
                               s.group.str(), s.local_group.str(), s.instance_group.str());
          },
          [](const CreateLink& s) {
            return fmt::format("create link {} on the managed instance for database {}",
                               s.link.str(), s.database.str());
          },
          [](const DeleteLink& s) {
            return fmt::format("delete link {} on the managed instance", s.link.str());
          },
          [](const DropDistributedGroup& s) {
            return fmt::format("drop distributed availability group {}", s.group.str());
          },
          [](const DropGroup& s) {
            return fmt::format("drop availability group {}", s.group.str());
          },
          [](const DropCertificate& s) {
            return fmt::format("drop certificate {} from SQL Server", s.name.str());
          },
          [](const DeleteTrustCertificate& s) {
            return fmt::format("delete certificate {} from the managed instance", s.name);
          },
          [](const TestNetwork& s) { return DescribeTest(s); },
          [](const UploadTdeCertificate& s) {
            return fmt::format(
                "export encryption certificate {} ({}) and upload it to the managed instance",
                s.name.str(), s.thumbprint);
          },
      },
      step);
}

StepClass ClassOf(const Step& step) {
  return std::visit(Overloaded{
                        [](const SetFullRecovery&) { return StepClass::kAlter; },
                        [](const BackupDatabase&) { return StepClass::kAlter; },
                        [](const DeleteLink&) { return StepClass::kDrop; },
                        [](const DropDistributedGroup&) { return StepClass::kDrop; },
                        [](const DropGroup&) { return StepClass::kDrop; },
                        [](const DeleteTrustCertificate& s) {
                          return s.replace ? StepClass::kReplace : StepClass::kDrop;
                        },
                        [](const DropCertificate& s) {
                          return s.replace ? StepClass::kReplace : StepClass::kDrop;
                        },
                        [](const TestNetwork& s) {
                          return IsRemoval(s.probe) ? StepClass::kReplace : StepClass::kCreate;
                        },
                        [](const auto&) { return StepClass::kCreate; },
                    },
                    step);
}

std::string_view ToString(StepClass step_class) {
  switch (step_class) {
    case StepClass::kCreate:
      return "Create";
    case StepClass::kAlter:
      return "Alter";
    case StepClass::kReplace:
      return "Replace";
    case StepClass::kRoleChange:
      return "RoleChange";
    case StepClass::kDrop:
      return "Drop";
  }
  return "Create";
}

std::string_view PermittedBy(const Step& step) {
  if (std::holds_alternative<SetFullRecovery>(step)) return "preparation.setFullRecovery";
  if (std::holds_alternative<BackupDatabase>(step)) return "preparation.initialBackup.policy";
  if (std::holds_alternative<UploadTdeCertificate>(step)) return "preparation.tdeCertificates";
  if (const auto* certificate = std::get_if<DropCertificate>(&step);
      certificate != nullptr && certificate->foreign) {
    return "preparation.replaceInstanceCertificate";
  }
  if (ClassOf(step) == StepClass::kDrop) return "deletionPolicy";
  return {};
}

std::string KeyOf(const Step& step) {
  return std::visit(
      Overloaded{
          [](const ImportInstanceCertificate& s) {
            return "ImportInstanceCertificate/" + s.name.str();
          },
          [](const ImportRootAuthority& s) { return "ImportRootAuthority/" + s.name.str(); },
          [](const TrustIssuer& s) { return "TrustIssuer/" + s.root.str(); },
          [](const ValidateChain& s) { return "ValidateChain/" + s.certificate.str(); },
          [](const UploadCertificate& s) { return "UploadCertificate/" + s.name; },
          [](const SetFullRecovery& s) { return "SetFullRecovery/" + s.database.str(); },
          [](const BackupDatabase& s) { return "BackupDatabase/" + s.database.str(); },
          [](const CreateGroup& s) { return "CreateGroup/" + s.group.str(); },
          [](const CreateDistributedGroup& s) { return "CreateDistributedGroup/" + s.group.str(); },
          [](const CreateLink& s) { return "CreateLink/" + s.link.str(); },
          [](const DeleteLink& s) { return "DeleteLink/" + s.link.str(); },
          [](const DropDistributedGroup& s) { return "DropDistributedGroup/" + s.group.str(); },
          [](const DropGroup& s) { return "DropGroup/" + s.group.str(); },
          [](const DropCertificate& s) { return "DropCertificate/" + s.name.str(); },
          [](const DeleteTrustCertificate& s) { return "DeleteTrustCertificate/" + s.name; },
          [](const TestNetwork& s) { return std::string("TestNetwork/") + ToString(s.probe); },
          [](const UploadTdeCertificate& s) { return "UploadTdeCertificate/" + s.thumbprint; },
      },
      step);
}

DatabaseName DatabaseOf(const Step& step) {
  return std::visit(
      []<typename S>(const S& s) {
        if constexpr (NamesDatabase<S>) {
          return s.database;
        } else {
          return DatabaseName();
        }
      },
      step);
}

std::optional<ObjectRef> EntryOf(const Step& step) {
  using Entry = std::optional<ObjectRef>;
  return std::visit(
      Overloaded{
          [](const ImportInstanceCertificate& s) -> Entry {
            return Ref(kSql, "Certificate", s.name.str());
          },
          [](const ImportRootAuthority& s) -> Entry {
            return Ref(kSql, "Certificate", s.name.str());
          },
          [](const UploadCertificate& s) -> Entry {
            return Ref(kInstance, "TrustCertificate", s.name);
          },
          [](const CreateGroup& s) -> Entry {
            return Ref(kSql, "AvailabilityGroup", s.group.str());
          },
          [](const CreateDistributedGroup& s) -> Entry {
            return Ref(kSql, "DistributedAvailabilityGroup", s.group.str());
          },
          [](const CreateLink& s) -> Entry { return Ref(kInstance, "Link", s.link.str()); },
          [](const UploadTdeCertificate& s) -> Entry {
            return Ref(kInstance, kTdeCertificateKind, s.thumbprint);
          },
          [](const auto&) -> Entry { return std::nullopt; },
      },
      step);
}

std::string IdentityMadeBy(const Step& step) {
  return std::visit(Overloaded{
                        [](const ImportInstanceCertificate& s) { return Sha1Thumbprint(s.der); },
                        [](const ImportRootAuthority& s) { return s.thumbprint; },
                        [](const UploadCertificate& s) { return s.thumbprint; },
                        [](const auto&) { return std::string(); },
                    },
                    step);
}

bool IsAzureStep(const Step& step) {
  return std::holds_alternative<UploadCertificate>(step) ||
         std::holds_alternative<CreateLink>(step) || std::holds_alternative<DeleteLink>(step) ||
         std::holds_alternative<DeleteTrustCertificate>(step) ||
         std::holds_alternative<UploadTdeCertificate>(step);
}

}  // namespace milink::link
