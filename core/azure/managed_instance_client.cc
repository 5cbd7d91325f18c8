#include "core/azure/managed_instance_client.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "core/azure/decode.h"
#include "core/azure/errors.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace milink::azure {
namespace {

constexpr char kLinks[] = "distributedAvailabilityGroups";
constexpr char kTrustCertificates[] = "serverTrustCertificates";

// An empty name would collapse the path and mean another resource, so it is refused.
Result<std::string> Path(const ManagedInstanceRef& instance, const std::string& below) {
  if (instance.subscription_id.empty() || instance.resource_group.empty() ||
      instance.name.empty()) {
    return Error{ErrorKind::kInvalid, "InvalidManagedInstance",
                 "spec.managedInstance needs subscriptionId, resourceGroup and name", ""};
  }
  return "/subscriptions/" + UrlEncode(instance.subscription_id) + "/resourceGroups/" +
         UrlEncode(instance.resource_group) + "/providers/Microsoft.Sql/managedInstances/" +
         UrlEncode(instance.name) + below;
}

// The other of the two addresses of an operation: it tells the end by its status alone. Of the
// upload of an encryption certificate no other is specified.
bool IsResultUrl(std::string_view url) {
  return url.substr(0, url.find('?')).find("OperationResults/") != std::string_view::npos;
}

void AppendBase64(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const unsigned char byte =
          at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : std::uint8_t{0};
      group = group << 8U | byte;
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += at + i > bytes.size() ? '=' : kDigits[group >> (18U - 6U * i) & 0x3FU];
    }
  }
}

// REQUIRES: a password that stands for itself in JSON. Text that is not copied while it grows, and
// is wiped.
Secret TdeBody(const Secret& pkcs12, const Secret& password) {
  constexpr std::string_view kBlob = R"({"properties":{"privateBlob":")";
  constexpr std::string_view kPassword = R"(","certPassword":")";
  const std::string_view file = pkcs12.Reveal();
  std::string body;
  body.reserve(kBlob.size() + (file.size() + 2) / 3 * 4 + kPassword.size() +
               password.Reveal().size() + 8);
  body += kBlob;
  AppendBase64(file, body);
  body += kPassword;
  body += password.Reveal();
  body += R"("}})";
  Secret out(body);
  WipeMemory(body);
  return out;
}

template <typename T>
Result<std::vector<T>> DecodeAll(const Result<nlohmann::json>& items,
                                 Result<T> (*decode)(const nlohmann::json&)) {
  if (!items) {
    return items.error();
  }
  std::vector<T> out;
  for (const auto& item : *items) {
    auto one = decode(item);
    if (!one) {
      return std::move(one).error();
    }
    out.push_back(std::move(*one));
  }
  return out;
}

}  // namespace

ManagedInstanceClient::ManagedInstanceClient(ArmClient& arm, ApiVersions versions)
    : arm_(arm), versions_(std::move(versions)) {}

Result<ManagedInstance> ManagedInstanceClient::GetInstance(const ManagedInstanceRef& instance) {
  auto path = Path(instance, "");
  if (!path) {
    return std::move(path).error();
  }
  auto response = arm_.Send("GET", *path, versions_.sql);
  if (response) {
    return DecodeInstance(response->body);
  }
  // Here both authors of this code mean the instance.
  Error error = std::move(response).error();
  if (error.kind == ErrorKind::kNotFound && error.reason == kResourceNotFound) {
    error.reason = kManagedInstanceNotFound;
  }
  return error;
}

Result<std::vector<Link>> ManagedInstanceClient::ListLinks(const ManagedInstanceRef& instance) {
  auto path = Path(instance, std::string("/") + kLinks);
  if (!path) {
    return std::move(path).error();
  }
  return DecodeAll<Link>(arm_.List(*path, versions_.sql), DecodeLink);
}

Result<Link> ManagedInstanceClient::GetLink(const ManagedInstanceRef& instance,
                                            const GroupName& link) {
  auto path = Path(instance, std::string("/") + kLinks + "/" + UrlEncode(link.str()));
  if (!path) {
    return std::move(path).error();
  }
  auto response = arm_.Send("GET", *path, versions_.sql);
  return response ? DecodeLink(response->body) : Result<Link>(std::move(response).error());
}

Result<std::vector<PublicCertificate>> ManagedInstanceClient::ListTrustCertificates(
    const ManagedInstanceRef& instance) {
  auto path = Path(instance, std::string("/") + kTrustCertificates);
  if (!path) {
    return std::move(path).error();
  }
  return DecodeAll<PublicCertificate>(arm_.List(*path, versions_.sql), DecodeCertificate);
}

Result<PublicCertificate> ManagedInstanceClient::GetTrustCertificate(
    const ManagedInstanceRef& instance, const std::string& name) {
  auto path = Path(instance, std::string("/") + kTrustCertificates + "/" + UrlEncode(name));
  if (!path) {
    return std::move(path).error();
  }
  auto response = arm_.Send("GET", *path, versions_.sql);
  return response ? DecodeCertificate(response->body)
                  : Result<PublicCertificate>(std::move(response).error());
}

Result<PublicCertificate> ManagedInstanceClient::GetEndpointCertificate(
    const ManagedInstanceRef& instance) {
  auto path = Path(instance, "/endpointCertificates/DATABASE_MIRRORING");
  if (!path) {
    return std::move(path).error();
  }
  auto response = arm_.Send("GET", *path, versions_.sql);
  return response ? DecodeCertificate(response->body)
                  : Result<PublicCertificate>(std::move(response).error());
}

