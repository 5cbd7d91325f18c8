// Facts about the driver manager and FreeTDS that shape this file: a statement without rows or
// count returns SQL_NO_DATA, which is success; after SQL_ERROR the rest of a batch is lost; an
// error in a later result shows only when everything is drained; CONNECTION_DEAD remembers the last
// input or output and is right after an error; SQLSTATEs differ by driver, the server's numbers do
// not.
#include "core/sql/odbc_session.h"

#include <algorithm>
#include <array>

#include <sql.h>
#include <sqlext.h>

#include "core/base/text.h"
#include "core/sql/errors.h"
#include "core/sql/utf16.h"

namespace milink::sql {
namespace {

constexpr std::size_t kLongestAction = 120;

bool IsBinary(SQLSMALLINT type) {
  return type == SQL_BINARY || type == SQL_VARBINARY || type == SQL_LONGVARBINARY;
}

struct ColumnShape {
  std::string name;
  bool binary = false;
};

std::optional<ColumnShape> ShapeOf(const OdbcHandle& statement, SQLUSMALLINT column) {
  constexpr std::size_t kLongestName = 256;
  std::array<SQLWCHAR, kLongestName> name{};
  SQLSMALLINT length = 0;
  SQLSMALLINT type = 0;
  SQLULEN size = 0;
  SQLSMALLINT digits = 0;
  SQLSMALLINT nullable = 0;
  const SQLRETURN code =
      SQLDescribeColW(statement.get(), column, name.data(), static_cast<SQLSMALLINT>(name.size()),
                      &length, &type, &size, &digits, &nullable);
  if (!SQL_SUCCEEDED(code)) {
    return std::nullopt;
  }
  std::u16string wide;
  for (std::size_t i = 0; i < name.size() && name[i] != 0; ++i) {
    wide += static_cast<char16_t>(name[i]);
  }
  return ColumnShape{ToUtf8(wide), IsBinary(type)};
}

// One value, in pieces: the length of (max) types is not known before.
struct Piece {
  SQLRETURN code = SQL_ERROR;
  SQLLEN indicator = 0;
};

template <typename Unit, std::size_t kUnits>
struct PieceReader {
  std::array<Unit, kUnits> buffer{};

