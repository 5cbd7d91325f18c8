#include "tests/e2e/oracles.h"

#include <memory>
#include <mutex>

#include "core/kube/base64.h"
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

std::vector<std::string> Secrets(Stack& stack, const std::vector<std::string>& more) {
  std::vector<std::string> out(std::begin(kCanaries), std::end(kCanaries));
  out.insert(out.end(), more.begin(), more.end());
  const auto tokens = stack.sim().arm().tokens().Given();
  out.insert(out.end(), tokens.begin(), tokens.end());
  for (const std::string& secret : stack.sim().world().Enter()->confided) {
    if (!secret.empty()) {
      out.push_back(secret);
    }
  }
  return out;
}

// Waits, and tells what went through the gate meanwhile.
std::vector<std::string> WrittenDuring(Stack& stack, Duration duration) {
  struct Seen {
    std::mutex mutex;
    std::vector<std::string> writes;
  };
  // Shared, because the gate may still be calling when it is told to stop.
  const auto seen = std::make_shared<Seen>();
  if (stack.gate() != nullptr) {
    stack.gate()->Watch([seen](const KubeWrite& write, GatePoint point) {
      if (point == GatePoint::kBefore) {
        const std::lock_guard lock(seen->mutex);
        seen->writes.push_back(write.method + " " + write.path + " " + write.body);
      }
      return true;
    });
  }
  Pause(duration);
  if (stack.gate() != nullptr) {
    stack.gate()->Watch({});
  }
  const std::lock_guard lock(seen->mutex);
  return seen->writes;
}

std::map<std::string, std::string> Versions(Stack& stack) {
  std::map<std::string, std::string> out;
  for (const char* kind : {"sqlr", "mil", "configmaps", "events.events.k8s.io"}) {
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

std::vector<std::string> LeakedSecrets(Stack& stack, const std::vector<std::string>& more) {
  const std::map<std::string, std::string> places{
      {"the log", stack.OperatorLog()},
      {"the journal", JournalText(stack)},
      {"the metrics", stack.Metrics()},
      {"a health page", stack.Page("/healthz") + stack.Page("/readyz")},
      {"an object or event",
       stack.Kubectl({"get", "sqlr,mil,configmaps,leases,events.events.k8s.io", "-A", "-o", "json",
                      "--show-managed-fields"})}};
  std::vector<std::string> out;
  for (const std::string& secret : Secrets(stack, more)) {
    std::string encoded = kube::EncodeBase64(secret);
    encoded.erase(encoded.find_last_not_of('=') + 1);
    for (const auto& [place, text] : places) {
      if (text.find(secret) != std::string::npos || text.find(encoded) != std::string::npos) {
        out.push_back(secret + " in " + place);
      }
    }
  }
  return out;
}

std::vector<std::string> Unrest(Stack& stack, Duration duration) {
  const auto versions = Versions(stack);
  const auto writes = Writes(stack);
  std::vector<std::string> out = WrittenDuring(stack, duration);
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

std::vector<std::string> NeverQuiet(Stack& stack) {
  // Longer than each of the two looks at its system, which is every 5 and 2 seconds here.
  constexpr auto kWindow = std::chrono::seconds(6);
  constexpr int kMost = 5;
  std::vector<std::string> unrest;
  for (int window = 0; window < kMost; ++window) {
    unrest = Unrest(stack, kWindow);
    if (unrest.empty()) {
      break;
    }
  }
  return unrest;
}

Outcome OutcomeOf(Stack& stack) { return {stack.ComparableWorld(), Writes(stack)}; }

}  // namespace milink::e2e