Result<std::vector<Permission>> ManagedInstanceClient::ListPermissions(
    const ManagedInstanceRef& instance) {
  auto path = Path(instance, "/providers/Microsoft.Authorization/permissions");
  if (!path) {
    return std::move(path).error();
  }
  auto items = arm_.List(*path, versions_.permissions);
  if (!items) {
    return std::move(items).error();
  }
  std::vector<Permission> out;
  for (const auto& item : *items) {
    out.push_back(DecodePermission(item));
  }
  return out;
}

Result<std::vector<std::string>> ManagedInstanceClient::ListDatabaseNames(
    const ManagedInstanceRef& instance) {
  auto path = Path(instance, "/databases");
  if (!path) {
    return std::move(path).error();
  }
  auto items = arm_.List(*path, versions_.sql);
  if (!items) {
    return std::move(items).error();
  }
  std::vector<std::string> names;
  for (const auto& item : *items) {
    names.push_back(JsonText(item, "name"));
  }
  return names;
}

Result<Subnet> ManagedInstanceClient::GetSubnet(const ManagedInstanceRef& /*instance*/,
                                                const std::string& id) {
  auto response = GetById(id);
  return response ? Result<Subnet>(DecodeSubnet(response->body))
                  : Result<Subnet>(std::move(response).error());
}

Result<SecurityGroup> ManagedInstanceClient::GetSecurityGroup(
    const ManagedInstanceRef& /*instance*/, const std::string& id) {
  auto response = GetById(id);
  return response ? Result<SecurityGroup>(DecodeSecurityGroup(response->body))
                  : Result<SecurityGroup>(std::move(response).error());
}

// The id comes from Azure itself; whatever is none must not become a request.
Result<ArmResponse> ManagedInstanceClient::GetById(const std::string& id) {
  const bool plain = std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/-_.()").find(c) != std::string_view::npos;
  });
  if (!id.starts_with("/subscriptions/") || !plain || id.find("..") != std::string::npos) {
    return Error{ErrorKind::kTransient, "UnexpectedAnswer",
                 "Azure named a resource of the network in an unknown form", ""};
  }
  return arm_.Send("GET", id, versions_.network);
}

Result<OperationTicket> ManagedInstanceClient::PutLink(const ManagedInstanceRef& instance,
                                                       const LinkRequest& request) {
  return Start("PUT", instance, kLinks, request.name.str(), EncodeLinkRequest(request));
}

Result<OperationTicket> ManagedInstanceClient::DeleteLink(const ManagedInstanceRef& instance,
                                                          const GroupName& link) {
  return Start("DELETE", instance, kLinks, link.str(), nlohmann::json());
}

Result<OperationTicket> ManagedInstanceClient::PutTrustCertificate(
    const ManagedInstanceRef& instance, const std::string& name, const std::string& der) {
  return Start("PUT", instance, kTrustCertificates, name,
               {{"properties", {{"publicBlob", "0x" + ToHex(der)}}}});
}

Result<OperationTicket> ManagedInstanceClient::DeleteTrustCertificate(
    const ManagedInstanceRef& instance, const std::string& name) {
  return Start("DELETE", instance, kTrustCertificates, name, nlohmann::json());
}

Result<OperationTicket> ManagedInstanceClient::UploadTdeCertificate(
    const ManagedInstanceRef& instance, const Secret& pkcs12, const Secret& password) {
  auto path = Path(instance, "/tdeCertificates");
  if (!path) {
    return std::move(path).error();
  }
  auto response = arm_.SendSecret("POST", *path, versions_.sql, TdeBody(pkcs12, password));
  if (!response) {
    return std::move(response).error();
  }
  return TicketOf(*response);
}

Result<OperationStatus> ManagedInstanceClient::PollOperation(const ManagedInstanceRef& /*instance*/,
                                                             const std::string& poll_url) {
  auto response = arm_.Follow(poll_url);
  if (!response) {
    if (response.error().kind == ErrorKind::kNotFound &&
        response.error().reason != kSubscriptionNotFound) {
      return OperationStatus{};  // its record is kept for a limited time only
    }
    return std::move(response).error();
  }
  Result<OperationStatus> status = OperationStatus{};
  if (IsResultUrl(poll_url)) {
    status->state =
        response->status == 202 ? OperationState::kInProgress : OperationState::kSucceeded;
  } else {
    status = DecodeOperation(response->body);
  }
  if (status) {
    status->retry_after = response->retry_after.value_or(status->retry_after);
  }
  return status;
}

Result<OperationTicket> ManagedInstanceClient::Start(const std::string& method,
                                                     const ManagedInstanceRef& instance,
                                                     const std::string& collection,
                                                     const std::string& name,
                                                     const nlohmann::json& body) {
  if (name.empty()) {
    return Error{ErrorKind::kInvalid, "EmptyName",
                 "the name of a resource below " + collection + " must not be empty", ""};
  }
  auto path = Path(instance, "/" + collection + "/" + UrlEncode(name));
  if (!path) {
    return std::move(path).error();
  }
  auto response = arm_.Send(method, *path, versions_.sql, body);
  if (!response) {
    return std::move(response).error();
  }
  return TicketOf(*response);
}

OperationTicket ManagedInstanceClient::TicketOf(const ArmResponse& response) {
  OperationTicket ticket;
  // None with 200, 201 and 204: finished at once.
  ticket.poll_url = response.operation_url.value_or("");
  ticket.operation = JsonText(response.body, "operation");
  ticket.retry_after = response.retry_after.value_or(ticket.retry_after);
  return ticket;
}

}  // namespace milink::azure
