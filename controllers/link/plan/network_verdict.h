// What the outcomes of a test of the network mean, in words.
//
// Pure.
#pragma once

#include <string>
#include <vector>

#include "controllers/link/network_tests.h"
#include "core/api/managed_instance_link.h"

namespace milink::link {

// What a test was about.
struct NetworkScene {
  std::string instance;  // name of the managed instance
  std::string fqdn;
  sql::NetworkTarget sql_server;  // as the managed instance dials it
  bool can_run_jobs = true;       // false: SQL Server on Linux
  bool has_login = false;         // on the managed instance, for T-SQL
};

// The state, reason and message of an ended test. REQUIRES: every part that was begun has ended.
api::ManagedInstanceLinkStatus::NetworkTest JudgeNetwork(const NetworkRun& run,
                                                         const NetworkScene& scene);

}  // namespace milink::link
