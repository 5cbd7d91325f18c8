#include "controllers/link/tde_transfer.h"

#include <fmt/format.h>

#include "controllers/link/reasons.h"
#include "core/base/digest.h"
#include "core/pki/one_time_password.h"
#include "core/pki/pkcs12.h"
#include "core/sql/certificate_export.h"

namespace milink::link {
namespace {

constexpr Duration kExportTimeout = std::chrono::seconds(60);

// Two passwords: neither system learns the one of the other.
struct Passwords {
  Secret pvk;
  Secret pkcs12;
};

Result<Passwords> MakePasswords() {
  auto pvk = pki::MakeOneTimePassword();
  auto pkcs12 = pki::MakeOneTimePassword();
  if (!pvk.ok()) return pvk.error();
  if (!pkcs12.ok()) return pkcs12.error();
  return Passwords{*std::move(pvk), *std::move(pkcs12)};
}

Result<sql::ExportedCertificate> Export(const LinkSystems& systems, const ObjectKey& replica,
                                        const UploadTdeCertificate& step, const Secret& password,
                                        const std::function<Status()>& guard) {
  const auto batch = sql::ExportCertificate(step.thumbprint, password);
  if (!batch.ok()) return batch.error();
  auto reply = systems.hub.Run(replica, sql::Lane::kAct, *batch, kExportTimeout, guard, {});
  if (!reply.ok()) return reply.error();
  auto exported = sql::ReadExportedCertificate(*std::move(reply));
  if (!exported.ok()) return exported.error();
  if (exported->private_key.empty()) {
    return Error{
        ErrorKind::kUnauthorized, reason::kPrivateKeyNotGiven,
        fmt::format("SQL Server does not give the private key of certificate {}; grant the "
                    "login CONTROL on it",
                    step.name.str()),
        ""};
  }
  if (Sha1Thumbprint(exported->der) != step.thumbprint) {
    return Error{ErrorKind::kConflict, reason::kObjectChanged,
                 fmt::format("certificate {} is another one now", step.name.str()), ""};
  }
  return exported;
}

}  // namespace

Result<azure::OperationTicket> TransferTdeCertificate(const LinkSystems& systems,
                                                      const ObjectKey& replica,
                                                      const azure::ManagedInstanceRef& instance,
                                                      const UploadTdeCertificate& step,
                                                      const std::function<Status()>& guard) {
  const auto passwords = MakePasswords();
  if (!passwords.ok()) return passwords.error();
  const auto exported = Export(systems, replica, step, passwords->pvk, guard);
  if (!exported.ok()) return exported.error();
  const auto file =
      pki::Pkcs12FromPvk(exported->der, exported->private_key, passwords->pvk, passwords->pkcs12);
  if (!file.ok()) return file.error();
  if (const Status allowed = guard(); !allowed.ok()) return allowed.error();
  return systems.api.UploadTdeCertificate(instance, *file, passwords->pkcs12);
}

}  // namespace milink::link
