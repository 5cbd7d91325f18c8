// Tries TCP connections from where a server is, by a job of its SQL Server Agent, and reads where a
// managed instance runs now. Pure.
//
// A job exists only while its batch runs, which waits for it and takes it away again. A batch that
// was cut off (a timeout, a lost connection) leaves its job: RemoveNetworkJob takes it away, and so
// does the next test of the same name. Jobs of others are left alone. Facts: LINK-LIFECYCLE P2,
// CATALOG 5, and "Test bidirectional network connectivity" of the Azure SQL documentation.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/sql/session.h"

namespace milink::sql {

struct NetworkTarget {
  std::string host;
  int port = 0;
  bool operator==(const NetworkTarget&) const = default;
};

// Letters, digits, dots, hyphens and underscores: what can stand in a command without quotes.
bool IsPlainHost(const std::string& host);

struct NetworkJob {
  std::string name;         // the same for the same test, and of nothing else
  std::string description;  // tells that a job of this name is ours
  std::vector<NetworkTarget> targets;
  std::chrono::seconds patience{90};  // by the server's clock; then the test is given up
  // An instance keeps a step's output in a log table, and its Agent always runs.
  bool on_managed_instance = false;
};

// Errors: kInvalid TextNotAllowed, for a host that is not plain too.
Result<SqlBatch> RunNetworkJob(const NetworkJob& job);
// Takes the job away, running or not; a batch that waits for it ends soon after. Its reply is read
// by ReadNetworkJob, too: kNoRight is from a login that can have made none. Errors: as above.
Result<SqlBatch> RemoveNetworkJob(const NetworkJob& job);

enum class NetworkJobState {
  kFinished,
  kNoRight,       // only a member of sysadmin may have PowerShell steps without a proxy
  kAgentStopped,  // nothing would ever run
  kNameTaken,     // there is a job of this name that is not ours
  kTimedOut,
  kRemoved,  // by somebody else, while it ran
};

struct NetworkTrial {
  std::optional<bool> connected;  // nothing: the step left no word about it
  std::string remote_address;     // empty: not told, or the name did not resolve
  bool operator==(const NetworkTrial&) const = default;
};

struct NetworkJobResult {
  NetworkJobState state = NetworkJobState::kFinished;
  std::vector<NetworkTrial> trials;  // in the order of the targets; fewer when it did not finish
  // Where SQL Server took our connection, its own view; empty: not told. Not of an instance.
  std::string server_address;
};
// Errors: kInternal for a reply of another shape.
Result<NetworkJobResult> ReadNetworkJob(const SqlReply& reply);

// Where the endpoint of a managed instance sends those on who connect to it. Changes whenever the
// instance fails over, so it is asked anew for each test. Needs VIEW SERVER STATE.
SqlBatch EndpointNodeBatch();
// Nothing: the instance does not tell. Errors: kInternal for a reply of another shape.
Result<std::optional<NetworkTarget>> ReadEndpointNode(const SqlReply& reply);

}  // namespace milink::sql
