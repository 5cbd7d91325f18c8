// The Azure stand-in on HTTPS, with a certificate of its own authority. Sign-in and Resource
// Manager share one address, as the operator's configuration allows.
//
// Start() once; Stop() joins. The service's thread rule applies.
#pragma once

#include <memory>
#include <string>

#include "core/base/result.h"
#include "tests/sim/arm/arm_service.h"

namespace milink::sim {

class ArmServer {
 public:
  explicit ArmServer(ArmService& service);
  ~ArmServer();
  ArmServer(const ArmServer&) = delete;
  ArmServer& operator=(const ArmServer&) = delete;

  // `port` 0: any free one. The certificate is for localhost, 127.0.0.1 and `address`.
  Status Start(const std::string& address, int port);
  void Stop();
  int port() const;
  // What clients must trust, PEM.
  const std::string& authority_pem() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace milink::sim
