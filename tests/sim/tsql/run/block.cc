// One SELECT .. FROM .. WHERE .. GROUP BY .. HAVING.
#include <algorithm>
#include <map>
#include <set>

#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/query.h"

namespace milink::sim::tsql {
namespace {

bool IsTrue(const Value& value) {
  return !IsNullValue(value) && std::get<std::int64_t>(value) != 0;
}

struct Plan {
  Source source;
  Evaluate where;
  bool grouped = false;
  bool group_all = false;  // aggregates without GROUP BY: always one group
  std::vector<std::size_t> group_slots;
  Evaluate having;
  std::vector<Compiled> outputs;
  std::vector<Window> windows;
  bool distinct = false;
  Evaluate top;
  TypeInfo top_type;
};

std::string NameOf(const SelectItem& item) {
  if (!item.alias.empty()) return item.alias;
  const auto* column = std::get_if<ColumnRef>(&item.expression->node);
  return column == nullptr ? "" : column->parts.back();
}

void NumberRows(const std::vector<Window>& windows, const std::vector<Row>& rows,
                const Environment& environment, const Frame* outer) {
  for (const Window& window : windows) {
    std::map<std::string, std::vector<std::pair<Row, const Row*>>> partitions;
    for (const Row& row : rows) {
      const Frame frame{&environment, &row, nullptr, outer};
      std::string key;
      for (const Compiled& part : window.partition_by) {
        key += KeyOf(part.run(frame), environment.collation) + '\0';
      }
      Row order;
      for (const auto& [term, descending] : window.order_by) order.push_back(term.run(frame));
      partitions[key].emplace_back(std::move(order), &row);
    }
    window.numbers->clear();
    for (auto& [key, members] : partitions) {
      std::stable_sort(members.begin(), members.end(), [&](const auto& a, const auto& b) {
        for (std::size_t i = 0; i < window.order_by.size(); ++i) {
          const Value& x = a.first[i];
          const Value& y = b.first[i];
          if (IsNullValue(x) && IsNullValue(y)) continue;
          int order = IsNullValue(x) ? -1 : 1;
          if (!IsNullValue(x) && !IsNullValue(y)) {
            order = CompareValues(x, y, environment.collation);
          }
          if (order != 0) return window.order_by[i].second ? order > 0 : order < 0;
        }
        return false;
      });
      std::int64_t number = 0;
      for (const auto& member : members) (*window.numbers)[member.second] = ++number;
    }
  }
}

using Groups = std::vector<std::vector<const Row*>>;

Groups MakeGroups(const Plan& plan, const std::vector<Row>& rows, Collation collation) {
  Groups groups;
  if (plan.group_all) groups.emplace_back();
  std::map<std::string, std::size_t> places;
  for (const Row& row : rows) {
    std::string key;
    for (const std::size_t slot : plan.group_slots) key += KeyOf(row[slot], collation) + '\0';
    const auto [place, added] = places.emplace(key, plan.group_all ? 0 : groups.size());
    if (added && !plan.group_all) groups.emplace_back();
    groups[place->second].push_back(&row);
  }
  return groups;
}

Row Project(const Plan& plan, const Frame& frame) {
  Row row;
  for (const Compiled& output : plan.outputs) row.push_back(output.run(frame));
  return row;
}

std::vector<Row> RunPlan(const Plan& plan, const Environment& environment, const Frame* outer) {
  const Row no_columns;
  const Frame base{&environment, &no_columns, nullptr, outer};
  std::vector<Row> rows{Row{}};
  // Sources see the surrounding query itself, not this one.
  if (plan.source.rows) rows = plan.source.rows(outer != nullptr ? *outer : base);
  if (plan.where) {
    std::erase_if(rows, [&](const Row& row) {
      return !IsTrue(plan.where({&environment, &row, nullptr, outer}));
    });
  }
  std::vector<Row> result;
  if (plan.grouped) {
    for (const auto& group : MakeGroups(plan, rows, environment.collation)) {
      const Frame frame{&environment, group.empty() ? &no_columns : group[0], &group, outer};
      if (plan.having && !IsTrue(plan.having(frame))) continue;
      result.push_back(Project(plan, frame));
    }
    return result;
  }
  NumberRows(plan.windows, rows, environment, outer);
  for (const Row& row : rows) result.push_back(Project(plan, {&environment, &row, nullptr, outer}));
  return result;
}

class BlockCompiler {
 public:
  BlockCompiler(const QueryBlock& block, const Environment& environment, const Scope* outer,
                const CommonTables* common)
      : block_(block), environment_(environment), common_(common), outer_(outer) {}

  BlockQuery Run(const std::vector<std::pair<ExpressionPtr, bool>>& order_by) {
    if (!block_.from.empty())
      plan_.source = CompileFrom(block_.from, environment_, outer_, common_);
    const Scope scope{plan_.source.columns, outer_};
    ExpressionCompiler compiler(environment_, scope, common_);
    if (block_.where) plan_.where = compiler.CompileCondition(*block_.where);
    Group(compiler, order_by);
    for (const SelectItem& item : block_.items) AddItem(compiler, item);
    result_.visible = plan_.outputs.size();
    for (const auto& [term, descending] : order_by) AddOrder(compiler, *term, descending);
    if (block_.having) plan_.having = compiler.CompileCondition(*block_.having);
    if (block_.top) {
      const Scope empty{{}, outer_};
      const Compiled top = ExpressionCompiler(environment_, empty, common_).Compile(*block_.top);
      plan_.top = top.run;
      plan_.top_type = top.type;
    }
    plan_.distinct = block_.distinct;
    plan_.windows = compiler.windows();
    Finish();
    return std::move(result_);
  }

