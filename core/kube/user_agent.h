// How this program calls itself towards servers.
#pragma once

#include <string>

namespace milink::kube {

// "milink-operator/0.1.0 (linux/amd64)", with Go's names of systems and processors.
// `program` like "milink-operator/0.1.0".
std::string UserAgent(const std::string& program);

}  // namespace milink::kube
