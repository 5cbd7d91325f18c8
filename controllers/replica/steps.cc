#include "controllers/replica/steps.h"

#include "controllers/replica/reasons.h"
#include "core/base/text.h"

namespace milink::replica {
namespace {

struct Description {
  std::string operator()(const CreateMasterKey& /*step*/) const {
    return "create the database master key in master";
  }
  std::string operator()(const RepairMasterKey& /*step*/) const {
    return "encrypt the database master key in master by the service master key, too";
  }
  std::string operator()(const CreateCertificate& step) const {
    return "create certificate " + step.name.str();
  }
  std::string operator()(const CreateEndpoint& step) const {
    return "create mirroring endpoint " + step.name.str() + " on port " +
           std::to_string(step.port) + " with certificate " + step.certificate.str();
  }
  std::string operator()(const AlterEndpoint& step) const {
    return "alter mirroring endpoint " + step.change.name.str() +
           " to listen on all addresses at " + "port " + std::to_string(step.change.port) +
           ", authenticate with " + step.change.authentication + " (certificate " +
           step.change.certificate.str() + ") and require " + step.change.encryption;
  }
  std::string operator()(const SwitchCertificate& step) const {
    return "let mirroring endpoint " + step.change.name.str() + " authenticate with certificate " +
           step.change.certificate.str() +
           (step.mended.empty()
                ? ""
                : ", and alter what cannot carry a link: " + Join(step.mended, "; ")) +
           (step.untold.empty() ? ""
                                : ", although the partners of these do not trust it yet, which "
                                  "disconnects them until they do: " +
                                      Join(step.untold, ", "));
  }
  std::string operator()(const DropCertificate& step) const {
    return "drop certificate " + step.name.str() + ", which the endpoint does not use any more";
  }
  std::string operator()(const DropEndpoint& step) const {
    return "drop mirroring endpoint " + step.name.str() + ", which no availability group uses";
  }
  std::string operator()(const EnableTraceFlags& step) const {
    std::vector<std::string> flags;
    for (const int flag : step.flags) {
      flags.push_back(std::to_string(flag));
    }
    return "switch on trace flags " + Join(flags, " and ") + " in the running instance";
  }
};

struct Entry {
  using Maybe = std::optional<api::OwnedObject>;

  Maybe operator()(const CreateMasterKey& /*step*/) const {
    return api::OwnedObject{kSqlServerSide, kMasterKeyKind, kMasterKeyName, "",
                            api::OwnedState::kPending};
  }
  Maybe operator()(const RepairMasterKey& /*step*/) const { return std::nullopt; }
  Maybe operator()(const CreateCertificate& step) const {
    return api::OwnedObject{kSqlServerSide, kCertificateKind, step.name.str(), "",
                            api::OwnedState::kPending};
  }
  Maybe operator()(const CreateEndpoint& step) const {
    return api::OwnedObject{kSqlServerSide, kEndpointKind, step.name.str(), "",
                            api::OwnedState::kPending};
  }
  Maybe operator()(const AlterEndpoint& /*step*/) const { return std::nullopt; }
  Maybe operator()(const SwitchCertificate& /*step*/) const { return std::nullopt; }
  Maybe operator()(const DropCertificate& /*step*/) const { return std::nullopt; }
  Maybe operator()(const DropEndpoint& /*step*/) const { return std::nullopt; }
  Maybe operator()(const EnableTraceFlags& /*step*/) const { return std::nullopt; }
};

struct Done {
  std::string operator()(const CreateMasterKey& /*step*/) const {
    return reason::kCreatedMasterKey;
  }
  std::string operator()(const RepairMasterKey& /*step*/) const {
    return reason::kRepairedMasterKey;
  }
  std::string operator()(const CreateCertificate& /*step*/) const {
    return reason::kCreatedCertificate;
  }
  std::string operator()(const CreateEndpoint& /*step*/) const { return reason::kCreatedEndpoint; }
  std::string operator()(const AlterEndpoint& /*step*/) const { return reason::kAlteredEndpoint; }
  std::string operator()(const SwitchCertificate& /*step*/) const {
    return reason::kSwitchedCertificate;
  }
  std::string operator()(const DropCertificate& /*step*/) const {
    return reason::kDroppedCertificate;
  }
  std::string operator()(const DropEndpoint& /*step*/) const { return reason::kDroppedEndpoint; }
  std::string operator()(const EnableTraceFlags& /*step*/) const {
    return reason::kEnabledTraceFlags;
  }
};

}  // namespace

std::string Describe(const Step& step) { return std::visit(Description{}, step); }

std::string ClassOf(const Step& step) {
  if (EntryOf(step)) {
    return "Create";
  }
  const bool drops =
      std::holds_alternative<DropCertificate>(step) || std::holds_alternative<DropEndpoint>(step);
  return drops ? "Drop" : "Alter";
}

std::optional<api::OwnedObject> EntryOf(const Step& step) { return std::visit(Entry{}, step); }

bool IsDisruptive(const Step& step) {
  return std::holds_alternative<AlterEndpoint>(step) ||
         std::holds_alternative<SwitchCertificate>(step) || ClassOf(step) == "Drop";
}

bool NeedsPassword(const Step& step) {
  return std::holds_alternative<CreateMasterKey>(step) ||
         std::holds_alternative<RepairMasterKey>(step);
}

std::string DoneReason(const Step& step) { return std::visit(Done{}, step); }

}  // namespace milink::replica
