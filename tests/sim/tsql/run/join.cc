#include "tests/sim/tsql/run/join.h"

#include <numeric>
#include <optional>
#include <unordered_map>

#include "tests/sim/tsql/run/operands.h"

namespace milink::sim::tsql {
namespace {

bool IsApply(JoinKind kind) {
  return kind == JoinKind::kCrossApply || kind == JoinKind::kOuterApply;
}

const Expression& WithoutCollate(const Expression& expression) {
  const auto* collate = std::get_if<Collate>(&expression.node);
  return collate == nullptr ? expression : *collate->operand;
}

// Do equal values of these types have equal keys (KeyOf) as they are? Not where they would be
// converted first, and not where one number has several spellings.
bool HaveCommonKey(SqlType a, SqlType b) {
  if (IsInteger(a) || IsText(a)) return IsInteger(a) ? IsInteger(b) : IsText(b);
  return a == b && (IsTime(a) || a == SqlType::kUniqueIdentifier || a == SqlType::kVarBinary);
}

// The equalities that must hold for ON to be true.
class KeyFinder {
 public:
  KeyFinder(ExpressionCompiler& compiler, const Scope& scope, std::size_t left_width)
      : compiler_(compiler), scope_(scope), left_width_(left_width) {}

  std::vector<JoinKey> Find(const Expression& on) {
    Visit(on);
    return std::move(keys_);
  }

 private:
  void Visit(const Expression& condition) {
    const auto* binary = std::get_if<Binary>(&condition.node);
    if (binary == nullptr) return;
    if (binary->op == BinaryOperator::kAnd) {
      Visit(*binary->left);
      Visit(*binary->right);
    } else if (binary->op == BinaryOperator::kEqual) {
      AddKey(*binary);
    }
  }

  void AddKey(const Binary& equality) {
    auto a = compiler_.SlotOf(WithoutCollate(*equality.left));
    auto b = compiler_.SlotOf(WithoutCollate(*equality.right));
    if (!a || !b || (*a < left_width_) == (*b < left_width_)) return;
    if (*a > *b) std::swap(a, b);
    if (!HaveCommonKey(scope_.columns[*a].type.type, scope_.columns[*b].type.type)) return;
    keys_.push_back({*a, *b - left_width_, compiler_.CollationOf(*equality.left, *equality.right)});
  }

  ExpressionCompiler& compiler_;
  const Scope& scope_;
  std::size_t left_width_;
  std::vector<JoinKey> keys_;
};

// The rows at the right that may go with a row at the left.
class Candidates {
 public:
  Candidates(const std::vector<JoinKey>& keys, const std::vector<Row>& right) : keys_(keys) {
    if (keys_.empty()) {
      all_.resize(right.size());
      std::iota(all_.begin(), all_.end(), std::size_t{0});
      return;
    }
    for (std::size_t i = 0; i < right.size(); ++i) {
      if (const auto key = KeyOfRow(right[i], &JoinKey::right)) by_key_[*key].push_back(i);
    }
  }

  const std::vector<std::size_t>& For(const Row& left) const {
    if (keys_.empty()) return all_;
    const auto key = KeyOfRow(left, &JoinKey::left);
    const auto found = key ? by_key_.find(*key) : by_key_.end();
    return found == by_key_.end() ? none_ : found->second;
  }

 private:
  // Nothing when a NULL is among the values: it equals nothing.
  std::optional<std::string> KeyOfRow(const Row& row, std::size_t JoinKey::* slot) const {
    std::string text;
    for (const JoinKey& key : keys_) {
      const Value& value = row[key.*slot];
      if (IsNullValue(value)) return std::nullopt;
      text += KeyOf(value, key.collation) + '\0';
    }
    return text;
  }

  const std::vector<JoinKey>& keys_;
  std::vector<std::size_t> all_;  // without keys
  std::unordered_map<std::string, std::vector<std::size_t>> by_key_;
  std::vector<std::size_t> none_;
};

Row Joined(const Row& left, const Row& right) {
  Row row;
  row.reserve(left.size() + right.size());
  row.insert(row.end(), left.begin(), left.end());
  row.insert(row.end(), right.begin(), right.end());
  return row;
}

// An applied source sees the row at its left as the query around it.
std::vector<Row> ApplyRows(const Join& join, const std::vector<Row>& left, const Frame& outer) {
  std::vector<Row> result;
  for (const Row& row : left) {
    std::vector<Row> rows = join.right.rows({outer.environment, &row, nullptr, &outer});
    if (rows.empty() && join.kind == JoinKind::kOuterApply) {
      rows.emplace_back(join.right.columns.size());
    }
    for (const Row& right : rows) result.push_back(Joined(row, right));
  }
  return result;
}

}  // namespace

Join CompileJoin(const FromItem& item, Source right, std::size_t left_width,
                 const Environment& environment, const Scope& scope, const CommonTables* common) {
  Join join{.kind = item.join, .right = std::move(right), .left_width = left_width};
  if (item.on) {
    ExpressionCompiler compiler(environment, scope, common);
    join.on = compiler.CompileCondition(*item.on);
    join.keys = KeyFinder(compiler, scope, left_width).Find(*item.on);
  }
  return join;
}

std::vector<Row> JoinRows(const Join& join, const std::vector<Row>& left, const Frame& outer) {
  if (IsApply(join.kind)) return ApplyRows(join, left, outer);
  const bool keep_left = join.kind == JoinKind::kLeft || join.kind == JoinKind::kFull;
  const bool keep_right = join.kind == JoinKind::kRight || join.kind == JoinKind::kFull;
  const std::vector<Row> right = join.right.rows(outer);
  const Candidates candidates(join.keys, right);
  std::vector<bool> used(right.size());
  std::vector<Row> result;
  for (const Row& row : left) {
    bool matched = false;
    for (const std::size_t i : candidates.For(row)) {
      Row both = Joined(row, right[i]);
      if (join.on && TruthOf(join.on({outer.environment, &both, nullptr, &outer})) != true) {
        continue;
      }
      matched = true;
      used[i] = true;
      result.push_back(std::move(both));
    }
    if (!matched && keep_left) result.push_back(Joined(row, Row(join.right.columns.size())));
  }
  for (std::size_t i = 0; keep_right && i < right.size(); ++i) {
    if (!used[i]) result.push_back(Joined(Row(join.left_width), right[i]));
  }
  return result;
}

}  // namespace milink::sim::tsql
