// Sign-in to the simulated Azure: bearer tokens for the principals of the world, by secret, by
// assertions (federated, or signed with a certificate's key) and from the metadata service.
// Thread-safe. Source: ARM 9.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/sim/arm/arm_message.h"
#include "tests/sim/world/world.h"

namespace milink::sim {

class Tokens {
 public:
  explicit Tokens(World& world) : world_(world) {}

  // POST /{tenant}/oauth2/v2.0/token with a form of client_credentials.
  ArmResponse Issue(const std::string& tenant, const std::string& form);

  // GET /metadata/identity/oauth2/token: on the machine, which knows its identities.
  ArmResponse IssueOnMachine(const ArmRequest& request);

  enum class State { kMissing, kUnknown, kExpired, kGood };
  struct Check {
    State state = State::kMissing;
    Principal principal;
  };
  Check CheckBearer(const std::string& authorization);

  void ExpireAll();                  // as if an hour had passed
  std::vector<std::string> Given();  // every token so far
  void SetLifetime(Duration lifetime);

 private:
  struct Grant {
    Principal principal;
    TimePoint expires;
  };

  Duration lifetime();
  std::string Give(WorldState& world, const Principal& principal);

  World& world_;
  std::mutex mutex_;
  std::map<std::string, Grant> grants_;
  Duration lifetime_{3'599'000};
};

}  // namespace milink::sim
