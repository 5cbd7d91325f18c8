// The two independent clients that read the stand-in: FreeTDS's tsql and unixODBC's isql.
//
// Plain functions; each runs one client to its end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/integration/command.h"

namespace milink::sim::tds {

inline constexpr const char* kUser = "sa";
inline constexpr const char* kPassword = "Correct-Horse-9";

struct ClientRun {
  std::uint16_t port = 0;
  std::string password = kPassword;
  std::string database;
  std::string encryption = "request";  // off, request, require, as FreeTDS names them
  std::string ca_file;                 // checks the certificate, also the name "localhost"
  int timeout_seconds = 0;             // of a statement; 0: none
};

// Each batch is sent by itself. Output and errors together, in the order of `out` then `err`.
test::CommandOutput RunTsql(const ClientRun& run, const std::vector<std::string>& batches);
// One statement per line. isql prepares every statement (sp_prepexec).
test::CommandOutput RunIsql(const ClientRun& run, const std::vector<std::string>& statements);

}  // namespace milink::sim::tds
