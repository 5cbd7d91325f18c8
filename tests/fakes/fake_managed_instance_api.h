// Azure in memory: what a test puts in is read back; writes are kept and answered with a ticket.
// Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/azure/managed_instance_api.h"

namespace milink::fakes {

class FakeManagedInstanceApi final : public azure::ManagedInstanceApi {
 public:
  azure::ManagedInstance instance{.name = "mi1",
                                  .location = "westeurope",
                                  .fqdn = "mi1.abc123.database.windows.net",
                                  .dns_zone = "abc123",
                                  .state = "Ready",
                                  .provisioning_state = "Succeeded",
                                  .collation = "SQL_Latin1_General_CP1_CI_AS",
                                  .database_format = "SQLServer2022",
                                  .tier = "GeneralPurpose"};
  std::vector<azure::Link> links;
  std::vector<azure::PublicCertificate> trust_certificates;
  azure::PublicCertificate endpoint_certificate{
      .name = "DATABASE_MIRRORING", .der = "der", .thumbprint = "AA"};
  std::vector<azure::Permission> permissions{{{"*"}, {}}};
  std::vector<std::string> databases;
  azure::OperationStatus operation{.state = azure::OperationState::kSucceeded};

  std::optional<Error> fail_reads;  // every read
  std::optional<Error> fail_below;  // reads below the instance, rights apart
  std::map<azure::InstancePart, Error> refused;
  std::optional<Error> fail_writes;
  std::optional<Error> fail_polls;
  std::function<void()> during_read;

  int reads = 0;
  std::vector<std::string> writes;  // "PUT link DAG_sales"
  std::vector<azure::LinkRequest> link_requests;
  std::vector<std::pair<Secret, Secret>> tde_uploads;  // file and its password

  Result<azure::ManagedInstance> GetInstance(const azure::ManagedInstanceRef&) override {
    return Read(instance, false);
  }
  Result<std::vector<azure::Link>> ListLinks(const azure::ManagedInstanceRef&) override {
    return ReadPart(azure::InstancePart::kLinks, links);
  }
  Result<azure::Link> GetLink(const azure::ManagedInstanceRef&, const GroupName& name) override {
    for (const auto& link : links) {
      if (link.name == name) {
        return ReadPart(azure::InstancePart::kLinks, link);
      }
    }
    ++reads;
    return Error{ErrorKind::kNotFound, "ResourceNotFound", "no such link", ""};
  }
  Result<std::vector<azure::PublicCertificate>> ListTrustCertificates(
      const azure::ManagedInstanceRef&) override {
    return ReadPart(azure::InstancePart::kTrustCertificates, trust_certificates);
  }
  Result<azure::PublicCertificate> GetTrustCertificate(const azure::ManagedInstanceRef&,
                                                       const std::string& name) override {
    for (const auto& certificate : trust_certificates) {
      if (certificate.name == name) {
        return ReadPart(azure::InstancePart::kTrustCertificates, certificate);
      }
    }
    ++reads;
    return Error{ErrorKind::kNotFound, "ResourceNotFound", "no such certificate", ""};
  }
  Result<azure::PublicCertificate> GetEndpointCertificate(
      const azure::ManagedInstanceRef&) override {
    return ReadPart(azure::InstancePart::kEndpointCertificate, endpoint_certificate);
  }
  Result<std::vector<azure::Permission>> ListPermissions(
      const azure::ManagedInstanceRef&) override {
    return ReadPart(azure::InstancePart::kPermissions, permissions);
  }
  Result<std::vector<std::string>> ListDatabaseNames(const azure::ManagedInstanceRef&) override {
    return ReadPart(azure::InstancePart::kDatabaseNames, databases);
  }
  azure::Subnet subnet;
  azure::SecurityGroup security_group;
  Result<azure::Subnet> GetSubnet(const azure::ManagedInstanceRef&, const std::string&) override {
    return Read(subnet, true);
  }
  Result<azure::SecurityGroup> GetSecurityGroup(const azure::ManagedInstanceRef&,
                                                const std::string&) override {
    return Read(security_group, true);
  }
  Result<azure::OperationTicket> PutLink(const azure::ManagedInstanceRef&,
                                         const azure::LinkRequest& request) override {
    link_requests.push_back(request);
    return Write("PUT link " + request.name.str());
  }
  Result<azure::OperationTicket> DeleteLink(const azure::ManagedInstanceRef&,
                                            const GroupName& link) override {
    return Write("DELETE link " + link.str());
  }
  Result<azure::OperationTicket> PutTrustCertificate(const azure::ManagedInstanceRef&,
                                                     const std::string& name,
                                                     const std::string& /*der*/) override {
    return Write("PUT certificate " + name);
  }
  Result<azure::OperationTicket> DeleteTrustCertificate(const azure::ManagedInstanceRef&,
                                                        const std::string& name) override {
    return Write("DELETE certificate " + name);
  }
  Result<azure::OperationTicket> UploadTdeCertificate(const azure::ManagedInstanceRef&,
                                                      const Secret& pkcs12,
                                                      const Secret& password) override {
    tde_uploads.emplace_back(pkcs12, password);
    return Write("POST tdeCertificates");
  }
  Result<azure::OperationStatus> PollOperation(const azure::ManagedInstanceRef&,
                                               const std::string& /*poll_url*/) override {
    if (fail_polls) {
      ++reads;
      return *fail_polls;
    }
    return Read(operation, false);
  }

 private:
  template <typename T>
  Result<T> Read(const T& value, bool below) {
    ++reads;
    if (during_read) {
      during_read();
    }
    if (fail_reads) {
      return *fail_reads;
    }
    if (below && fail_below) {
      return *fail_below;
    }
    return value;
  }

  template <typename T>
  Result<T> ReadPart(azure::InstancePart part, const T& value) {
    auto answer = Read(value, part != azure::InstancePart::kPermissions);
    const auto refusal = refused.find(part);
    if (!answer.ok() || refusal == refused.end()) {
      return answer;
    }
    return refusal->second;
  }

  Result<azure::OperationTicket> Write(std::string what) {
    writes.push_back(std::move(what));
    if (fail_writes) {
      return *fail_writes;
    }
    return azure::OperationTicket{"https://management.azure.com/operation", "Operation",
                                  std::chrono::seconds(15)};
  }
};

}  // namespace milink::fakes
