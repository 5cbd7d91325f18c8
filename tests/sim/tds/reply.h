// Turns the events of one request into the tokens of its reply, and alone decides about DONE.
//
// Every DONE but the last of a message says that more follows. Only what comes next tells which one
// that is, so each DONE is held back until then. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/sql/executor.h"
#include "tests/sim/tds/packet.h"
#include "tests/sim/tds/tokens.h"
#include "tests/sim/tds/types.h"

namespace milink::sim::tds {

class Reply final : public ResultWriter {
 public:
  // `transaction` is the session's descriptor, 0 when none is open; it is kept up to date.
  Reply(MessageOutput& output, std::string server_name, RowEncoding encoding,
        std::uint64_t& transaction);

  void Columns(const std::vector<Column>& columns) override;
  void Row(const std::vector<Value>& values) override;
  void Message(const ServerMessage& message) override;
  void DatabaseChanged(const std::string& before, const std::string& after) override;
  void StatementDone(std::optional<std::uint64_t> count, bool failed) override;
  void ReturnStatus(int status) override;
  void TransactionChanged(TransactionStep step) override;
  void OutputValue(const std::string& name, const TypeInfo& type, const Value& value) override;

  // Around each procedure of an RPC.
  void BeginProcedure();
  void EndProcedure();
  // RESETCONNECTION was done; first token of the reply.
  void ResetDone();
  // Ends the message. A request which yielded nothing gets a plain DONE.
  void Finish();

  // A message of severity 20 or more was sent: the connection ends with this reply.
  bool fatal() const { return fatal_; }

 private:
  void Flush(std::uint16_t more);
  // Before a token that is no DONE.
  void Emit(ByteWriter& token);
  void Hold(DoneKind kind, std::uint16_t status, std::uint64_t count);
  // An engine that stopped in the middle of a statement: its DONE is still owed.
  void CloseStatement();
  void ReportDefect(const Error& error);

  MessageOutput& output_;
  std::string server_name_;
  RowEncoding encoding_;
  std::uint64_t& transaction_;
  std::uint64_t last_descriptor_ = 0;

  std::optional<Done> held_;
  std::vector<Column> columns_;
  bool has_rows_ = false;        // the statement began a result set
  bool statement_open_ = false;  // it sent something, and no DONE yet
  bool statement_failed_ = false;
  std::uint64_t row_count_ = 0;

  bool in_procedure_ = false;
  std::optional<int> return_status_;
  std::vector<ReturnValue> return_values_;
  bool fatal_ = false;
};

}  // namespace milink::sim::tds
