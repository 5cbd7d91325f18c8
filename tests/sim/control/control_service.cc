#include "tests/sim/control/control_service.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "core/base/time_format.h"
#include "tests/sim/world/description.h"
#include "tests/sim/world/security_ddl.h"
#include "tests/sim/world/x509.h"

namespace milink::sim {
namespace {

using nlohmann::json;

ControlResponse Answer(const json& body) { return {.status = 200, .body = body.dump()}; }
ControlResponse Done() { return Answer({{"ok", true}}); }
ControlResponse Refuse(int status, const std::string& why) {
  return {.status = status, .body = json{{"error", why}}.dump()};
}

std::uint64_t Number(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool Wanted(const ControlRequest& request, const JournalEntry& entry) {
  for (const auto& [name, value] : request.query) {
    if ((name == "kind" && value != ToString(entry.call.kind)) ||
        (name == "target" && !EqualsIgnoreCaseAscii(value, entry.call.target)) ||
        (name == "mutation" && (value == "true") != entry.call.mutation) ||
        (name == "tookEffect" && (value == "true") != entry.took_effect) ||
        (name == "contains" && entry.call.text.find(value) == std::string::npos &&
         entry.call.object.find(value) == std::string::npos)) {
      return false;
    }
  }
  return true;
}

}  // namespace

ControlResponse ControlService::Handle(const ControlRequest& request) {
  std::vector<std::string> parts = Split(request.path, '/');
  parts.resize(5);
  const std::string& first = parts[1];
  const std::string& second = parts[2];
  try {
    if (first.empty() && request.method == "GET") {
      return Answer(parts_.addresses ? parts_.addresses() : json::object());
    }
    if (first == "world") {
      return OnWorld(request);
    }
    if (first == "roots") {
      return OnRoot(second);
    }
    if (first == "clock") {
      return OnClock(request);
    }
    if (first == "journal") {
      return OnJournal(request, second);
    }
    if (first == "faults") {
      return OnFaults(request, second);
    }
    if (first == "held") {
      return OnHeld(request, second);
    }
    if (first == "endpoints") {
      return OnEndpoint(second, parts[3]);
    }
    if (first == "network") {
      return OnNetwork(second, parts[3]);
    }
    if (first == "databases") {
      return OnDatabase(request, second, parts[3]);
    }
    if (first == "certificates") {
      return OnCertificate(request, second, parts[3]);
    }
    if (first == "managedInstances") {
      return OnManagedInstance(request, second);
    }
    if (first == "tokens" && second == "expire") {
      parts_.expire_tokens();
      return Done();
    }
  } catch (const json::exception& exception) {
    return Refuse(400, exception.what());
  }
  return Refuse(404, "no such thing: " + request.path);
}

ControlResponse ControlService::OnWorld(const ControlRequest& request) {
  if (request.method == "GET") {
    const auto world = parts_.world.Enter();
    return Answer(DumpWorld(*world));
  }
  const json description = json::parse(request.body);
  if (request.method == "POST") {
    parts_.world.Reset();
  }
  Status status;
  {
    const auto world = parts_.world.Enter();
    status = Describe(*world, description);
  }
  if (parts_.instances_changed) {
    parts_.instances_changed();
  }
  return status.ok() ? Done() : Refuse(400, status.error().message);
}

ControlResponse ControlService::OnRoot(const std::string& instance) {
  const auto world = parts_.world.Enter();
  const ManagedInstance* const found = world->FindManagedInstance(instance);
  if (found == nullptr) {
    return Refuse(404, "no managed instance " + instance);
  }
  return Answer(
      {{"publicBlob", ToHex(found->root_der)}, {"thumbprint", ThumbprintOf(found->root_der)}});
}

ControlResponse ControlService::OnClock(const ControlRequest& request) {
  if (request.method == "POST") {
    const json body = json::parse(request.body);
    if (body.contains("speed")) {
      parts_.clock.SetSpeed(body.at("speed").get<double>());
    }
    if (body.contains("step")) {
      const auto step = ParseDuration(body.at("step").get<std::string>());
      if (!step) {
        return Refuse(400, "no duration");
      }
      parts_.clock.Step(*step);
    }
  }
  const auto world = parts_.world.Enter();
  return Answer({{"now", FormatRfc3339Micro(world->now)}, {"speed", parts_.clock.speed()}});
}

ControlResponse ControlService::OnJournal(const ControlRequest& request, const std::string& what) {
  if (request.method == "DELETE") {
    parts_.journal.Clear();
    return Done();
  }
  if (what == "mutations") {
    return Answer(parts_.journal.EffectiveMutations());
  }
  const auto after = request.query.find("after");
  json entries = json::array();
  for (const JournalEntry& entry :
       parts_.journal.Entries(after == request.query.end() ? 0 : Number(after->second))) {
    if (Wanted(request, entry)) {
      entries.push_back(ToJson(entry));
    }
  }
  return Answer({{"last", parts_.journal.LastSequence()}, {"entries", entries}});
}

ControlResponse ControlService::OnFaults(const ControlRequest& request, const std::string& id) {
  if (request.method == "DELETE") {
    if (id.empty()) {
      parts_.calls.ClearFaults();
    } else {
      parts_.calls.RemoveFault(static_cast<int>(Number(id)));
    }
    return Done();
  }
  const Result<Fault> fault = ParseFault(json::parse(request.body));
  if (!fault) {
    return Refuse(400, fault.error().message);
  }
  return Answer({{"id", parts_.calls.AddFault(*fault)}});
}

ControlResponse ControlService::OnHeld(const ControlRequest& /*request*/, const std::string& what) {
  if (what == "release") {
    parts_.calls.ReleaseAll();
  } else if (what == "cut") {
    parts_.calls.CutHeld();
  } else if (!what.empty()) {
    return Refuse(404, "release or cut");
  }
  return Answer({{"held", parts_.calls.HeldCalls()}});
}

ControlResponse ControlService::OnEndpoint(const std::string& server, const std::string& what) {
  const auto world = parts_.world.Enter();
  SqlServerInstance* const instance = world->FindInstance(server);
  if (instance == nullptr || !instance->endpoint || (what != "stop" && what != "start")) {
    return Refuse(404, "no endpoint there, or neither stop nor start");
  }
  instance->endpoint->state = what == "stop" ? EndpointState::kStopped : EndpointState::kStarted;
  RebindEndpoint(*world, *instance);
  return Done();
}

ControlResponse ControlService::OnNetwork(const std::string& host, const std::string& what) {
  const auto world = parts_.world.Enter();
  if (what == "cut") {
    world->network.Cut(host);
  } else if (what == "mend") {
    world->network.Mend(host);
  } else {
    return Refuse(404, "cut or mend");
  }
  return Done();
}

ControlResponse ControlService::OnDatabase(const ControlRequest& request, const std::string& server,
                                           const std::string& name) {
  const auto world = parts_.world.Enter();
  SqlServerInstance* const instance = world->FindInstance(server);
  Database* const database = instance == nullptr ? nullptr : instance->FindDatabase(name);
  if (database == nullptr) {
    return Refuse(404, "no database " + name + " on " + server);
  }
  const json body = json::parse(request.body);
  database->write_rate = body.value("writeRate", database->write_rate);
  if (body.contains("encryptionCertificate")) {
    const std::string certificate = body.at("encryptionCertificate").get<std::string>();
    const Certificate* const found = instance->FindCertificate(certificate);
    if (found == nullptr && !certificate.empty()) {
      return Refuse(404, "no certificate " + certificate + " on " + server);
    }
    database->encryptor_thumbprint = found == nullptr ? "" : found->thumbprint;
  }
  return Done();
}

ControlResponse ControlService::OnCertificate(const ControlRequest& request,
                                              const std::string& server, const std::string& name) {
  const auto world = parts_.world.Enter();
  SqlServerInstance* const instance = world->FindInstance(server);
  const auto duration = ParseDuration(json::parse(request.body).at("expiresIn").get<std::string>());
  if (instance == nullptr || instance->FindCertificate(name) == nullptr || !duration) {
    return Refuse(404, "no certificate " + name + " on " + server + ", or no duration");
  }
  instance->FindCertificate(name)->expiry_date = world->now + *duration;
  return Done();
}

ControlResponse ControlService::OnManagedInstance(const ControlRequest& request,
                                                  const std::string& name) {
  const auto world = parts_.world.Enter();
  ManagedInstance* const instance = world->FindManagedInstance(name);
  if (instance == nullptr) {
    return Refuse(404, "no managed instance " + name);
  }
  const json body = json::parse(request.body);
  instance->state = body.value("state", instance->state);
  if (body.value("rotateCertificate", false)) {
    RotateEndpointCertificate(*world, *instance);
  }
  if (body.value("forgetTdeCertificates", false)) {
    instance->tde_thumbprints.clear();
  }
  if (body.contains("permissions")) {
    instance->permissions.clear();
    for (const auto& [client, roles] : body.at("permissions").items()) {
      for (const json& role : roles) {
        instance->permissions[client].push_back(
            {.actions = role.value("actions", std::vector<std::string>{}),
             .not_actions = role.value("notActions", std::vector<std::string>{})});
      }
    }
  }
  return Done();
}

}  // namespace milink::sim
