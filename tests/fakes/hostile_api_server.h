// An API server over real sockets and TLS which serves a ClusterModel and misbehaves as told: for
// faults that the real kube-apiserver cannot be made to show (FAULT-MODELS 5.1, K-01 to K-23; the
// table in README.md says which test shows which).
//
//   ClusterModel cluster;
//   cluster.Serve(kWidgets);
//   HostileApiServer server(cluster);
//   server.Inject({.verb = "watch", .times = 2}, Refuse(429, "TooManyRequests", 1));
//   .. server.Access() ..
//
// It serves get, list, watch, create, update, patch, delete and the status subresource of every
// kind that the model serves. Thread-safe; habits and faults may change at any time and count for
// requests that come later.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/fakes/cluster_model.h"
#include "tests/fakes/faults.h"
#include "tests/fakes/scripted_server.h"

namespace milink::fakes {

enum class StreamingLists {
  kServed,
  kIgnored,  // an old server: the parameter means nothing to it
  kRefused,  // the feature is switched off: 422
};

struct ServerHabits {
  StreamingLists streaming_lists = StreamingLists::kServed;
  bool end_bookmark = true;         // that which ends a streaming list
  bool bookmarks = true;            // all others
  bool very_short_watches = false;  // ended before the first event
  bool pages_its_cache = false;
  std::set<std::string> tokens;  // accepted bearer tokens; empty: everybody is welcome
};

// Which requests a fault hits: all that match, after the first `skip`, for `times`.
struct When {
  std::string verb = {};  // get list watch create update patch delete; empty: any
  std::string part = {};  // of the target; empty: any
  int skip = 0;
  int times = 1;  // negative: for ever
};

class HostileApiServer {
 public:
  // `cluster` outlives this.
  explicit HostileApiServer(ClusterModel& cluster,
                            const std::string& subject_alt_names = "IP:127.0.0.1,DNS:localhost");

  kube::ClusterAccess Access() const { return server_.Access(); }
  ScriptedServer& wire() { return server_; }

  void SetHabits(ServerHabits habits);
  // Several faults may hit the same requests: the oldest goes first.
  void Inject(When when, Fault fault);
  // All of the faults that are left.
  void ClearFaults();

  // The server lags: it has heard of nothing after `visible`. Requests from now on.
  void LagAt(Revision visible) { visible_ = visible; }
  void CatchUp() { visible_ = kHead; }
  // Every open watch that gets bookmarks gets one now; one that opens later begins with one.
  void SendBookmarks() { ++bookmarks_; }
  void CutAll() { server_.CutAll(); }

  // Requests so far, those hit by faults included; arguments as in When.
  int Count(const std::string& verb = "", const std::string& part = "") const;
  std::vector<std::string> Targets(const std::string& verb) const;

  // The verb of a request, "" for what is no resource.
  static std::string VerbOf(const ScriptedRequest& request);

 private:
  struct Armed {
    When when;
    Fault fault;
  };

  void Answer(const ScriptedRequest& request, ScriptedAnswer& answer);
  void Serve(const ScriptedRequest& request, ScriptedAnswer& answer);
  std::optional<Fault> TakeFault(const ScriptedRequest& request);
  ServerHabits habits() const;

  ClusterModel& cluster_;
  std::atomic<Revision> visible_ = kHead;
  std::atomic<int> bookmarks_ = 0;
  mutable std::mutex mutex_;
  ServerHabits habits_;
  std::vector<Armed> faults_;
  ScriptedServer server_;  // last: its threads use all of the above
};

}  // namespace milink::fakes
