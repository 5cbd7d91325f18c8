#include "core/sql/odbc_handle.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <sql.h>
#include <sqlext.h>

#include "core/sql/utf16.h"

namespace milink::sql {
namespace {

// Where the severity of a message stands: Microsoft's driver has a field for it; FreeTDS has not,
// and answers the one meant for the state with it (TDS.md 9, 13).
constexpr SQLSMALLINT kSeverityFields[] = {-1151, -1150};
constexpr int kHighestSeverity = 25;
constexpr int kInformation = 10;

SQLSMALLINT TypeOf(OdbcKind kind) {
  switch (kind) {
    case OdbcKind::kEnvironment:
      return SQL_HANDLE_ENV;
    case OdbcKind::kConnection:
      return SQL_HANDLE_DBC;
    case OdbcKind::kStatement:
      break;
  }
  return SQL_HANDLE_STMT;
}

Error Unavailable() {
  return Error{ErrorKind::kInternal, "OdbcUnavailable", "the ODBC driver manager gave no handle",
               ""};
}

std::string Narrow(const SQLWCHAR* text, SQLSMALLINT length) {
  std::u16string wide;
  for (SQLSMALLINT i = 0; i < length; ++i) {
    wide += static_cast<char16_t>(text[i]);
  }
  return ToUtf8(wide);
}

int SeverityOf(const OdbcHandle& handle, SQLSMALLINT record, const std::string& state) {
  for (const SQLSMALLINT field : kSeverityFields) {
    SQLINTEGER severity = 0;
    const SQLRETURN code = SQLGetDiagFieldW(TypeOf(handle.kind()), handle.get(), record, field,
                                            &severity, sizeof severity, nullptr);
    if (SQL_SUCCEEDED(code) && severity > 0 && severity <= kHighestSeverity) {
      return severity;
    }
  }
  return state.starts_with("01") ? kInformation : 0;
}

}  // namespace

Result<OdbcHandle> OdbcHandle::MakeEnvironment() {
  SQLHANDLE handle = SQL_NULL_HANDLE;
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &handle))) {
    return Unavailable();
  }
  OdbcHandle environment(OdbcKind::kEnvironment, handle);
  auto* const version = OdbcInteger(SQL_OV_ODBC3);
  if (!SQL_SUCCEEDED(SQLSetEnvAttr(handle, SQL_ATTR_ODBC_VERSION, version, 0))) {
    return Unavailable();
  }
  return environment;
}

Result<OdbcHandle> OdbcHandle::MakeChild(OdbcKind kind, const OdbcHandle& parent) {
  SQLHANDLE handle = SQL_NULL_HANDLE;
  if (!SQL_SUCCEEDED(SQLAllocHandle(TypeOf(kind), parent.get(), &handle))) {
    return Unavailable();
  }
  return OdbcHandle(kind, handle);
}

OdbcHandle::OdbcHandle(OdbcHandle&& other) noexcept
    : kind_(other.kind_), handle_(std::exchange(other.handle_, nullptr)) {}

OdbcHandle& OdbcHandle::operator=(OdbcHandle&& other) noexcept {
  if (this != &other) {
    Free();
    kind_ = other.kind_;
    handle_ = std::exchange(other.handle_, nullptr);
  }
  return *this;
}

OdbcHandle::~OdbcHandle() { Free(); }

void OdbcHandle::Free() {
  if (handle_ == nullptr) {
    return;
  }
  if (kind_ == OdbcKind::kConnection) {
    SQLDisconnect(handle_);
  }
  SQLFreeHandle(TypeOf(kind_), handle_);
  handle_ = nullptr;
}

std::vector<OdbcDiagnostic> ReadDiagnostics(const OdbcHandle& handle) {
  constexpr SQLSMALLINT kMostRecords = 100;
  constexpr std::size_t kStateLength = 5;
  constexpr std::size_t kLongestText = 4096;
  std::vector<OdbcDiagnostic> out;
  for (SQLSMALLINT record = 1; record <= kMostRecords; ++record) {
    std::array<SQLWCHAR, kStateLength + 1> state{};
    std::array<SQLWCHAR, kLongestText> text{};
    SQLINTEGER number = 0;
    SQLSMALLINT length = 0;
    const SQLRETURN code =
        SQLGetDiagRecW(TypeOf(handle.kind()), handle.get(), record, state.data(), &number,
                       text.data(), static_cast<SQLSMALLINT>(text.size()), &length);
    if (!SQL_SUCCEEDED(code)) {
      break;
    }
    constexpr auto kMost = static_cast<SQLSMALLINT>(kLongestText - 1);
    OdbcDiagnostic diagnostic;
    diagnostic.state = Narrow(state.data(), kStateLength);
    diagnostic.number = number;
    diagnostic.text = WithoutDriverPrefix(Narrow(text.data(), std::min(length, kMost)));
    out.push_back(std::move(diagnostic));
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].severity = SeverityOf(handle, static_cast<SQLSMALLINT>(i + 1), out[i].state);
  }
  return out;
}

std::string Describe(const std::vector<OdbcDiagnostic>& diagnostics) {
  std::string out;
  for (const auto& diagnostic : diagnostics) {
    out += out.empty() ? "" : "; ";
    out += diagnostic.state + " " + std::to_string(diagnostic.number) + " " + diagnostic.text;
  }
  return out;
}

void* OdbcInteger(std::uintptr_t value) {
  return reinterpret_cast<void*>(value);  // NOLINT(performance-no-int-to-ptr)
}

void* OdbcSeconds(Duration limit) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(limit).count();
  return OdbcInteger(static_cast<std::uintptr_t>(std::max<std::int64_t>(seconds, 1)));
}

std::string WithoutDriverPrefix(std::string text) {
  std::size_t start = 0;
  while (start < text.size() && text[start] == '[') {
    const std::size_t end = text.find(']', start);
    if (end == std::string::npos) {
      break;
    }
    start = end + 1;
  }
  return text.substr(start);
}

}  // namespace milink::sql
