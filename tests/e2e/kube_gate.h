// A gate in front of the real API server: an HTTPS reverse proxy through which the operator talks,
// so that a test can end the operator at any of its writes, before or after they took effect.
//
// Reads and watches pass untouched. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/base/result.h"

namespace milink::e2e {

struct KubeWrite {
  std::string method;
  std::string path;  // with the query
  std::string body;
};

enum class GatePoint { kBefore, kAfterEffect, kAfterAnswer };

class KubeGate {
 public:
  // Called at each of the three points of every write, on the proxy's thread. False: the
  // connection is cut there. What was sent before counts.
  using Watcher = std::function<bool(const KubeWrite&, GatePoint)>;

  // `kubeconfig` has a token and names the real server; its copy behind kubeconfig() names the
  // gate. Files go into `directory`.
  static Result<std::unique_ptr<KubeGate>> Start(const std::filesystem::path& kubeconfig,
                                                 const std::filesystem::path& directory);
  ~KubeGate();
  KubeGate(const KubeGate&) = delete;
  KubeGate& operator=(const KubeGate&) = delete;

  const std::filesystem::path& kubeconfig() const;
  void Watch(Watcher watcher);  // replaces the one before; none: everything passes

 private:
  struct State;
  explicit KubeGate(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace milink::e2e
