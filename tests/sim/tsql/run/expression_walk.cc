// Does an expression hold an aggregate of its own query (not of a subquery)?
#include <algorithm>

#include "core/base/text.h"
#include "tests/sim/tsql/run/expression_compiler.h"
#include "tests/sim/tsql/run/functions.h"

namespace milink::sim::tsql {
namespace {

bool Any(std::initializer_list<const ExpressionPtr*> children) {
  return std::any_of(children.begin(), children.end(), [](const ExpressionPtr* child) {
    return *child != nullptr && ContainsAggregate(**child);
  });
}
bool AnyOf(const std::vector<ExpressionPtr>& children) {
  return std::any_of(children.begin(), children.end(),
                     [](const ExpressionPtr& child) { return ContainsAggregate(*child); });
}

struct Walker {
  bool operator()(const Literal&) const { return false; }
  bool operator()(const ColumnRef&) const { return false; }
  bool operator()(const VariableRef&) const { return false; }
  bool operator()(const RowNumber&) const { return false; }
  bool operator()(const Exists&) const { return false; }
  bool operator()(const ScalarQuery&) const { return false; }
  bool operator()(const Negate& n) const { return Any({&n.operand}); }
  bool operator()(const Not& n) const { return Any({&n.operand}); }
  bool operator()(const IsNull& n) const { return Any({&n.operand}); }
  bool operator()(const Collate& n) const { return Any({&n.operand}); }
  bool operator()(const InQuery& n) const { return Any({&n.operand}); }
  bool operator()(const Binary& n) const { return Any({&n.left, &n.right}); }
  bool operator()(const Cast& n) const { return Any({&n.operand, &n.style}); }
  bool operator()(const Like& n) const { return Any({&n.operand, &n.pattern, &n.escape}); }
  bool operator()(const Between& n) const { return Any({&n.operand, &n.low, &n.high}); }
  bool operator()(const InList& n) const { return Any({&n.operand}) || AnyOf(n.list); }
  bool operator()(const FunctionCall& n) const {
    return IsAggregate(ToUpperAscii(n.name.name)) || AnyOf(n.arguments);
  }
  bool operator()(const Case& n) const {
    return Any({&n.input, &n.otherwise}) ||
           std::any_of(n.branches.begin(), n.branches.end(),
                       [](const auto& branch) { return Any({&branch.first, &branch.second}); });
  }
};

}  // namespace

bool ContainsAggregate(const Expression& expression) {
  return std::visit(Walker{}, expression.node);
}

}  // namespace milink::sim::tsql
