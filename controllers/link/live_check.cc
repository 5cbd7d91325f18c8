#include "controllers/link/live_check.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "controllers/link/reasons.h"
#include "core/base/text.h"

namespace milink::link {
namespace {

Error LeftAlone(std::string message) {
  return {ErrorKind::kConflict, reason::kLeftInPlace, std::move(message), ""};
}

Status Compare(const azure::PublicCertificate& now, const DeleteTrustCertificate& decided) {
  if (now.thumbprint == decided.thumbprint) return OkStatus();
  return LeftAlone(fmt::format(
      "another certificate has that name now (thumbprint {}, not {}); it was left alone",
      now.thumbprint, decided.thumbprint));
}

Status Compare(const azure::Link& now, const DeleteLink& decided) {
  const bool holds = now.databases.empty() ||
                     std::ranges::any_of(now.databases, [&](const azure::LinkDatabase& database) {
                       return EqualsIgnoreCaseAscii(database.name, decided.database.str());
                     });
  if (!holds || now.partner_group != decided.partner_group ||
      now.instance_group != decided.instance_group) {
    return LeftAlone("another link has that name now; it was left alone");
  }
  if (now.instance_role != decided.instance_role) {
    return LeftAlone(
        fmt::format("the managed instance's role in it is {} now, not {}; it was left alone",
                    now.instance_role, decided.instance_role));
  }
  return OkStatus();
}

template <typename T, typename S>
Status Look(const Result<T>& now, const S& decided) {
  return now.ok() ? Compare(*now, decided) : Status(now.error());
}

}  // namespace

Status CheckInAzure(azure::ManagedInstanceApi& api, const azure::ManagedInstanceRef& instance,
                    const Step& step) {
  if (const auto* certificate = std::get_if<DeleteTrustCertificate>(&step)) {
    return Look(api.GetTrustCertificate(instance, certificate->name), *certificate);
  }
  if (const auto* link = std::get_if<DeleteLink>(&step)) {
    return Look(api.GetLink(instance, link->link), *link);
  }
  return OkStatus();
}

bool IsGone(const Error& error) {
  return error.kind == ErrorKind::kNotFound && error.reason != reason::kManagedInstanceNotFound;
}

}  // namespace milink::link
