// ManagedInstanceApi over one Azure Resource Manager, as one identity.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/azure/arm_client.h"
#include "core/azure/managed_instance_api.h"

namespace milink::azure {

// One per resource type, because the newest features appear in previews of single types.
struct ApiVersions {
  std::string sql = "2023-08-01";
  std::string permissions = "2022-04-01";
  std::string network = "2025-05-01";
};

class ManagedInstanceClient final : public ManagedInstanceApi {
 public:
  ManagedInstanceClient(ArmClient& arm, ApiVersions versions);

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

 private:
  Result<ArmResponse> GetById(const std::string& id);
  Result<OperationTicket> Start(const std::string& method, const ManagedInstanceRef& instance,
                                const std::string& collection, const std::string& name,
                                const nlohmann::json& body);
  static OperationTicket TicketOf(const ArmResponse& response);

  ArmClient& arm_;
  ApiVersions versions_;
};

}  // namespace milink::azure
