#include "tests/e2e/certificates_world.h"

#include <gtest/gtest.h>

#include "tests/e2e/killer.h"

namespace milink::e2e {
namespace {

using nlohmann::json;

json WorldOfTwoInstances() {
  json world = DefaultWorld();
  json second = world["managedInstances"][0];
  second["name"] = "sqlmi2";
  second["dnsZone"] = "b2c3d4e5f6a7";
  world["managedInstances"].push_back(second);
  return world;
}

// Adds up what `count` says of the instances' links.
template <typename Count>
int SumOfLinks(Stack& stack, Count count) {
  return InWorld(stack, [&](auto& world, auto& /*server*/) {
    int sum = 0;
    for (const auto& instance : world.managed_instances) {
      for (const auto& link : instance->links) {
        sum += count(*instance, link);
      }
    }
    return sum;
  });
}

void CutAndMendHost(Stack& stack, const std::string& host, int connected_meanwhile) {
  InWorld(stack, [&](auto& world, auto& /*server*/) { world.network.Cut(host); });
  ASSERT_TRUE(Eventually([&] { return ConnectedLinks(stack) == connected_meanwhile; },
                         std::chrono::seconds(10)));
  InWorld(stack, [&](auto& world, auto& /*server*/) { world.network.Mend(host); });
}

}  // namespace

Stack::Settings TwoInstances() {
  Stack::Settings settings = ThroughGate();
  settings.world = WorldOfTwoInstances();
  return settings;
}

json LinkOf(const Stack& stack, const std::string& name) {
  json link = stack.LinkManifest();
  link["metadata"]["name"] = name;
  if (name == "staff") {
    link["spec"]["managedInstance"]["name"] = "sqlmi2";
  }
  link["spec"]["databases"] = {{{"name", name == "staff" ? "orders" : "sales"}}};
  return link;
}

void ApplyPair(Stack& stack) {
  stack.ApplySecrets();
  stack.Apply(stack.ReplicaManifest());
  stack.Apply(LinkOf(stack, "shop"));
  stack.Apply(LinkOf(stack, "staff"));
}

bool AllReady(Stack& stack) {
  return stack.Condition("sqlr", "sql1", "Ready").starts_with("True") &&
         stack.Condition("mil", "shop", "Ready").starts_with("True") &&
         stack.Condition("mil", "staff", "Ready").starts_with("True");
}

std::string Message(Stack& stack, const std::string& kind, const std::string& name,
                    const std::string& type) {
  const json object = stack.Get(kind, name);
  for (const auto& condition : object.at("status").at("conditions")) {
    if (condition.at("type") == type) {
      return condition.at("message");
    }
  }
  return {};
}

void LeaveTime(Stack& stack, const std::string& certificate, Duration left) {
  InWorld(stack, [&](auto& world, auto& server) {
    server.FindCertificate(certificate)->expiry_date = world.now + left;
  });
}

std::string ShownCertificate(Stack& stack) {
  return InWorld(stack, [](auto& /*world*/, auto& server) {
    const auto* shown = server.FindCertificateById(server.endpoint->certificate_id);
    return shown == nullptr ? std::string() : shown->name;
  });
}

std::multiset<std::string> Uploaded(Stack& stack) {
  return InWorld(stack, [](auto& world, auto& /*server*/) {
    std::multiset<std::string> names;
    for (const auto& instance : world.managed_instances) {
      for (const auto& held : instance->trust_certificates) {
        names.insert(held.name);
      }
    }
    return names;
  });
}

bool Renewed(Stack& stack, const std::string& before, const std::string& next) {
  const bool dropped = InWorld(stack, [&](auto& /*world*/, auto& server) {
    return server.FindCertificate(before) == nullptr;
  });
  return dropped && ShownCertificate(stack) == next &&
         Uploaded(stack) == std::multiset<std::string>{next, next};
}

std::string FqdnOf(Stack& stack, const std::string& instance) {
  return InWorld(stack, [&](auto& world, auto& /*server*/) {
    return world.FindManagedInstance(instance)->Fqdn();
  });
}

bool HoldsCertificateOf(Stack& stack, const std::string& instance) {
  return InWorld(stack, [&](auto& world, auto& server) {
    const auto& managed = *world.FindManagedInstance(instance);
    const auto* held = server.FindCertificate(managed.Fqdn());
    return held != nullptr && held->der == managed.endpoint_certificate_der;
  });
}

int Disconnects(Stack& stack) {
  return SumOfLinks(stack, [](const auto&, const auto& link) { return link.disconnects; });
}

int Disconnects(Stack& stack, const std::string& instance) {
  return SumOfLinks(stack, [&](const auto& managed, const auto& link) {
    return managed.name == instance ? link.disconnects : 0;
  });
}

int ConnectedLinks(Stack& stack) {
  return SumOfLinks(stack, [](const auto&, const auto& link) { return link.connected ? 1 : 0; });
}

void CutAndMend(Stack& stack) { CutAndMendHost(stack, "10.0.0.4", 0); }

void CutAndMend(Stack& stack, const std::string& instance) {
  CutAndMendHost(stack, FqdnOf(stack, instance), 1);
}

WriteSummary Since(const WriteSummary& before, WriteSummary now) {
  for (const auto& [what, count] : before) {
    now[what] -= count;
  }
  std::erase_if(now, [](const auto& write) { return write.second == 0; });
  return now;
}

}  // namespace milink::e2e
