#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/parse/parser.h"

namespace milink::sim::tsql {
namespace {

std::vector<std::string> ParseColumnAliases(Cursor& cursor) {
  std::vector<std::string> names;
  if (!cursor.TakeSymbol("(")) return names;
  do {
    names.push_back(cursor.ExpectName());
  } while (cursor.TakeSymbol(","));
  cursor.ExpectSymbol(")");
  return names;
}

// [AS] alias; T-SQL also takes a string as the alias of a column.
std::string TakeAlias(Cursor& cursor, bool string_allowed) {
  const bool as = cursor.TakeWord("AS");
  if (string_allowed && cursor.IsString()) return cursor.ExpectString();
  if (as || cursor.IsName()) return cursor.ExpectName();
  return "";
}

SelectItem ParseItem(Cursor& cursor) {
  SelectItem item;
  if (cursor.TakeSymbol("*")) return item;
  if (cursor.IsName() && cursor.IsSymbol(".", 1) && cursor.IsSymbol("*", 2)) {
    item.star_of = cursor.ExpectName();
    cursor.Take();
    cursor.Take();
    return item;
  }
  if (cursor.Peek().kind == TokenKind::kVariable && cursor.IsSymbol("=", 1)) {
    item.variable = cursor.ExpectVariable();
    cursor.CheckVariable(item.variable);
    cursor.Take();
    item.expression = ParseExpression(cursor);
    return item;
  }
  if (cursor.IsName() && cursor.IsSymbol("=", 1)) {
    item.alias = cursor.ExpectName();
    cursor.Take();
    item.expression = ParseExpression(cursor);
    return item;
  }
  item.expression = ParseExpression(cursor);
  item.alias = TakeAlias(cursor, true);
  return item;
}

ValuesSource ParseValues(Cursor& cursor) {
  ValuesSource values;
  do {
    cursor.ExpectSymbol("(");
    values.rows.push_back(ParseArguments(cursor));
    if (values.rows.back().size() != values.rows.front().size()) Fail(10709);
  } while (cursor.TakeSymbol(","));
  return values;
}

// WITH (NOLOCK) and its like: there are no locks to hint about.
void SkipTableHint(Cursor& cursor) {
  if (!cursor.IsWord("WITH") || !cursor.IsSymbol("(", 1)) return;
  cursor.Take();
  cursor.Take();
  cursor.ExpectOneOf({"NOLOCK", "READUNCOMMITTED", "READPAST"});
  cursor.ExpectSymbol(")");
}

void ParseSource(Cursor& cursor, FromItem& item) {
  if (cursor.TakeSymbol("(")) {
    if (cursor.TakeWord("VALUES")) {
      item.source = ParseValues(cursor);
    } else if (cursor.IsWord("SELECT")) {
      item.source = QuerySource{ParseSelect(cursor)};
    } else {
      cursor.FailSyntax();
    }
    cursor.ExpectSymbol(")");
    item.alias = TakeAlias(cursor, false);
    if (item.alias.empty()) cursor.FailSyntax();  // a derived table needs a name
    item.column_aliases = ParseColumnAliases(cursor);
    return;
  }
  const ObjectName name = cursor.ExpectObjectName();
  if (cursor.TakeSymbol("(")) {
    item.source = FunctionSource{name, ParseArguments(cursor)};
  } else {
    item.source = TableSource{name};
  }
  item.alias = TakeAlias(cursor, false);
  SkipTableHint(cursor);
}

// The join words before the next source; nothing when the FROM clause ends here.
bool TakeJoin(Cursor& cursor, JoinKind& kind) {
  if (cursor.TakeSymbol(",") || cursor.TakeWords({"CROSS", "JOIN"})) {
    kind = JoinKind::kCross;
  } else if (cursor.TakeWord("JOIN") || cursor.TakeWords({"INNER", "JOIN"})) {
    kind = JoinKind::kInner;
  } else if (cursor.TakeWords({"LEFT", "JOIN"}) || cursor.TakeWords({"LEFT", "OUTER", "JOIN"})) {
    kind = JoinKind::kLeft;
  } else if (cursor.TakeWords({"RIGHT", "JOIN"}) || cursor.TakeWords({"RIGHT", "OUTER", "JOIN"})) {
    kind = JoinKind::kRight;
  } else if (cursor.TakeWords({"FULL", "JOIN"}) || cursor.TakeWords({"FULL", "OUTER", "JOIN"})) {
    kind = JoinKind::kFull;
  } else if (cursor.TakeWords({"CROSS", "APPLY"})) {
    kind = JoinKind::kCrossApply;
  } else if (cursor.TakeWords({"OUTER", "APPLY"})) {
    kind = JoinKind::kOuterApply;
  } else {
    return false;
  }
  return true;
}

std::vector<FromItem> ParseFrom(Cursor& cursor) {
  std::vector<FromItem> items(1);
  ParseSource(cursor, items.back());
  JoinKind kind{};
  while (TakeJoin(cursor, kind)) {
    FromItem& item = items.emplace_back();
    item.join = kind;
    ParseSource(cursor, item);
    if (kind == JoinKind::kInner || kind == JoinKind::kLeft || kind == JoinKind::kRight ||
        kind == JoinKind::kFull) {
      cursor.ExpectWord("ON");
      item.on = ParseCondition(cursor);
    }
  }
  return items;
}

ExpressionPtr ParseTop(Cursor& cursor) {
  ExpressionPtr count;
  if (cursor.TakeSymbol("(")) {
    count = ParseExpression(cursor);
    cursor.ExpectSymbol(")");
  } else {
    count = MakeExpression(Literal{static_cast<std::int64_t>(cursor.ExpectInteger()), {}});
  }
  if (cursor.IsWord("PERCENT")) cursor.FailSyntax();
  return count;
}

QueryBlock ParseBlock(Cursor& cursor) {
  cursor.ExpectWord("SELECT");
  QueryBlock block;
  block.distinct = cursor.TakeWord("DISTINCT");
  if (!block.distinct) cursor.TakeWord("ALL");
  if (cursor.TakeWord("TOP")) block.top = ParseTop(cursor);
  do {
    block.items.push_back(ParseItem(cursor));
  } while (cursor.TakeSymbol(","));
  if (cursor.TakeWord("FROM")) block.from = ParseFrom(cursor);
  if (cursor.TakeWord("WHERE")) block.where = ParseCondition(cursor);
  if (cursor.TakeWords({"GROUP", "BY"})) {
    do {
      block.group_by.push_back(ParseExpression(cursor));
    } while (cursor.TakeSymbol(","));
  }
  if (cursor.TakeWord("HAVING")) block.having = ParseCondition(cursor);
  return block;
}

std::vector<CommonTable> ParseCommonTables(Cursor& cursor) {
  std::vector<CommonTable> tables;
  do {
    CommonTable& table = tables.emplace_back();
    table.name = cursor.ExpectName();
    table.column_aliases = ParseColumnAliases(cursor);
    cursor.ExpectWord("AS");
    cursor.ExpectSymbol("(");
    table.query = ParseSelect(cursor);
    cursor.ExpectSymbol(")");
  } while (cursor.TakeSymbol(","));
  return tables;
}

}  // namespace

SelectPtr ParseSelect(Cursor& cursor) {
  auto select = std::make_shared<Select>();
  if (cursor.TakeWord("WITH")) select->common = ParseCommonTables(cursor);
  select->first = ParseBlock(cursor);
  while (cursor.TakeWord("UNION")) {
    const UnionKind kind = cursor.TakeWord("ALL") ? UnionKind::kAll : UnionKind::kDistinct;
    select->more.emplace_back(kind, ParseBlock(cursor));
  }
  if (cursor.TakeWords({"ORDER", "BY"})) {
    do {
      ExpressionPtr key = ParseExpression(cursor);
      const bool descending = cursor.TakeWord("DESC");
      if (!descending) cursor.TakeWord("ASC");
      select->order_by.emplace_back(std::move(key), descending);
    } while (cursor.TakeSymbol(","));
  }
  if (cursor.TakeWord("OPTION")) {
    cursor.ExpectSymbol("(");
    cursor.ExpectOneOf({"RECOMPILE"});
    cursor.ExpectSymbol(")");
  }
  return select;
}

}  // namespace milink::sim::tsql
