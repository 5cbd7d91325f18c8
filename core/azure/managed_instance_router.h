// ManagedInstanceApi for all clouds and identities: each request goes to the Resource Manager of
// its cloud, with a token of its identity.
//
// Thread-safe. What one cloud and identity need is made at their first request and forgotten after
// an hour without any. Errors besides those of the interface: kInvalid "CredentialMissing",
// "CloudUnknown"; those of the credentials.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/azure/arm_client.h"
#include "core/azure/cloud.h"
#include "core/azure/managed_instance_client.h"
#include "core/azure/secret_credential.h"

namespace milink::azure {

struct RouterSettings {
  CloudTable clouds;
  Result<CredentialSettings> own = Error{};  // the operator's identity, or why there is none
  // What the operator's pod and machine offer to links: tenant, token file, metadata service.
  CredentialSettings offered;
  std::string user_agent = "milink-operator";
};

class ManagedInstanceRouter final : public ManagedInstanceApi {
 public:
  struct Systems {
    HttpClient& http;
    SecretReader secrets;
    const Clock& clock;
    Random& random;
    Logger log;
    const Fence& fence;
  };
  // What is referenced outlives the router.
  ManagedInstanceRouter(RouterSettings settings, Systems systems);
  ~ManagedInstanceRouter() override;

  Result<ManagedInstance> GetInstance(const ManagedInstanceRef& instance) override;
  Result<std::vector<Link>> ListLinks(const ManagedInstanceRef& instance) override;
  Result<Link> GetLink(const ManagedInstanceRef& instance, const GroupName& link) override;
  Result<std::vector<PublicCertificate>> ListTrustCertificates(
      const ManagedInstanceRef& instance) override;
  Result<PublicCertificate> GetTrustCertificate(const ManagedInstanceRef& instance,
                                                const std::string& name) override;
  Result<PublicCertificate> GetEndpointCertificate(const ManagedInstanceRef& instance) override;
  Result<std::vector<Permission>> ListPermissions(const ManagedInstanceRef& instance) override;
  Result<std::vector<std::string>> ListDatabaseNames(const ManagedInstanceRef& instance) override;
  Result<Subnet> GetSubnet(const ManagedInstanceRef& instance, const std::string& id) override;
  Result<SecurityGroup> GetSecurityGroup(const ManagedInstanceRef& instance,
                                         const std::string& id) override;
  Result<OperationTicket> PutLink(const ManagedInstanceRef& instance,
                                  const LinkRequest& request) override;
  Result<OperationTicket> DeleteLink(const ManagedInstanceRef& instance,
                                     const GroupName& link) override;
  Result<OperationTicket> PutTrustCertificate(const ManagedInstanceRef& instance,
                                              const std::string& name,
                                              const std::string& der) override;
  Result<OperationTicket> DeleteTrustCertificate(const ManagedInstanceRef& instance,
                                                 const std::string& name) override;
  Result<OperationTicket> UploadTdeCertificate(const ManagedInstanceRef& instance,
                                               const Secret& pkcs12,
                                               const Secret& password) override;
  Result<OperationStatus> PollOperation(const ManagedInstanceRef& instance,
                                        const std::string& poll_url) override;

  // How many pairs of cloud and identity are kept.
  std::size_t size() const;

 private:
  struct Session;
  using SessionPointer = std::shared_ptr<Session>;

  Result<SessionPointer> SessionOf(const ManagedInstanceRef& instance);
  Result<std::unique_ptr<Credential>> CredentialOf(const Cloud& cloud,
                                                   const IdentityRef& identity) const;
  Result<std::unique_ptr<Credential>> OwnCredential(const Cloud& cloud) const;
  // One request on the session of the instance.
  template <typename Request>
  auto On(const ManagedInstanceRef& instance, Request request)
      -> decltype(request(std::declval<ManagedInstanceApi&>()));

  const RouterSettings settings_;
  const Systems systems_;
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, IdentityRef>, SessionPointer> sessions_;
};

}  // namespace milink::azure
