#include "tests/fakes/hostile_api_server.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

namespace milink::fakes {
namespace {

using nlohmann::json;
using Query = std::map<std::string, std::string>;

// How long a watch that has nothing to say waits before it looks whether its client is gone.
constexpr Duration kLook = std::chrono::milliseconds(2);

struct Address {
  std::string group;
  std::string version;
  std::string plural;
  ObjectKey key;  // empty name: the collection
  std::string subresource;
  Query query;
};

std::string Unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::vector<std::string> Split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    if (end > 0) {
      parts.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Query ParseQuery(std::string_view text) {
  Query query;
  for (const std::string& pair : Split(text, '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    query[pair.substr(0, equals)] =
        equals < pair.size() ? Unescape(std::string_view(pair).substr(equals + 1)) : "";
  }
  return query;
}

// "/api/<version>/.." or "/apis/<group>/<version>/..", then
// [namespaces/<ns>/]<plural>[/<name>[/<sub>]].
std::optional<Address> ParseTarget(std::string_view target) {
  const std::size_t question = std::min(target.find('?'), target.size());
  const std::vector<std::string> parts = Split(target.substr(0, question), '/');
  Address address;
  std::size_t at = 1;
  if (parts.size() < 3 || (parts[0] != "api" && parts[0] != "apis")) {
    return std::nullopt;
  }
  if (parts[0] == "apis") {
    address.group = parts[at++];
  }
  address.version = parts[at++];
  if (parts.size() > at + 2 && parts[at] == "namespaces") {
    address.key.namespace_name = parts[at + 1];
    at += 2;
  }
  if (at >= parts.size()) {
    return std::nullopt;
  }
  address.plural = parts[at++];
  address.key.name = at < parts.size() ? parts[at++] : "";
  address.subresource = at < parts.size() ? parts[at++] : "";
  if (question < target.size()) {
    address.query = ParseQuery(target.substr(question + 1));
  }
  return address;
}

std::string At(const Query& query, const std::string& name) {
  const auto it = query.find(name);
  return it == query.end() ? "" : it->second;
}

void Send(ScriptedAnswer& answer, const ModelAnswer& what) {
  std::vector<std::string> headers;
  if (const json details = what.body.value("details", json());
      details.is_object() && details.contains("retryAfterSeconds")) {
    headers.push_back("Retry-After: " + details.at("retryAfterSeconds").dump());
  }
  answer.Respond(what.code, what.body.dump(), headers);
}

std::string Frame(const std::string& type, const json& object) {
  return json{{"type", type}, {"object", object}}.dump() + "\n";
}

std::string Bookmark(const kube::ResourceType& type, Revision at, bool ends_the_list) {
  json object{{"kind", type.kind}, {"metadata", {{"resourceVersion", std::to_string(at)}}}};
  object["apiVersion"] = type.group.empty() ? type.version : type.group + "/" + type.version;
  if (ends_the_list) {
    object["metadata"]["annotations"]["k8s.io/initial-events-end"] = "true";
  }
  return Frame("BOOKMARK", object);
}

// One watch, on the thread of its connection.
class WatchStream {
 public:
  WatchStream(const ClusterModel& cluster, const std::atomic<Revision>& visible,
              const std::atomic<int>& bookmarks, const ServerHabits& habits, ScriptedAnswer& answer)
      : cluster_(cluster),
        visible_(visible),
        bookmarks_(bookmarks),
        habits_(habits),
        answer_(answer) {}

  void Run(const kube::ResourceType& type, const Address& address) {
    type_ = &type;
    namespace_name_ = address.key.namespace_name;
    const std::string version = At(address.query, "resourceVersion");
    const bool asks = At(address.query, "sendInitialEvents") == "true";
    const bool numbered = !version.empty() && version != "0";
    if (asks && habits_.streaming_lists == StreamingLists::kRefused) {
      Send(answer_, Refusal(422, "Invalid", "sendInitialEvents is forbidden for watch"));
      return;
    }
    const bool streams_list = asks && habits_.streaming_lists == StreamingLists::kServed;
    // The most recent state is not what a server shows that lags: it waits, for a while.
    const bool behind = streams_list && version.empty() && Visible() < cluster_.head();
    if (behind || (numbered && std::stoll(version) > Visible())) {
      Send(answer_, VersionTooLarge());
      return;
    }
    answer_.Begin(200);
    if (streams_list || !numbered) {
      SendInitial(streams_list);
    } else {
      seen_ = std::stoll(version);
    }
    Follow(At(address.query, "allowWatchBookmarks") == "true" && habits_.bookmarks);
  }

 private:
  Revision Visible() const { return std::min(visible_.load(), cluster_.head()); }

  void SendInitial(bool with_end) {
    seen_ = Visible();
    for (const auto& [key, object] : cluster_.Objects(*type_, seen_)) {
      if (namespace_name_.empty() || namespace_name_ == key.namespace_name) {
        answer_.Chunk(Frame("ADDED", object));
      }
    }
    if (with_end && habits_.end_bookmark) {
      answer_.Chunk(Bookmark(*type_, seen_, true));
    }
  }

  void Follow(bool with_bookmarks) {
    int bookmarks = 0;
    while (!answer_.Closed()) {
      if (habits_.very_short_watches) {
        answer_.Finish();
        return;
      }
      const Revision head = Visible();
      const auto events = cluster_.EventsAfter(*type_, namespace_name_, seen_, head);
      if (!events) {
        const json expired = Refusal(410, "Expired", "too old resource version").body;
        answer_.Chunk(Frame("ERROR", expired));
        answer_.Finish();
        return;
      }
      for (const ModelEvent& event : *events) {
        answer_.Chunk(Frame(event.type, event.object));
      }
      seen_ = std::max(seen_, head);
      if (const int now = bookmarks_; with_bookmarks && now != bookmarks) {
        bookmarks = now;
        answer_.Chunk(Bookmark(*type_, seen_, false));
      }
      cluster_.WaitForChange(seen_, kLook);
    }
  }

  const ClusterModel& cluster_;
  const std::atomic<Revision>& visible_;
  const std::atomic<int>& bookmarks_;
  const ServerHabits& habits_;
  ScriptedAnswer& answer_;
  const kube::ResourceType* type_ = nullptr;
  std::string namespace_name_;
  Revision seen_ = 0;
};

ModelAnswer Write(ClusterModel& cluster, const ScriptedRequest& request,
                  const kube::ResourceType& type, const Address& address) {
  const json body = json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (request.method == "DELETE") {
    return cluster.Delete(type, address.key, body);
  }
  if (!body.is_object()) {
    return Refusal(400, "BadRequest", "the body is no object");
  }
  if (request.method == "POST") {
    return cluster.Create(type, address.key.namespace_name, body);
  }
  if (request.method == "PUT") {
    return cluster.Update(type, address.key, body, address.subresource);
  }
  const auto content = request.headers.find("content-type");
  const bool applies =
      content != request.headers.end() && content->second.find("apply-patch") != std::string::npos;
  return cluster.Patch(type, address.key, body, address.subresource, applies);
}

bool Matches(const When& when, const std::string& verb, const std::string& target) {
  return (when.verb.empty() || when.verb == verb) &&
         (when.part.empty() || target.find(when.part) != std::string::npos);
}

}  // namespace

HostileApiServer::HostileApiServer(ClusterModel& cluster, const std::string& subject_alt_names)
    : cluster_(cluster),
      server_([this](const ScriptedRequest& request,
                     ScriptedAnswer& answer) { Answer(request, answer); },
              subject_alt_names) {}

void HostileApiServer::SetHabits(ServerHabits habits) {
  const std::lock_guard lock(mutex_);
  habits_ = std::move(habits);
}

ServerHabits HostileApiServer::habits() const {
  const std::lock_guard lock(mutex_);
  return habits_;
}

void HostileApiServer::Inject(When when, Fault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back({std::move(when), std::move(fault)});
}

void HostileApiServer::ClearFaults() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
}

std::string HostileApiServer::VerbOf(const ScriptedRequest& request) {
  const auto address = ParseTarget(request.target);
  if (!address) {
    return "";
  }
  if (request.method != "GET") {
    static const std::map<std::string, std::string> kVerbs{
        {"POST", "create"}, {"PUT", "update"}, {"PATCH", "patch"}, {"DELETE", "delete"}};
    const auto it = kVerbs.find(request.method);
    return it == kVerbs.end() ? "" : it->second;
  }
  if (!address->key.name.empty()) {
    return "get";
  }
  return At(address->query, "watch").empty() ? "list" : "watch";
}

std::optional<Fault> HostileApiServer::TakeFault(const ScriptedRequest& request) {
  const std::string verb = VerbOf(request);
  const std::lock_guard lock(mutex_);
  for (auto it = faults_.begin(); it != faults_.end(); ++it) {
    if (!Matches(it->when, verb, request.target)) {
      continue;
    }
    if (it->when.skip > 0) {
      --it->when.skip;
      continue;
    }
    Fault fault = it->fault;
    if (it->when.times > 0 && --it->when.times == 0) {
      faults_.erase(it);
    }
    return fault;
  }
  return std::nullopt;
}

void HostileApiServer::Answer(const ScriptedRequest& request, ScriptedAnswer& answer) {
  if (const auto fault = TakeFault(request)) {
    Exchange exchange{request, answer,
                      [this, &request](ScriptedAnswer& to) { Serve(request, to); }};
    (*fault)(exchange);
    return;
  }
  Serve(request, answer);
}

void HostileApiServer::Serve(const ScriptedRequest& request, ScriptedAnswer& answer) {
  const ServerHabits habits = this->habits();
  const auto authorization = request.headers.find("authorization");
  const std::string token =
      authorization == request.headers.end() ? "" : authorization->second.substr(7);  // "Bearer "
  if (!habits.tokens.empty() && !habits.tokens.contains(token)) {
    Send(answer, Refusal(401, "Unauthorized", "Unauthorized"));
    return;
  }
  const auto address = ParseTarget(request.target);
  const auto type = address ? cluster_.Served(address->group, address->plural) : std::nullopt;
  if (!type) {
    Send(answer, Refusal(404, "NotFound", "the server could not find the requested resource"));
    return;
  }
  if (request.method != "GET") {
    Send(answer, Write(cluster_, request, *type, *address));
  } else if (!address->key.name.empty()) {
    Send(answer, cluster_.Get(*type, address->key));
  } else if (!At(address->query, "watch").empty()) {
    WatchStream(cluster_, visible_, bookmarks_, habits, answer).Run(*type, *address);
  } else {
    const std::string limit = At(address->query, "limit");
    Send(answer, cluster_.List(*type,
                               {address->key.namespace_name, At(address->query, "resourceVersion"),
                                limit.empty() ? 0 : std::stoi(limit),
                                At(address->query, "continue"), habits.pages_its_cache},
                               visible_));
  }
}

int HostileApiServer::Count(const std::string& verb, const std::string& part) const {
  const auto requests = server_.Requests();
  return static_cast<int>(std::ranges::count_if(requests, [&](const ScriptedRequest& request) {
    return Matches({.verb = verb, .part = part}, VerbOf(request), request.target);
  }));
}

std::vector<std::string> HostileApiServer::Targets(const std::string& verb) const {
  std::vector<std::string> targets;
  for (const ScriptedRequest& request : server_.Requests()) {
    if (VerbOf(request) == verb) {
      targets.push_back(request.target);
    }
  }
  return targets;
}

}  // namespace milink::fakes