 private:
  void Group(ExpressionCompiler& compiler,
             const std::vector<std::pair<ExpressionPtr, bool>>& order_by) {
    bool aggregates = block_.having != nullptr;
    for (const SelectItem& item : block_.items) {
      aggregates = aggregates || (item.expression && ContainsAggregate(*item.expression));
    }
    for (const auto& [term, descending] : order_by) {
      aggregates = aggregates || ContainsAggregate(*term);
    }
    for (const ExpressionPtr& key : block_.group_by) {
      const auto slot = compiler.SlotOf(*key);
      // Grouping by anything but a column is outside of the subset.
      if (!slot) Fail(102, {"GROUP BY"});
      plan_.group_slots.push_back(*slot);
    }
    plan_.grouped = aggregates || !block_.group_by.empty();
    plan_.group_all = plan_.grouped && block_.group_by.empty();
    if (plan_.grouped) compiler.GroupBy(plan_.group_slots);
  }

  void AddOutput(std::string name, Compiled compiled, std::string variable) {
    result_.query.columns.push_back({std::move(name), compiled.type});
    result_.query.variables.push_back(std::move(variable));
    plan_.outputs.push_back(std::move(compiled));
  }

  void AddItem(ExpressionCompiler& compiler, const SelectItem& item) {
    if (item.expression) {
      AddOutput(NameOf(item), compiler.Compile(*item.expression), item.variable);
      return;
    }
    if (block_.from.empty()) Fail(263);
    bool any = false;
    for (const ScopeColumn& column : plan_.source.columns) {
      if (!item.star_of.empty() && !SameText(item.star_of, column.table, environment_.collation)) {
        continue;
      }
      any = true;
      const auto slot = static_cast<std::size_t>(&column - plan_.source.columns.data());
      if (plan_.grouped && std::find(plan_.group_slots.begin(), plan_.group_slots.end(), slot) ==
                               plan_.group_slots.end()) {
        Fail(8120, {column.name});
      }
      AddOutput(column.name,
                {column.type, [slot](const Frame& frame) { return (*frame.row)[slot]; }}, "");
    }
    if (!any) Fail(107, {item.star_of});
  }

  // A term of ORDER BY: a position, an output's name, or an expression over the sources.
  void AddOrder(ExpressionCompiler& compiler, const Expression& term, bool descending) {
    if (const auto* literal = std::get_if<Literal>(&term.node)) {
      const auto* position = std::get_if<std::int64_t>(&literal->value);
      if (position == nullptr || *position < 1 ||
          *position > static_cast<std::int64_t>(result_.visible)) {
        Fail(108, {position == nullptr ? "" : std::to_string(*position)});
      }
      result_.order.emplace_back(static_cast<std::size_t>(*position - 1), descending);
      return;
    }
    if (const auto* column = std::get_if<ColumnRef>(&term.node);
        column && column->parts.size() == 1) {
      for (std::size_t i = 0; i < result_.visible; ++i) {
        if (SameText(result_.query.columns[i].name, column->parts[0], environment_.collation)) {
          result_.order.emplace_back(i, descending);
          return;
        }
      }
    }
    result_.order.emplace_back(plan_.outputs.size(), descending);
    AddOutput("", compiler.Compile(term), "");
  }

  void Finish() {
    result_.query.run = [plan = plan_, order = result_.order, visible = result_.visible,
                         &environment = environment_](const Frame* outer) {
      std::vector<Row> rows = RunPlan(plan, environment, outer);
      if (plan.distinct) {
        if (plan.outputs.size() != visible) Fail(145);
        RemoveDuplicates(rows, environment.collation);
      }
      SortRows(rows, order, environment.collation);
      if (plan.top) {
        const Row empty;
        const Value count = ConvertValue(plan.top({&environment, &empty, nullptr, outer}),
                                         plan.top_type, {.type = SqlType::kBigInt});
        const auto* number = std::get_if<std::int64_t>(&count);
        if (number == nullptr || *number < 0) Fail(1060);
        if (rows.size() > static_cast<std::size_t>(*number)) {
          rows.resize(static_cast<std::size_t>(*number));
        }
      }
      return rows;
    };
  }

  const QueryBlock& block_;
  const Environment& environment_;
  const CommonTables* common_;
  const Scope* outer_;
  Plan plan_;
  BlockQuery result_;
};

}  // namespace

BlockQuery CompileBlock(const QueryBlock& block,
                        const std::vector<std::pair<ExpressionPtr, bool>>& order_by,
                        const Environment& environment, const Scope* outer,
                        const CommonTables* common) {
  return BlockCompiler(block, environment, outer, common).Run(order_by);
}

}  // namespace milink::sim::tsql
