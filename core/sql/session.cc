#include "core/sql/session.h"

namespace milink::sql {

bool SameTarget(const SqlTarget& a, const SqlTarget& b) {
  return a.host == b.host && a.port == b.port && a.instance == b.instance && a.user == b.user &&
         a.password.SameAs(b.password) && a.tls == b.tls && a.server_name == b.server_name &&
         a.ca_pem == b.ca_pem && a.trust_server_certificate == b.trust_server_certificate;
}

}  // namespace milink::sql
