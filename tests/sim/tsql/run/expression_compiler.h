// Expression -> something that runs, with its type: names are resolved and functions checked before
// the first row, so that 207, 4104, 195 and 8120 come even from an empty table.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/sim/tsql/run/environment.h"

namespace milink::sim::tsql {

// ROW_NUMBER() of one query block: the query fills `numbers` before it evaluates its items.
struct Window {
  std::vector<Compiled> partition_by;
  std::vector<std::pair<Compiled, bool>> order_by;
  std::shared_ptr<std::unordered_map<const Row*, std::int64_t>> numbers;
};

class ExpressionCompiler {
 public:
  // All three must outlive the compiler, `environment` also what it compiles.
  ExpressionCompiler(const Environment& environment, const Scope& scope, const CommonTables* common)
      : environment_(environment), scope_(scope), common_(common) {}

  // From now on columns must be grouped by (these slots of the scope) or stand in an aggregate.
  void GroupBy(std::vector<std::size_t> slots) { grouped_ = std::move(slots); }

  Compiled Compile(const Expression& expression);
  // The result is 1, 0 or NULL (unknown).
  Evaluate CompileCondition(const Expression& expression) { return Compile(expression).run; }
  std::optional<std::size_t> SlotOf(const Expression& expression);  // of a column of this scope
  // In which two operands of a comparison are compared.
  Collation CollationOf(const Expression& a, const Expression& b) const;
  const std::vector<Window>& windows() const { return windows_; }

 private:
  struct Place {
    int depth = 0;
    std::size_t slot = 0;
    TypeInfo type;
  };
  Place Resolve(const ColumnRef& column) const;

  Compiled CompileNode(const Literal& node);
  Compiled CompileNode(const ColumnRef& node);
  Compiled CompileNode(const VariableRef& node);
  Compiled CompileNode(const Negate& node);
  Compiled CompileNode(const Not& node);
  Compiled CompileNode(const Binary& node);
  Compiled CompileNode(const FunctionCall& node);
  Compiled CompileNode(const RowNumber& node);
  Compiled CompileNode(const Case& node);
  Compiled CompileNode(const Cast& node);
  Compiled CompileNode(const Like& node);
  Compiled CompileNode(const Between& node);
  Compiled CompileNode(const InList& node);
  Compiled CompileNode(const InQuery& node);
  Compiled CompileNode(const IsNull& node);
  Compiled CompileNode(const Exists& node);
  Compiled CompileNode(const ScalarQuery& node);
  Compiled CompileNode(const Collate& node);

  Compiled Logic(const Binary& node);
  Compiled Comparison(const Binary& node);
  Compiled Arithmetic(const Binary& node);
  Compiled Aggregate(const FunctionCall& node, const std::string& name);

  const Environment& environment_;
  const Scope& scope_;
  const CommonTables* common_;
  std::optional<std::vector<std::size_t>> grouped_;
  std::vector<Window> windows_;
};

bool ContainsAggregate(const Expression& expression);

}  // namespace milink::sim::tsql
