// Is it the instance that was met before, or another one behind the same address? Pure.
//
// No single trait tells. Servers that were set up alike have one name, so the service master key
// counts too; a person may make that key anew, so a server that has the private key of the
// endpoint's certificate is the same.
#pragma once

#include <string>

#include "core/sql/snapshot.h"

namespace milink::sql {

// What was written down of an instance.
struct KnownInstance {
  std::string server_name;              // @@SERVERNAME
  std::string service_master_key_guid;  // empty: not known
  std::string endpoint_certificate;     // its thumbprint; empty: none, or not known
};

enum class IdentityMatch {
  kSame,
  kOtherName,    // @@SERVERNAME differs
  kOtherServer,  // of the same name
};

IdentityMatch MatchIdentity(const KnownInstance& known, const InstanceSnapshot& seen);

// Are both service master keys known, and not the same?
bool KeysDiffer(const std::string& a, const std::string& b);

}  // namespace milink::sql
