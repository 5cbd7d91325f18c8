#include "core/sql/identity.h"

#include <functional>
#include <vector>

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

struct Meeting {
  KnownInstance known{"SQL1", "KEY-1", "AB12"};
  InstanceSnapshot seen;

  Meeting() {
    seen.properties.server_name = "SQL1";
    seen.properties.service_master_key_guid = "KEY-1";
    Certificate certificate;
    certificate.name = CertificateName("Cert_SQL1_endpoint");
    certificate.thumbprint = "AB12";
    certificate.private_key = "MK";
    seen.certificates = {certificate};
  }
};

struct IdentityRow {
  const char* name;
  std::function<void(Meeting&)> change;
  IdentityMatch match;
};

TEST(SqlIdentity, AnInstanceIsKnownAsTheSentenceSays) {
  const std::vector<IdentityRow> rows = {
      {"name and key are the same", [](Meeting&) {}, IdentityMatch::kSame},
      {"the name differs", [](Meeting& m) { m.seen.properties.server_name = "SQL2"; },
       IdentityMatch::kOtherName},
      {"the name differs in case only", [](Meeting& m) { m.seen.properties.server_name = "sql1"; },
       IdentityMatch::kOtherName},
      {"a server without a name is none that was met",
       [](Meeting& m) { m.seen.properties.server_name.clear(); }, IdentityMatch::kOtherName},
      {"another key, and the certificate is not there",
       [](Meeting& m) {
         m.seen.properties.service_master_key_guid = "KEY-2";
         m.seen.certificates.clear();
       },
       IdentityMatch::kOtherServer},
      {"another key, and the certificate came without its private key",
       [](Meeting& m) {
         m.seen.properties.service_master_key_guid = "KEY-2";
         m.seen.certificates.front().private_key = "NA";
       },
       IdentityMatch::kOtherServer},
      {"another key, and no certificate is known",
       [](Meeting& m) {
         m.seen.properties.service_master_key_guid = "KEY-2";
         m.known.endpoint_certificate.clear();
         m.seen.certificates.front().thumbprint.clear();
       },
       IdentityMatch::kOtherServer},
      {"a key that was made anew beside the certificate",
       [](Meeting& m) { m.seen.properties.service_master_key_guid = "KEY-2"; },
       IdentityMatch::kSame},
      {"a key that cannot be seen tells nothing",
       [](Meeting& m) {
         m.seen.properties.service_master_key_guid.clear();
         m.seen.certificates.clear();
       },
       IdentityMatch::kSame},
      {"nor does one that was never seen",
       [](Meeting& m) {
         m.known.service_master_key_guid.clear();
         m.seen.certificates.clear();
       },
       IdentityMatch::kSame},
  };
  for (const IdentityRow& row : rows) {
    SCOPED_TRACE(row.name);
    Meeting meeting;
    row.change(meeting);
    EXPECT_EQ(MatchIdentity(meeting.known, meeting.seen), row.match);
  }
}

}  // namespace
}  // namespace milink::sql
