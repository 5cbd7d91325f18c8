// Two links of one SQL Server, each to a managed instance of its own, and what the tests of
// certificates look at and change there.
#pragma once

#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {

inline constexpr char kFirst[] = "Cert_SQL1_endpoint";
inline constexpr char kSecond[] = "Cert_SQL1_endpoint_2";
inline constexpr auto kDay = std::chrono::hours(24);

// Link shop has sales on sqlmi1, link staff has orders on sqlmi2. Through a gate.
Stack::Settings TwoInstances();
nlohmann::json LinkOf(const Stack& stack, const std::string& name);  // "shop", "staff"
void ApplyPair(Stack& stack);
bool AllReady(Stack& stack);
// Text of a condition; empty when it is not there.
std::string Message(Stack& stack, const std::string& kind, const std::string& name,
                    const std::string& type);

template <typename Look>
auto InWorld(Stack& stack, Look look) {
  auto world = stack.sim().world().Enter();
  return look(*world, *world->FindInstance("SQL1"));
}

// SQL Server's certificate ends after this time.
void LeaveTime(Stack& stack, const std::string& certificate, Duration left);
std::string ShownCertificate(Stack& stack);
// Names of SQL Server's certificates on the two instances.
std::multiset<std::string> Uploaded(Stack& stack);
// `next` has taken the place of `before` everywhere.
bool Renewed(Stack& stack, const std::string& before, const std::string& next);

std::string FqdnOf(Stack& stack, const std::string& instance);
// Does SQL Server hold what the instance presents, under its name?
bool HoldsCertificateOf(Stack& stack, const std::string& instance);

int Disconnects(Stack& stack);  // of both links so far
int Disconnects(Stack& stack, const std::string& instance);
int ConnectedLinks(Stack& stack);
// Every connection is lost and made again, with whatever is shown and trusted now.
void CutAndMend(Stack& stack);
// The same of one instance.
void CutAndMend(Stack& stack, const std::string& instance);

// What took effect after `before`.
WriteSummary Since(const WriteSummary& before, WriteSummary now);

}  // namespace milink::e2e
