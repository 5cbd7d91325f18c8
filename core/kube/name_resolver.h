// Host names to addresses, on threads beside the loop: the system's look-up (getaddrinfo) cannot be
// cancelled and may hang for as long as no name server answers, so that nobody may wait for it.
//
// Thread-safe. At most one look-up of a host is under way, and all who ask meanwhile share it. Its
// thread belongs to nobody: it keeps neither the resolver nor the process from ending.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace milink::kube {

// IP literals, the best first; at least one.
using NameResult = Result<std::vector<std::string>>;
// Blocks. May still run when whoever passed it is gone, and therefore owns what it uses.
using NameLookup = std::function<NameResult(const std::string& host)>;

// By the system. kTransient kConnectionLost when it has no address.
NameResult LookUpName(const std::string& host);

class NameResolver {
 public:
  using OnAddresses = std::function<void(NameResult)>;

  explicit NameResolver(NameLookup look_up = LookUpName);

  // An IP literal is its own address, at once. Else nothing, and `later` is called on another
  // thread; perhaps never.
  std::optional<NameResult> Get(const std::string& host, OnAddresses later);

 private:
  struct Shared;

  const std::shared_ptr<Shared> shared_;
};

}  // namespace milink::kube
