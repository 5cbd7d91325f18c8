// The control API on plain HTTP, for the loopback only. Start() once; Stop() joins.
#pragma once

#include <memory>
#include <string>

#include "core/base/result.h"
#include "tests/sim/control/control_service.h"

namespace milink::sim {

class ControlServer {
 public:
  explicit ControlServer(ControlService& service);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  Status Start(const std::string& address, int port);  // port 0: any free one
  void Stop();
  int port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace milink::sim
