// A batch as parsed. Plain values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/sim/tsql/ast/ddl.h"
#include "tests/sim/tsql/ast/select.h"

namespace milink::sim::tsql {

struct Statement;
using StatementPtr = std::unique_ptr<Statement>;

struct Declaration {
  std::string name;
  TypeInfo type;
  ExpressionPtr value;  // null: NULL
};
struct Declare {
  std::vector<Declaration> variables;
};
struct SetVariable {
  std::string name;
  ExpressionPtr value;
};
struct SetOption {
  std::string option;  // NOCOUNT, XACT_ABORT, ..
  std::string value;   // ON, OFF or the argument
};
struct Block {
  std::vector<StatementPtr> statements;
};
struct If {
  ExpressionPtr condition;
  StatementPtr then;
  StatementPtr otherwise;
};
struct While {
  ExpressionPtr condition;
  StatementPtr body;
};
struct Break {};
struct Continue {};
struct TryCatch {
  std::vector<StatementPtr> attempt;
  std::vector<StatementPtr> handler;
};
struct Throw {  // without number: again what CATCH caught
  ExpressionPtr number;
  ExpressionPtr text;
  ExpressionPtr state;
};
struct RaiseError {
  ExpressionPtr text;  // or a number
  ExpressionPtr severity;
  ExpressionPtr state;
  std::vector<ExpressionPtr> arguments;
  bool no_wait = false;
};
struct Print {
  ExpressionPtr text;
};
struct ExecuteArgument {
  std::string name;  // "@x", lower case; empty: by position
  ExpressionPtr value;
  bool output = false;
  bool use_default = false;
};
struct ExecuteProcedure {
  ObjectName name;
  std::string status_variable;  // EXEC @status = p
  std::vector<ExecuteArgument> arguments;
};
struct ExecuteText {  // EXEC (N'..' + @x)
  ExpressionPtr text;
};
struct Return {
  ExpressionPtr value;
};
struct WaitFor {
  ExpressionPtr delay;
};
struct Use {
  std::string database;
};
enum class TransactionAction { kBegin, kCommit, kRollback };
struct Transaction {
  TransactionAction action = TransactionAction::kBegin;
};
struct Dbcc {
  std::string command;  // TRACESTATUS, TRACEON, TRACEOFF, SQLPERF
  std::vector<std::string> arguments;
  bool no_info_messages = false;
};
struct QueryStatement {
  SelectPtr query;
};

struct Statement {
  int line = 1;
  std::size_t begin = 0;  // offsets of its text in the batch
  std::size_t end = 0;
  std::variant<QueryStatement, Declare, SetVariable, SetOption, Block, If, While, Break, Continue,
               TryCatch, Throw, RaiseError, Print, ExecuteProcedure, ExecuteText, Return, WaitFor,
               Use, Transaction, Dbcc, MasterKeyStatement, CreateCertificate, DropCertificate,
               EndpointStatement, DropEndpoint, CreateGroup, AlterGroup, DropGroup, CreateDatabase,
               DropDatabase, AlterDatabase, RestoreDatabase, BackupStatement, PermissionStatement>
      node;
};

struct Batch {
  std::vector<StatementPtr> statements;
  std::vector<std::pair<std::string, TypeInfo>> variables;  // every DECLARE, in order
};

}  // namespace milink::sim::tsql
