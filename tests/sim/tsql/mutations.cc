#include "tests/sim/tsql/mutations.h"

#include <algorithm>
#include <atomic>

#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/query.h"

namespace milink::sim::tsql {
namespace {

bool Any(const std::vector<StatementPtr>& statements);

struct Walker {
  bool operator()(const Block& node) const { return Any(node.statements); }
  bool operator()(const If& node) const {
    return One(node.then) || (node.otherwise && One(node.otherwise));
  }
  bool operator()(const While& node) const { return One(node.body); }
  bool operator()(const TryCatch& node) const { return Any(node.attempt) || Any(node.handler); }
  bool operator()(const ExecuteText&) const { return true; }
  bool operator()(const ExecuteProcedure& node) const {
    return IsMutatingProcedure(node.name.name);
  }
  bool operator()(const Dbcc& node) const {
    return node.command == "TRACEON" || node.command == "TRACEOFF";
  }
  bool operator()(const MasterKeyStatement& node) const {
    return node.action != MasterKeyAction::kOpen && node.action != MasterKeyAction::kClose;
  }
  bool operator()(const CreateCertificate&) const { return true; }
  bool operator()(const DropCertificate&) const { return true; }
  bool operator()(const EndpointStatement&) const { return true; }
  bool operator()(const DropEndpoint&) const { return true; }
  bool operator()(const CreateGroup&) const { return true; }
  bool operator()(const AlterGroup&) const { return true; }
  bool operator()(const DropGroup&) const { return true; }
  bool operator()(const CreateDatabase&) const { return true; }
  bool operator()(const DropDatabase&) const { return true; }
  bool operator()(const AlterDatabase&) const { return true; }
  bool operator()(const RestoreDatabase&) const { return true; }
  bool operator()(const BackupStatement&) const { return true; }
  bool operator()(const PermissionStatement&) const { return true; }
  template <typename Other>
  bool operator()(const Other&) const {
    return false;
  }

  static bool One(const StatementPtr& statement) { return std::visit(Walker{}, statement->node); }
};

bool Any(const std::vector<StatementPtr>& statements) {
  return std::any_of(statements.begin(), statements.end(), Walker::One);
}

// Nobody listens: for asking without running.
class NoWriter final : public ResultWriter {
 public:
  void Columns(const std::vector<Column>&) override {}
  void Row(const std::vector<Value>&) override {}
  void Message(const ServerMessage&) override {}
  void DatabaseChanged(const std::string&, const std::string&) override {}
  void StatementDone(std::optional<std::uint64_t>, bool) override {}
  void ReturnStatus(int) override {}
};

}  // namespace

bool MayMutate(const Batch& batch) { return Any(batch.statements); }

bool IsMutatingProcedure(const std::string& name) {
  const std::string lower = ToLowerAscii(name);
  for (const auto* name_of :
       {"sp_certificate_add_issuer", "sp_executesql", "sp_add_job", "sp_add_jobstep",
        "sp_add_jobserver", "sp_start_job", "sp_delete_job"}) {
    if (lower.ends_with(name_of)) return true;
  }
  return false;
}

std::vector<Column> DescribeFirstQuery(const Services& services, Session& session,
                                       const Batch& batch,
                                       const std::vector<Parameter>& parameters) {
  if (batch.statements.size() != 1) return {};
  const auto* statement = std::get_if<QueryStatement>(&batch.statements[0]->node);
  if (statement == nullptr) return {};
  NoWriter writer;
  const std::atomic<bool> cancelled{false};
  Interpreter interpreter(services, session, cancelled, writer);
  for (const Parameter& parameter : parameters) {
    interpreter.DeclareParameter(ToLowerAscii(parameter.name), parameter.type, Null{});
  }
  try {
    return interpreter.WithWorld(
        [&](const WorldState&, const SqlServerInstance&, const Environment& environment) {
          return CompileQuery(*statement->query, environment, nullptr, nullptr).columns;
        });
  } catch (const Failure&) {
    return {};
  } catch (const Disconnect&) {
    return {};
  }
}

}  // namespace milink::sim::tsql
