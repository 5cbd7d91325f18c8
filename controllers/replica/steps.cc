#include "controllers/replica/steps.h"

#include "controllers/replica/reasons.h"

namespace milink::replica {
namespace {

struct Description {
  std::string operator()(const CreateMasterKey& /*step*/) const {
    return "create the database master key in master";
  }
  std::string operator()(const CreateCertificate& step) const {
    return "create certificate " + step.name.str();
  }
  std::string operator()(const CreateEndpoint& step) const {
    return "create mirroring endpoint " + step.name.str() + " on port " +
           std::to_string(step.port) + " with certificate " + step.certificate.str();
  }
};

struct Entry {
  api::OwnedObject operator()(const CreateMasterKey& /*step*/) const {
    return {kSqlServerSide, kMasterKeyKind, kMasterKeyName, "", api::OwnedState::kPending};
  }
  api::OwnedObject operator()(const CreateCertificate& step) const {
    return {kSqlServerSide, kCertificateKind, step.name.str(), "", api::OwnedState::kPending};
  }
  api::OwnedObject operator()(const CreateEndpoint& step) const {
    return {kSqlServerSide, kEndpointKind, step.name.str(), "", api::OwnedState::kPending};
  }
};

struct Created {
  std::string operator()(const CreateMasterKey& /*step*/) const {
    return reason::kCreatedMasterKey;
  }
  std::string operator()(const CreateCertificate& /*step*/) const {
    return reason::kCreatedCertificate;
  }
  std::string operator()(const CreateEndpoint& /*step*/) const { return reason::kCreatedEndpoint; }
};

}  // namespace

std::string Describe(const Step& step) { return std::visit(Description{}, step); }

api::OwnedObject EntryOf(const Step& step) { return std::visit(Entry{}, step); }

std::string CreatedReason(const Step& step) { return std::visit(Created{}, step); }

}  // namespace milink::replica
