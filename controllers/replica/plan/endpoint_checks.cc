// Questions about what a link needs inside the instance: master key, certificate, endpoint. What
// exists and fits is used; what does not fit is named with its difference and left alone.
#include <algorithm>
#include <utility>
#include <variant>

#include "controllers/replica/plan/checks.h"
#include "controllers/replica/plan/endpoint_fit.h"
#include "controllers/replica/plan/renewal.h"
#include "controllers/replica/reasons.h"
#include "core/base/text.h"
#include "core/base/time_format.h"

namespace milink::replica {
namespace {

using api::ConditionStatus;

CertificateName WantedName(const Observation& observed) {
  const auto* ours = NewestOfOurs(observed);
  return ours != nullptr ? ours->name
                         : DefaultCertificateName(observed.sql->properties.server_name);
}

bool OwnEndpoint(const sql::Certificate& certificate) { return certificate.private_key == "MK"; }

std::optional<std::string> Unusable(const sql::Certificate& certificate) {
  if (!OwnEndpoint(certificate)) {
    return "has no private key protected by the database master key (" +
           (certificate.private_key.empty() ? "unknown" : certificate.private_key) + ")";
  }
  if (certificate.der.empty()) {
    return "cannot be read by this login";
  }
  return std::nullopt;
}

bool MayAlter(const Observation& observed) {
  return observed.replica->spec.endpoint.adoption == "Alter";
}

Finding CreateCertificateFinding(const Observation& observed) {
  const CertificateName name = WantedName(observed);
  return {ConditionStatus::kFalse, reason::kCreating,
          "Certificate " + name.str() + " is being created", Step(NewCertificate(observed, name))};
}

// Nobody can connect with it any more. One of ours is replaced without waiting for anybody.
Finding ExpiredCertificate(const sql::Certificate& certificate, Renewal renewal) {
  const bool ours = renewal.time.has_value();
  const std::string expired = "Certificate " + certificate.name.str() + " expired on " +
                              FormatRfc3339(*certificate.not_after);
  Finding finding{ConditionStatus::kFalse, reason::kCertificateExpired,
                  expired + (ours ? renewal.note : "; create a new one and set it on the endpoint"),
                  std::move(renewal.step), !ours};
  finding.lacking = expired;
  return finding;
}

// None is there: is one to be made, or is that the endpoint's question?
Finding MissingCertificate(const Observation& observed) {
  const auto* endpoint = Endpoint(observed);
  if (endpoint == nullptr) {
    return CreateCertificateFinding(observed);
  }
  if (UsesCertificate(*endpoint)) {
    return {
        ConditionStatus::kFalse, reason::kCertificateUnusable,
        "The certificate of endpoint " + endpoint->name.str() +
            " cannot be seen; it is left alone. Let the login see it, or set another one on the "
            "endpoint",
        std::nullopt, true};
  }
  if (MayAlter(observed) && FitOf(*endpoint).alterable) {
    return CreateCertificateFinding(observed);
  }
  return {ConditionStatus::kUnknown, reason::kDependencyNotReady,
          "Endpoint " + endpoint->name.str() + " uses no certificate; see EndpointReady"};
}

// What takes an expired certificate from the endpoint puts it in order, too.
Step StepToMend(const Observation& observed, const sql::MirroringEndpoint& endpoint) {
  Renewal renewal = PlanRenewal(observed);
  const bool switches = renewal.step && std::holds_alternative<SwitchCertificate>(*renewal.step);
  return switches ? *std::move(renewal.step)
                  : Step(AlterEndpoint{ChangeOf(endpoint, WantedName(observed))});
}

Finding UnfitEndpoint(const Observation& observed, const sql::MirroringEndpoint& endpoint,
                      const EndpointFit& fit) {
  const std::string name = "Mirroring endpoint " + endpoint.name.str();
  const std::string differences = Join(fit.differences, "; ");
  if (fit.alterable && MayAlter(observed)) {
    Finding finding{ConditionStatus::kFalse, reason::kChanging,
                    name + " is being altered for links: " + differences,
                    StepToMend(observed, endpoint)};
    finding.lacking = name + " cannot carry a link: " + differences;
    return finding;
  }
  const std::string remedy =
      fit.alterable ? "set spec.endpoint.adoption to Alter to have that done, or " : "";
  if (fit.only_stopped) {
    return {ConditionStatus::kFalse, reason::kEndpointStopped,
            name + " is " + endpoint.state + "; " + remedy + "run ALTER ENDPOINT " +
                endpoint.name.str() + " STATE = STARTED",
            std::nullopt, true};
  }
  return {ConditionStatus::kFalse, reason::kEndpointUnsuitable,
          name + " cannot carry a link: " + differences +
              ". It is left alone because other availability groups may use it; " + remedy +
              "change it with ALTER ENDPOINT",
          std::nullopt, true};
}

}  // namespace

CertificateName DefaultCertificateName(const std::string& server_name) {
  std::string name = "Cert_" + server_name + "_endpoint";
  std::ranges::replace(name, '\\', '_');
  return CertificateName(std::move(name));
}

const sql::MirroringEndpoint* Endpoint(const Observation& observed) {
  return observed.sql->endpoints.empty() ? nullptr : &observed.sql->endpoints.front();
}

const sql::Certificate* EndpointCertificate(const Observation& observed) {
  const auto* endpoint = Endpoint(observed);
  if (endpoint != nullptr && !endpoint->certificate.empty()) {
    return observed.sql->FindCertificate(endpoint->certificate);
  }
  return observed.sql->FindCertificate(WantedName(observed));
}

Finding CheckMasterKey(const Observation& observed) {
  const auto& key = observed.sql->master_key;
  if (key.exists && key.encrypted_by_service_key) {
    return {ConditionStatus::kTrue, reason::kSucceeded,
            "The database master key of master is usable"};
  }
  const std::string closed =
      "The database master key of master is not encrypted by the service master key, so the server "
      "cannot open it unattended";
  const bool has_password = observed.replica->spec.master_key_password.has_value();
  if (key.exists && !has_password) {
    return {
        ConditionStatus::kFalse, reason::kMasterKeyNotOpenable,
        closed +
            "; set spec.masterKey.passwordSecretRef to a Secret with the key's password, or run "
            "OPEN MASTER KEY with it, then ALTER MASTER KEY ADD ENCRYPTION BY SERVICE MASTER "
            "KEY",
        std::nullopt, true};
  }
  if (!has_password) {
    return {ConditionStatus::kFalse, reason::kMasterKeyRequired,
            "master has no database master key; set spec.masterKey.passwordSecretRef to a Secret "
            "with the password for a new one, or create the key yourself",
            std::nullopt, true};
  }
  if (observed.master_key_error) {
    return {ConditionStatus::kFalse, observed.master_key_error->reason,
            observed.master_key_error->message, std::nullopt, true};
  }
  if (key.exists) {
    Finding finding{ConditionStatus::kFalse, reason::kChanging,
                    "The database master key is being encrypted by the service master key, too",
                    Step(RepairMasterKey{})};
    finding.lacking = closed;
    return finding;
  }
  return {ConditionStatus::kFalse, reason::kCreating, "The database master key is being created",
          Step(CreateMasterKey{})};
}

Finding CheckCertificate(const Observation& observed) {
  const auto* certificate = EndpointCertificate(observed);
  if (certificate == nullptr) {
    return MissingCertificate(observed);
  }
  const std::string name = certificate->name.str();
  if (const auto problem = Unusable(*certificate)) {
    return {ConditionStatus::kFalse, reason::kCertificateUnusable,
            "Certificate " + name + " " + *problem +
                "; it is left alone. Rename or drop it, so that a usable one can be created",
            std::nullopt, true};
  }
  Renewal renewal = PlanRenewal(observed);
  if (certificate->not_after && *certificate->not_after <= observed.now) {
    return ExpiredCertificate(*certificate, std::move(renewal));
  }
  if (certificate->not_before && *certificate->not_before > observed.now) {
    return {ConditionStatus::kFalse, reason::kCertificateUnusable,
            "Certificate " + name + " is not valid before " +
                FormatRfc3339(*certificate->not_before) + "; check the server's clock"};
  }
  const std::string until =
      certificate->not_after ? " is valid until " + FormatRfc3339(*certificate->not_after) : "";
  return {ConditionStatus::kTrue,
          renewal.reason.empty() ? std::string(reason::kSucceeded) : std::move(renewal.reason),
          "Certificate " + name + until + renewal.note, std::move(renewal.step)};
}

Finding CheckEndpoint(const Observation& observed) {
  const auto& wanted = observed.replica->spec.endpoint;
  const auto* endpoint = Endpoint(observed);
  if (endpoint == nullptr) {
    CreateEndpoint step{EndpointName(wanted.name), static_cast<std::uint16_t>(wanted.port),
                        WantedName(observed)};
    return {ConditionStatus::kFalse, reason::kCreating,
            "Mirroring endpoint " + wanted.name + " is being created", Step(std::move(step))};
  }
  if (const EndpointFit fit = FitOf(*endpoint); !fit.fits()) {
    return UnfitEndpoint(observed, *endpoint, fit);
  }
  return {ConditionStatus::kTrue, reason::kSucceeded,
          "Mirroring endpoint " + endpoint->name.str() + " listens on port " +
              std::to_string(endpoint->port)};
}

}  // namespace milink::replica
