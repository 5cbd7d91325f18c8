// What a test, the demo or a person can tell the simulator, as JSON over HTTP without transport.
//
//   GET    /world                          everything, for assertions
//   POST   /world {..}                     forget all, begin with this description
//   PATCH  /world {..}                     add to it (switches, timings, instances, ..)
//   GET    /roots/{managed instance}       {"publicBlob", "thumbprint"} of its simulated authority
//   POST   /clock {"step": "30s", "speed": 10}
//   GET    /journal?after=N&kind=..&target=..&mutation=true&contains=..
//   GET    /journal/mutations              "target: operation object" -> times it took effect
//   DELETE /journal
//   POST   /faults {..}  -> {"id": 1};  DELETE /faults/{id};  DELETE /faults
//   GET    /held;  POST /held/release;  POST /held/cut
//   POST   /endpoints/{server}/stop|start  the mirroring endpoint, as if by an administrator
//   POST   /network/{host}/cut|mend
//   POST   /databases/{server}/{db} {"writeRate": n, "encryptionCertificate": "name", or "": none}
//   POST   /managedInstances/{mi} {"state": "Stopped", "rotateCertificate": true,
//                                  "forgetTdeCertificates": true}   as one that is made anew
//   POST   /certificates/{server}/{name} {"expiresIn": "240h"}   as if time had passed for it alone
//   POST   /tokens/expire
//
// A call shown without {..} takes no body, and needs none.
//
// Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "core/base/result.h"
#include "tests/sim/control/calls.h"
#include "tests/sim/control/sim_clock.h"
#include "tests/sim/world/world.h"

namespace milink::sim {

struct ControlRequest {
  std::string method;
  std::string path;
  std::map<std::string, std::string> query;
  std::string body;
};

struct ControlResponse {
  int status = 200;
  std::string body;  // JSON; an error is {"error": ".."}
  std::string content_type = "application/json";
};

class ControlService {
 public:
  struct Parts {
    World& world;
    SimClock& clock;
    Journal& journal;
    Calls& calls;
    std::function<void()> expire_tokens;
    // Told after every change of the set of SQL Servers, so that each gets its listener.
    std::function<void()> instances_changed;
    // More for GET /: bound addresses.
    std::function<nlohmann::json()> addresses;
  };
  explicit ControlService(Parts parts) : parts_(std::move(parts)) {}

  ControlResponse Handle(const ControlRequest& request);

 private:
  ControlResponse OnWorld(const ControlRequest& request);
  ControlResponse OnRoot(const std::string& instance);
  ControlResponse OnClock(const ControlRequest& request);
  ControlResponse OnJournal(const ControlRequest& request, const std::string& what);
  ControlResponse OnFaults(const ControlRequest& request, const std::string& id);
  ControlResponse OnHeld(const ControlRequest& request, const std::string& what);
  ControlResponse OnEndpoint(const std::string& server, const std::string& what);
  ControlResponse OnNetwork(const std::string& host, const std::string& what);
  ControlResponse OnDatabase(const ControlRequest& request, const std::string& server,
                             const std::string& database);
  ControlResponse OnCertificate(const ControlRequest& request, const std::string& server,
                                const std::string& certificate);
  ControlResponse OnManagedInstance(const ControlRequest& request, const std::string& name);

  Parts parts_;
};

// {"kind": "statement", "target": "SQL1", "operation": "CREATE ENDPOINT", "pattern": "..",
//  "mutation": true, "nth": 1, "times": 1, "when": "before"|"after",
//  "what": "fail"|"close"|"delay"|"hold", "sqlNumber": 1205, "sqlArguments": [],
//  "http": {"status": 429, "code": "..", "message": "..", "retryAfter": 2}, "delay": "2s"}
// kInvalid for anything else.
Result<Fault> ParseFault(const nlohmann::json& object);

}  // namespace milink::sim
