#include "tests/sim/tsql/ddl/words.h"
#include "tests/sim/tsql/run/interpreter.h"
#include "tests/sim/world/security_ddl.h"

namespace milink::sim::tsql {

Interpreter::Flow Interpreter::Execute(const EndpointStatement& node) {
  const bool creating = node.action == EndpointStatement::Action::kCreate;
  const std::string operation = creating ? "CREATE ENDPOINT" : "ALTER ENDPOINT";
  RefuseInTransaction(226, operation);
  RequirePermission("ALTER ANY ENDPOINT",
                    Failure(creating ? MakeMessage(15247)
                                     : MakeMessage(15151, {"alter", "endpoint", node.name})));
  EndpointClauses clauses{.name = node.name};
  clauses.state = ValueOf<EndpointState>(node.state);
  clauses.port = node.port;
  clauses.ip_address = node.ip_address;
  clauses.role = ValueOf<EndpointRole>(node.role);
  clauses.auth = ValueOf<ConnectionAuth>(node.authentication);
  if (!node.certificate.empty()) clauses.certificate = node.certificate;
  clauses.encryption = ValueOf<EncryptionAlgorithm>(node.encryption);
  return Mutate(operation, node.name, [&](WorldState& world, SqlServerInstance& instance) {
    return creating ? CreateEndpoint(world, instance, clauses)
                    : AlterEndpoint(world, instance, clauses);
  });
}

Interpreter::Flow Interpreter::Execute(const tsql::DropEndpoint& node) {
  RefuseInTransaction(226, "DROP ENDPOINT");
  RequirePermission("ALTER ANY ENDPOINT",
                    Failure(MakeMessage(15151, {"drop", "endpoint", node.name})));
  return Mutate("DROP ENDPOINT", node.name, [&](WorldState& world, SqlServerInstance& instance) {
    return milink::sim::DropEndpoint(world, instance, node.name);
  });
}

}  // namespace milink::sim::tsql
