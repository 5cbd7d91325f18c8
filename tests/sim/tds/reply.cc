#include "tests/sim/tds/reply.h"

#include <utility>

namespace milink::sim::tds {
namespace {

constexpr int kFirstFatal = 20;
constexpr int kHighestInfo = 10;
constexpr std::uint16_t kSelectCommand = 0xC1;

std::string DescriptorBytes(std::uint64_t descriptor) {
  return ByteWriter().U64(descriptor).Take();
}

}  // namespace

Reply::Reply(MessageOutput& output, std::string server_name, RowEncoding encoding,
             std::uint64_t& transaction)
    : output_(output),
      server_name_(std::move(server_name)),
      encoding_(encoding),
      transaction_(transaction),
      last_descriptor_(transaction) {}

void Reply::Columns(const std::vector<Column>& columns) {
  CloseStatement();
  columns_ = columns;
  has_rows_ = true;
  statement_open_ = true;
  ByteWriter token;
  AppendColumns(token, columns);
  Emit(token);
}

void Reply::Row(const std::vector<Value>& values) {
  if (statement_failed_) {
    return;  // after ERROR nothing of the result set may follow
  }
  ByteWriter token;
  if (const Status status = AppendRow(token, columns_, values, encoding_); !status) {
    ReportDefect(status.error());
    return;
  }
  ++row_count_;
  Emit(token);
}

void Reply::Message(const ServerMessage& message) {
  if (message.severity > kHighestInfo) {
    statement_failed_ = true;
    statement_open_ = true;
  }
  fatal_ = fatal_ || message.severity >= kFirstFatal;
  ByteWriter token;
  AppendMessage(token, message, server_name_);
  Emit(token);
}

void Reply::DatabaseChanged(const std::string& before, const std::string& after) {
  ByteWriter token;
  AppendEnvChangeText(token, EnvChange::kDatabase, after, before);
  const ServerMessage changed{.number = 5701,
                              .severity = 0,
                              .state = 1,
                              .text = "Changed database context to '" + after + "'."};
  AppendMessage(token, changed, server_name_);
  Emit(token);
}

void Reply::StatementDone(std::optional<std::uint64_t> count, bool failed) {
  std::uint16_t status = 0;
  if (count) {
    status |= Done::kCount;
  }
  if (failed || statement_failed_) {
    status |= Done::kError;
  }
  Hold(in_procedure_ ? DoneKind::kInProcedure : DoneKind::kDone, status, count.value_or(0));
}

void Reply::ReturnStatus(int status) { return_status_ = status; }

void Reply::OutputValue(const std::string& name, const TypeInfo& type, const Value& value) {
  return_values_.push_back({.ordinal = static_cast<std::uint16_t>(return_values_.size()),
                            .name = name,
                            .type = type,
                            .value = value});
}

void Reply::TransactionChanged(TransactionStep step) {
  ByteWriter token;
  if (step == TransactionStep::kBegin) {
    // Any value but 0 will do; it need only differ from the one before.
    transaction_ = ++last_descriptor_;
    AppendEnvChangeBytes(token, EnvChange::kBeginTransaction, DescriptorBytes(transaction_), {});
  } else {
    const EnvChange type = step == TransactionStep::kCommit ? EnvChange::kCommitTransaction
                                                            : EnvChange::kRollbackTransaction;
    AppendEnvChangeBytes(token, type, {}, DescriptorBytes(transaction_));
    transaction_ = 0;
  }
  Emit(token);
}

void Reply::BeginProcedure() {
  in_procedure_ = true;
  return_status_.reset();
  return_values_.clear();
}

void Reply::EndProcedure() {
  if (statement_open_ && has_rows_) {
    CloseStatement();
  }
  const bool failed = std::exchange(statement_failed_, false);
  statement_open_ = false;
  // A procedure that could not even be called has no return status.
  if (return_status_ || !failed) {
    ByteWriter token;
    AppendReturnStatus(token, return_status_.value_or(0));
    Emit(token);
  }
  for (const ReturnValue& value : return_values_) {
    ByteWriter token;
    if (const Status status = AppendReturnValue(token, value); !status) {
      ReportDefect(status.error());
      continue;
    }
    Emit(token);
  }
  in_procedure_ = false;
  Hold(DoneKind::kProcedure, failed ? Done::kError : 0, 0);
}

void Reply::ResetDone() {
  ByteWriter token;
  AppendEnvChangeBytes(token, EnvChange::kResetDone, {}, {});
  Emit(token);
}

void Reply::Finish() {
  CloseStatement();
  if (!held_) {
    StatementDone(std::nullopt, false);
  }
  Flush(0);
  output_.Finish();
}

void Reply::Flush(std::uint16_t more) {
  if (std::optional<Done> done = std::exchange(held_, std::nullopt)) {
    done->status |= more;
    ByteWriter token;
    AppendDone(token, *done);
    output_.Write(token.bytes());
  }
}

void Reply::Emit(ByteWriter& token) {
  Flush(Done::kMore);
  output_.Write(token.bytes());
}

void Reply::Hold(DoneKind kind, std::uint16_t status, std::uint64_t count) {
  Flush(Done::kMore);
  if (transaction_ != 0) {
    status |= Done::kInTransaction;
  }
  const std::uint16_t command = has_rows_ ? kSelectCommand : std::uint16_t{0};
  held_ = Done{.kind = kind, .status = status, .command = command, .count = count};
  has_rows_ = false;
  statement_open_ = false;
  statement_failed_ = false;
  row_count_ = 0;
  columns_.clear();
}

void Reply::CloseStatement() {
  if (statement_open_) {
    StatementDone(has_rows_ ? std::optional(row_count_) : std::nullopt, statement_failed_);
  }
}

// Loud, so that a test of the engine sees it: the client gets an error that no SQL Server sends.
void Reply::ReportDefect(const Error& error) {
  Message({.number = 50000,
           .severity = 16,
           .state = 1,
           .text = "Defect of the simulator: " + error.message});
}

}  // namespace milink::sim::tds
