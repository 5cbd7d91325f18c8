#include "core/azure/managed_instance_router.h"

#include <utility>

namespace milink::azure {
namespace {

constexpr auto kForgetAfter = std::chrono::hours(1);

}  // namespace

struct ManagedInstanceRouter::Session {
  Session(std::unique_ptr<Credential> tokens, const Cloud& cloud, const std::string& user_agent,
          const Systems& systems)
      : credential(std::move(tokens)),
        arm({cloud.endpoint, cloud.audience, user_agent}, systems.http, *credential, systems.random,
            systems.log, systems.fence) {}

  std::unique_ptr<Credential> credential;
  ArmClient arm;
  ManagedInstanceClient api{arm, {}};
  MonotonicTime used_at;  // guarded by the router's mutex
};

ManagedInstanceRouter::ManagedInstanceRouter(RouterSettings settings, Systems systems)
    : settings_(std::move(settings)), systems_(std::move(systems)) {}

ManagedInstanceRouter::~ManagedInstanceRouter() = default;

// The operator's identity is known to the sign-in of one cloud; it is shown to no other.
Result<std::unique_ptr<Credential>> ManagedInstanceRouter::OwnCredential(const Cloud& cloud) const {
  if (!settings_.own) {
    return settings_.own.error();
  }
  if (cloud != settings_.clouds.own()) {
    return Error{ErrorKind::kInvalid, "CredentialMissing",
                 "the operator's identity is one of " + settings_.clouds.own().name +
                     "; a link in " + cloud.name + " needs spec.managedInstance.credentials",
                 ""};
  }
  CredentialSettings settings = *settings_.own;
  settings.authority = cloud.authority;
  return MakeCredential(std::move(settings), systems_.http, systems_.clock, systems_.random);
}

Result<std::unique_ptr<Credential>> ManagedInstanceRouter::CredentialOf(
    const Cloud& cloud, const IdentityRef& identity) const {
  if (!identity.kind) {
    return OwnCredential(cloud);
  }
  CredentialSettings settings;
  settings.kind = *identity.kind;
  settings.authority = cloud.authority;
  settings.client_id = identity.client_id;
  settings.tenant_id =
      identity.tenant_id.empty() ? settings_.offered.tenant_id : identity.tenant_id;
  if (!IsVouchedForByOperator(identity)) {
    return MakeSecretCredential(std::move(settings), {identity.namespace_name, identity.secret},
                                systems_.secrets, systems_.http, systems_.clock, systems_.random);
  }
  settings.federated_token_file = settings_.offered.federated_token_file;
  settings.metadata_service = settings_.offered.metadata_service;
  const bool workload = settings.kind == IdentityKind::kWorkloadIdentity;
  if (workload && (settings.federated_token_file.empty() || settings.tenant_id.empty())) {
    return Error{ErrorKind::kInvalid, "CredentialMissing",
                 "credentials of type WorkloadIdentity need a tenantId and the token of the "
                 "operator's pod: AZURE_FEDERATED_TOKEN_FILE is not set there, so the label "
                 "azure.workload.identity/use=true or its webhook is missing",
                 ""};
  }
  return MakeCredential(std::move(settings), systems_.http, systems_.clock, systems_.random);
}

Result<ManagedInstanceRouter::SessionPointer> ManagedInstanceRouter::SessionOf(
    const ManagedInstanceRef& instance) {
  const std::lock_guard lock(mutex_);
  const auto now = systems_.clock.Monotonic();
  auto& session = sessions_[{instance.cloud, instance.identity}];
  if (session == nullptr) {
    auto cloud = settings_.clouds.Find(instance.cloud);
    auto credential = cloud ? CredentialOf(*cloud, instance.identity)
                            : Result<std::unique_ptr<Credential>>(cloud.error());
    if (!credential) {
      sessions_.erase({instance.cloud, instance.identity});
      return std::move(credential).error();
    }
    session =
        std::make_shared<Session>(std::move(*credential), *cloud, settings_.user_agent, systems_);
  }
  SessionPointer found = session;
  found->used_at = now;
  std::erase_if(sessions_,
                [&](const auto& entry) { return now - entry.second->used_at > kForgetAfter; });
  return found;
}

template <typename Request>
auto ManagedInstanceRouter::On(const ManagedInstanceRef& instance, Request request)
    -> decltype(request(std::declval<ManagedInstanceApi&>())) {
  auto session = SessionOf(instance);
  if (!session) {
    return std::move(session).error();
  }
  return request((*session)->api);
}

std::size_t ManagedInstanceRouter::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

Result<ManagedInstance> ManagedInstanceRouter::GetInstance(const ManagedInstanceRef& instance) {
  return On(instance, [&](ManagedInstanceApi& api) { return api.GetInstance(instance); });
}

Result<std::vector<Link>> ManagedInstanceRouter::ListLinks(const ManagedInstanceRef& instance) {
  return On(instance, [&](ManagedInstanceApi& api) { return api.ListLinks(instance); });
}

Result<Link> ManagedInstanceRouter::GetLink(const ManagedInstanceRef& instance,
                                            const GroupName& link) {
  return On(instance, [&](ManagedInstanceApi& api) { return api.GetLink(instance, link); });
}

Result<std::vector<PublicCertificate>> ManagedInstanceRouter::ListTrustCertificates(
    const ManagedInstanceRef& instance) {
  return On(instance, [&](ManagedInstanceApi& api) { return api.ListTrustCertificates(instance); });
}

Result<PublicCertificate> ManagedInstanceRouter::GetTrustCertificate(
    const ManagedInstanceRef& instance, const std::string& name) {
  return On(instance,
            [&](ManagedInstanceApi& api) { return api.GetTrustCertificate(instance, name); });
}

Result<PublicCertificate> ManagedInstanceRouter::GetEndpointCertificate(
    const ManagedInstanceRef& instance) {
  return On(instance,
            [&](ManagedInstanceApi& api) { return api.GetEndpointCertificate(instance); });
}

Result<std::vector<Permission>> ManagedInstanceRouter::ListPermissions(
    const ManagedInstanceRef& instance) {
  return On(instance, [&](ManagedInstanceApi& api) { return api.ListPermissions(instance); });
}

Result<std::vector<std::string>> ManagedInstanceRouter::ListDatabaseNames(
    const ManagedInstanceRef& instance) {
  return On(instance, [&](ManagedInstanceApi& api) { return api.ListDatabaseNames(instance); });
}

Result<Subnet> ManagedInstanceRouter::GetSubnet(const ManagedInstanceRef& instance,
                                                const std::string& id) {
  return On(instance, [&](ManagedInstanceApi& api) { return api.GetSubnet(instance, id); });
}

Result<SecurityGroup> ManagedInstanceRouter::GetSecurityGroup(const ManagedInstanceRef& instance,
                                                              const std::string& id) {
  return On(instance, [&](ManagedInstanceApi& api) { return api.GetSecurityGroup(instance, id); });
}

Result<OperationTicket> ManagedInstanceRouter::PutLink(const ManagedInstanceRef& instance,
                                                       const LinkRequest& request) {
  return On(instance, [&](ManagedInstanceApi& api) { return api.PutLink(instance, request); });
}

Result<OperationTicket> ManagedInstanceRouter::DeleteLink(const ManagedInstanceRef& instance,
                                                          const GroupName& link) {
  return On(instance, [&](ManagedInstanceApi& api) { return api.DeleteLink(instance, link); });
}

Result<OperationTicket> ManagedInstanceRouter::PutTrustCertificate(
    const ManagedInstanceRef& instance, const std::string& name, const std::string& der) {
  return On(instance,
            [&](ManagedInstanceApi& api) { return api.PutTrustCertificate(instance, name, der); });
}

Result<OperationTicket> ManagedInstanceRouter::DeleteTrustCertificate(
    const ManagedInstanceRef& instance, const std::string& name) {
  return On(instance,
            [&](ManagedInstanceApi& api) { return api.DeleteTrustCertificate(instance, name); });
}

Result<OperationTicket> ManagedInstanceRouter::UploadTdeCertificate(
    const ManagedInstanceRef& instance, const Secret& pkcs12, const Secret& password) {
  return On(instance, [&](ManagedInstanceApi& api) {
    return api.UploadTdeCertificate(instance, pkcs12, password);
  });
}

Result<OperationStatus> ManagedInstanceRouter::PollOperation(const ManagedInstanceRef& instance,
                                                             const std::string& poll_url) {
  return On(instance,
            [&](ManagedInstanceApi& api) { return api.PollOperation(instance, poll_url); });
}

}  // namespace milink::azure