  Piece Read(const OdbcHandle& statement, SQLUSMALLINT column, SQLSMALLINT type) {
    Piece piece;
    piece.code = SQLGetData(statement.get(), column, type, buffer.data(),
                            static_cast<SQLLEN>(sizeof buffer), &piece.indicator);
    return piece;
  }
};

constexpr std::size_t kPieceUnits = 4096;

// The outer optional: failure. The inner: NULL.
std::optional<std::optional<std::string>> ReadBinary(const OdbcHandle& statement,
                                                     SQLUSMALLINT column) {
  PieceReader<char, kPieceUnits> reader;
  std::string bytes;
  for (;;) {
    const Piece piece = reader.Read(statement, column, SQL_C_BINARY);
    if (piece.code == SQL_NO_DATA) {
      break;
    }
    if (!SQL_SUCCEEDED(piece.code)) {
      return std::nullopt;
    }
    if (piece.indicator == SQL_NULL_DATA) {
      return std::optional<std::string>();
    }
    const bool partial = piece.indicator == SQL_NO_TOTAL ||
                         piece.indicator > static_cast<SQLLEN>(reader.buffer.size());
    const auto size = partial ? reader.buffer.size() : static_cast<std::size_t>(piece.indicator);
    bytes.append(reader.buffer.data(), size);
    if (!partial) {
      break;
    }
  }
  std::string hex = ToHex(bytes);
  WipeMemory(bytes);  // it may be a key
  return std::optional(std::move(hex));
}

std::optional<std::optional<std::string>> ReadText(const OdbcHandle& statement,
                                                   SQLUSMALLINT column) {
  PieceReader<SQLWCHAR, kPieceUnits> reader;
  std::u16string text;
  for (;;) {
    const Piece piece = reader.Read(statement, column, SQL_C_WCHAR);
    if (piece.code == SQL_NO_DATA) {
      break;
    }
    if (!SQL_SUCCEEDED(piece.code)) {
      return std::nullopt;
    }
    if (piece.indicator == SQL_NULL_DATA) {
      return std::optional<std::string>();
    }
    constexpr std::size_t kMost = kPieceUnits - 1;  // each piece ends with a NUL
    const bool partial = piece.indicator == SQL_NO_TOTAL ||
                         piece.indicator > static_cast<SQLLEN>(kMost * sizeof(SQLWCHAR));
    const auto size =
        partial ? kMost : static_cast<std::size_t>(piece.indicator) / sizeof(SQLWCHAR);
    for (std::size_t i = 0; i < size; ++i) {
      text += static_cast<char16_t>(reader.buffer.at(i));
    }
    if (!partial) {
      break;
    }
  }
  return std::optional(ToUtf8(text));
}

void AddMessages(std::vector<OdbcDiagnostic> diagnostics, SqlReply& reply) {
  for (auto& diagnostic : diagnostics) {
    reply.messages.push_back({diagnostic.number, diagnostic.severity, std::move(diagnostic.text)});
  }
}

Error Unknown(std::string why, const SqlBatch& batch, std::string detail) {
  return Error{ErrorKind::kTransient, std::string(kOutcomeUnknown),
               std::move(why) + "; whether the statement took effect is not known: " +
                   Shorten(batch.shown, kLongestAction),
               std::move(detail)};
}

bool HasState(const std::vector<OdbcDiagnostic>& diagnostics, std::string_view state) {
  return std::ranges::any_of(diagnostics,
                             [&](const OdbcDiagnostic& d) { return d.state == state; });
}

}  // namespace

Result<SqlReply> OdbcSession::Run(const SqlBatch& batch, Duration timeout) {
  auto statement = OdbcHandle::MakeChild(OdbcKind::kStatement, connection_);
  if (!statement.ok()) {
    return statement.error();
  }
  auto* const seconds = OdbcSeconds(timeout);
  SqlReply reply;
  if (!SQL_SUCCEEDED(
          SQLSetStmtAttrW(statement->get(), SQL_ATTR_QUERY_TIMEOUT, seconds, SQL_IS_UINTEGER))) {
    return Failure(*statement, batch, reply);
  }
  if (!Activate(*statement)) {
    return Error{ErrorKind::kTransient, "ConnectionLost",
                 "the connection to SQL Server was lost or cancelled before; nothing was sent", ""};
  }
  auto outcome = Execute(*statement, batch);
  {
    const std::lock_guard lock(mutex_);
    active_ = nullptr;
  }
  return outcome;
}

Result<SqlReply> OdbcSession::Execute(const OdbcHandle& statement, const SqlBatch& batch) {
  SqlReply reply;
  auto text = ToUtf16(batch.text.Reveal());
  if (!text) {
    return Error{ErrorKind::kInternal, "StatementRejected", "a statement is not valid UTF-8", ""};
  }
  SQLRETURN code = SQLExecDirectW(statement.get(), reinterpret_cast<SQLWCHAR*>(text->data()),
                                  static_cast<SQLINTEGER>(text->size()));
  std::ranges::fill(*text, u'\0');  // it may hold a password
  while (code != SQL_NO_DATA) {
    if (!SQL_SUCCEEDED(code)) {
      return Failure(statement, batch, reply);
    }
    if (code == SQL_SUCCESS_WITH_INFO) {
      AddMessages(ReadDiagnostics(statement), reply);
    }
    if (auto read = ReadSet(statement, batch, reply); !read.ok()) {
      return read.error();
    }
    code = SQLMoreResults(statement.get());
  }
  return reply;
}

Status OdbcSession::ReadSet(const OdbcHandle& statement, const SqlBatch& batch, SqlReply& reply) {
  SQLSMALLINT count = 0;
  if (!SQL_SUCCEEDED(SQLNumResultCols(statement.get(), &count))) {
    return Failure(statement, batch, reply);
  }
  if (count == 0) {
    return OkStatus();
  }
  ResultSet set;
  std::vector<bool> binary;
  for (SQLSMALLINT i = 1; i <= count; ++i) {
    auto shape = ShapeOf(statement, static_cast<SQLUSMALLINT>(i));
    if (!shape) {
      return Failure(statement, batch, reply);
    }
    set.columns.push_back(std::move(shape->name));
    binary.push_back(shape->binary);
  }
  SQLRETURN code = SQLFetch(statement.get());
  for (; SQL_SUCCEEDED(code); code = SQLFetch(statement.get())) {
    auto& row = set.rows.emplace_back();
    for (std::size_t i = 0; i < binary.size(); ++i) {
      const auto column = static_cast<SQLUSMALLINT>(i + 1);
      auto value = binary[i] ? ReadBinary(statement, column) : ReadText(statement, column);
      if (!value) {
        return Failure(statement, batch, reply);
      }
      row.push_back(*std::move(value));
    }
  }
  if (code != SQL_NO_DATA) {
    return Failure(statement, batch, reply);
  }
  reply.sets.push_back(std::move(set));
  return OkStatus();
}

Error OdbcSession::Failure(const OdbcHandle& failed, const SqlBatch& batch, SqlReply& reply) {
  const auto diagnostics = ReadDiagnostics(failed);
  const bool lost = AskDead();
  if (lost) {
    dead_ = true;
  }
  const std::string detail = Describe(diagnostics);
  if (lost) {
    return Unknown("the connection to SQL Server was lost", batch, detail);
  }
  if (HasState(diagnostics, "HYT00")) {
    return Unknown("SQL Server did not answer in time", batch, detail);
  }
  if (HasState(diagnostics, "HY008")) {
    return Unknown("the statement was cancelled", batch, detail);
  }
  // What the server said comes before what the driver adds (number 0).
  AddMessages(diagnostics, reply);
  std::ranges::stable_partition(reply.messages,
                                [](const SqlMessage& message) { return message.number != 0; });
  return ErrorOf(reply.messages, "'" + Shorten(batch.shown, kLongestAction) + "'");
}

bool OdbcSession::AskDead() const {
  SQLUINTEGER dead = SQL_CD_FALSE;
  const SQLRETURN code =
      SQLGetConnectAttrW(connection_.get(), SQL_ATTR_CONNECTION_DEAD, &dead, sizeof dead, nullptr);
  return !SQL_SUCCEEDED(code) || dead == SQL_CD_TRUE;
}

bool OdbcSession::Activate(const OdbcHandle& statement) {
  const std::lock_guard lock(mutex_);
  if (dead_) {
    return false;
  }
  active_ = &statement;
  return true;
}

// FreeTDS sends the attention on this thread while the other one reads. Once in CI the batch after
// such a cancel was refused, as if the acknowledgement had met it; 1500 tries under load did not
// repeat that. A time-out has no such race: one thread sends the attention and reads its
// acknowledgement.
void OdbcSession::Cancel() {
  const std::lock_guard lock(mutex_);
  if (active_ != nullptr) {
    dead_ = true;
    SQLCancel(active_->get());
  }
}

}  // namespace milink::sql
