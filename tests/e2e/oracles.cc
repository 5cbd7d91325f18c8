#include "tests/e2e/oracles.h"

#include "tests/e2e/process.h"

namespace milink::e2e {
namespace {

// Every secret that DefaultWorld and ApplySecrets hand out; none may be seen again in clear. Those
// that the operator makes itself are known to the simulator.
constexpr const char* kCanaries[] = {"canary-azure-secret", "canary-sql-password",
                                     "Canary-Master-Key-1", "canary-instance-password"};

std::string JournalText(Stack& stack) {
  std::string out;
  for (const auto& entry : stack.sim().journal().Entries()) {
    out += entry.call.text + "\n" + entry.call.object + "\n" + entry.result + "\n";
  }
  return out;
}

std::map<std::string, std::string> Versions(Stack& stack) {
  std::map<std::string, std::string> out;
  for (const char* kind : {"sqlr", "mil", "events.events.k8s.io"}) {
    const auto list =
        nlohmann::json::parse(stack.Kubectl({"-n", Stack::kNamespace, "get", kind, "-o", "json"}));
    for (const auto& item : list.at("items")) {
      const auto& metadata = item.at("metadata");
      // With an event's words, so that a failure tells what happened.
      const std::string name = std::string(kind) + "/" + metadata.at("name").get<std::string>() +
                               " " + item.value("reason", "") + " " + item.value("note", "");
      out[name] = metadata.at("resourceVersion").get<std::string>();
    }
  }
  return out;
}

}  // namespace

WriteSummary Writes(Stack& stack) { return stack.sim().journal().EffectiveMutations(); }

std::vector<std::string> Repeated(const WriteSummary& writes) {
  std::vector<std::string> out;
  for (const auto& [what, count] : writes) {
    if (count > 1) {
      out.push_back(what + " took effect " + std::to_string(count) + " times");
    }
  }
  return out;
}

std::vector<std::string> LeakedSecrets(Stack& stack) {
  const std::map<std::string, std::string> places{
      {"the log", stack.OperatorLog()},
      {"the journal", JournalText(stack)},
      {"the metrics", stack.Metrics()},
      {"an object or event",
       stack.Kubectl({"get", "sqlr,mil,configmaps,leases,events.events.k8s.io", "-A", "-o", "json",
                      "--show-managed-fields"})}};
  std::vector<std::string> canaries(std::begin(kCanaries), std::end(kCanaries));
  for (const std::string& secret : stack.sim().world().Enter()->confided) {
    if (!secret.empty()) {
      canaries.push_back(secret);
    }
  }
  std::vector<std::string> out;
  for (const auto& [place, text] : places) {
    for (const std::string& canary : canaries) {
      if (text.find(canary) != std::string::npos) {
        out.push_back(canary + " in " + place);
      }
    }
  }
  return out;
}

std::vector<std::string> Unrest(Stack& stack, Duration duration) {
  const auto versions = Versions(stack);
  const auto writes = Writes(stack);
  Pause(duration);
  std::vector<std::string> out;
  for (const auto& [name, version] : Versions(stack)) {
    if (!versions.contains(name) || versions.at(name) != version) {
      out.push_back(name + " was written");
    }
  }
  for (const auto& [what, count] : Writes(stack)) {
    if (!writes.contains(what) || writes.at(what) != count) {
      out.push_back(what);
    }
  }
  return out;
}

}  // namespace milink::e2e
