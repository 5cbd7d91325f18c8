// Keys, certificates, permissions: the world decides, this file asks for rights and context.
#include "core/base/text.h"
#include "tests/sim/tsql/run/datetime.h"
#include "tests/sim/tsql/run/interpreter.h"
#include "tests/sim/world/security_ddl.h"

namespace milink::sim::tsql {
namespace {

std::optional<TimePoint> ParseDate(const std::optional<std::string>& text, bool end_of_day) {
  if (!text) return std::nullopt;
  const auto time = ParseDateTime(*text);
  if (!time) Fail(241);
  // An expiry without a time means one second before midnight.
  const bool bare = text->find(':') == std::string::npos;
  return end_of_day && bare ? *time + std::chrono::hours(24) - std::chrono::seconds(1) : *time;
}

}  // namespace

Interpreter::Flow Interpreter::Execute(const MasterKeyStatement& node) {
  RequirePermission("CONTROL SERVER", Failure(MakeMessage(15247)));
  if (!SameText(session_.database(), "master", {false})) {
    FailNotModelled("a master key in a database other than master");
  }
  switch (node.action) {
    case MasterKeyAction::kCreate:
      return Mutate("CREATE MASTER KEY", "", [&](WorldState& world, SqlServerInstance& instance) {
        return CreateMasterKey(world, instance, node.password);
      });
    case MasterKeyAction::kDrop:
      return Mutate("DROP MASTER KEY", "", [](WorldState& world, SqlServerInstance& instance) {
        return DropMasterKey(world, instance);
      });
    case MasterKeyAction::kOpen:
      Send(WithWorld(
          [&](const WorldState& world, const SqlServerInstance& instance, const Environment&) {
            return OpenMasterKey(world, instance, node.password);
          }));
      session_.master_key_open = true;
      break;
    case MasterKeyAction::kClose:
      if (!session_.master_key_open) Fail(15315, {"", ""});
      session_.master_key_open = false;
      break;
    case MasterKeyAction::kAddServiceEncryption:
      return Mutate("ALTER MASTER KEY", "", [this](WorldState& world, SqlServerInstance& instance) {
        const bool usable =
            session_.master_key_open || instance.master_key.encrypted_by_service_key;
        if (instance.master_key.exists && !usable) return Refuse(15581);
        return EncryptMasterKeyByServiceKey(world, instance);
      });
    case MasterKeyAction::kDropServiceEncryption:
      return Mutate("ALTER MASTER KEY", "", [](WorldState&, SqlServerInstance& instance) {
        if (!instance.master_key.exists) return Refuse(15151, {"alter", "master key", ""});
        instance.master_key.encrypted_by_service_key = false;
        return SqlOutcome{};
      });
  }
  Done(std::nullopt);
  return Flow::kNext;
}

Interpreter::Flow Interpreter::Execute(const CreateCertificate& node) {
  RequirePermission("ALTER ANY CERTIFICATE",
                    Failure(MakeMessage(262, {"CREATE CERTIFICATE", session_.database()})));
  if (!SameText(session_.database(), "master", {false})) {
    FailNotModelled("a certificate in a database other than master");
  }
  if (node.binary) {
    return Mutate("CREATE CERTIFICATE", node.name,
                  [&](WorldState& world, SqlServerInstance& instance) {
                    return ImportCertificate(world, instance, node.name, *node.binary);
                  });
  }
  CertificateRequest request{.name = node.name, .subject = *node.subject};
  request.start_date = ParseDate(node.start_date, false);
  request.expiry_date = ParseDate(node.expiry_date, true);
  const bool open = session_.master_key_open;
  return Mutate("CREATE CERTIFICATE", node.name,
                [&](WorldState& world, SqlServerInstance& instance) {
                  // An opened key serves as well as one that the service opens.
                  const bool before = instance.master_key.encrypted_by_service_key;
                  if (open) instance.master_key.encrypted_by_service_key = true;
                  SqlOutcome outcome = milink::sim::CreateCertificate(world, instance, request);
                  instance.master_key.encrypted_by_service_key = before;
                  return outcome;
                });
}

Interpreter::Flow Interpreter::Execute(const tsql::DropCertificate& node) {
  RequirePermission("ALTER ANY CERTIFICATE",
                    Failure(MakeMessage(15151, {"drop", "certificate", node.name})));
  return Mutate("DROP CERTIFICATE", node.name, [&](WorldState& world, SqlServerInstance& instance) {
    return milink::sim::DropCertificate(world, instance, node.name);
  });
}

Interpreter::Flow Interpreter::Execute(const PermissionStatement& node) {
  RequirePermission("CONTROL SERVER",
                    Failure(MakeMessage(15151, {"find", "login", node.principal})));
  RequireMaster();
  return Mutate(node.verb, node.permission + " " + node.principal,
                [&](WorldState&, SqlServerInstance& instance) {
                  for (Login& login : instance.logins) {
                    if (!instance.SameName(login.name, node.principal)) continue;
                    if (node.verb == "GRANT") {
                      login.permissions.insert(node.permission);
                    } else {
                      login.permissions.erase(node.permission);
                    }
                    return SqlOutcome{};
                  }
                  if (instance.SameName("NT AUTHORITY\\SYSTEM", node.principal)) {
                    if (node.verb == "GRANT") {
                      instance.cluster_account_rights.insert(node.permission);
                    } else {
                      instance.cluster_account_rights.erase(node.permission);
                    }
                    return SqlOutcome{};
                  }
                  // Other Windows accounts exist without being modelled; their rights decide
                  // nothing.
                  if (node.principal.find('\\') != std::string::npos) return SqlOutcome{};
                  return Refuse(15151, {"find", "login", node.principal});
                });
}

}  // namespace milink::sim::tsql
