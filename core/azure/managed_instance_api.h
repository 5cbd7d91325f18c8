// The calls to Azure Resource Manager that a link needs, one request each. An implementation may
// serve one cloud and identity, whatever the instance says, or those that it names.
//
// Thread-safe. Every call has a deadline. Errors: kNotFound "ManagedInstanceNotFound" (the instance
// or its group), "ResourceNotFound" (the thing below it), or another word for what is hidden rather
// than missing, as "SubscriptionNotFound" (errors.h); kUnauthorized "AuthorizationFailed" /
// "AuthenticationFailed", kThrottled with retry_after, kConflict "InstanceBusy" (another operation
// runs: wait), kInvalid for what a person must change, kTransient otherwise; `detail` holds the
// service's code and request ids. A write that timed out may have happened: read again.
#pragma once

#include <string>
#include <vector>

#include "core/azure/models.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace milink::azure {

class ManagedInstanceApi {
 public:
  virtual ~ManagedInstanceApi() = default;

  virtual Result<ManagedInstance> GetInstance(const ManagedInstanceRef& instance) = 0;
  virtual Result<std::vector<Link>> ListLinks(const ManagedInstanceRef& instance) = 0;
  virtual Result<Link> GetLink(const ManagedInstanceRef& instance, const GroupName& link) = 0;
  virtual Result<std::vector<PublicCertificate>> ListTrustCertificates(
      const ManagedInstanceRef& instance) = 0;
  virtual Result<PublicCertificate> GetTrustCertificate(const ManagedInstanceRef& instance,
                                                        const std::string& name) = 0;
  virtual Result<PublicCertificate> GetEndpointCertificate(const ManagedInstanceRef& instance) = 0;
  virtual Result<std::vector<Permission>> ListPermissions(const ManagedInstanceRef& instance) = 0;
  virtual Result<std::vector<std::string>> ListDatabaseNames(
      const ManagedInstanceRef& instance) = 0;
  // The network around the instance, by resource id, for which a right of its own is needed.
  virtual Result<Subnet> GetSubnet(const ManagedInstanceRef& instance, const std::string& id) = 0;
  virtual Result<SecurityGroup> GetSecurityGroup(const ManagedInstanceRef& instance,
                                                 const std::string& id) = 0;

  virtual Result<OperationTicket> PutLink(const ManagedInstanceRef& instance,
                                          const LinkRequest& request) = 0;
  virtual Result<OperationTicket> DeleteLink(const ManagedInstanceRef& instance,
                                             const GroupName& link) = 0;
  virtual Result<OperationTicket> PutTrustCertificate(const ManagedInstanceRef& instance,
                                                      const std::string& name,
                                                      const std::string& der) = 0;
  virtual Result<OperationTicket> DeleteTrustCertificate(const ManagedInstanceRef& instance,
                                                         const std::string& name) = 0;
  // A certificate with its private key (PKCS#12), so that the instance can read databases that it
  // protects. Nothing shows it afterwards. kConflict "CertificateAlreadyExists": it is there.
  virtual Result<OperationTicket> UploadTdeCertificate(const ManagedInstanceRef& instance,
                                                       const Secret& pkcs12,
                                                       const Secret& password) = 0;

  // Refuses a URL whose host is not the configured one (kUnsafe "ForeignPollUrl").
  virtual Result<OperationStatus> PollOperation(const ManagedInstanceRef& instance,
                                                const std::string& poll_url) = 0;
};

}  // namespace milink::azure
