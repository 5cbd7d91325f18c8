#include "controllers/replica/plan/endpoint_fit.h"

#include <functional>

#include <gtest/gtest.h>

#include "core/base/text.h"
#include "tests/unit/replica/builders.h"

namespace milink::replica {
namespace {

struct FitCase {
  std::string name;
  std::function<void(sql::MirroringEndpoint&)> change;
  std::string differences;  // joined by "; "
  bool alterable = true;
  bool only_stopped = false;
};

const FitCase kFits[] = {
    {"one of ours fits", [](auto&) {}, ""},
    {"another port and name fit", [](auto& e) { e.port = 7022; }, ""},
    {"the role of a partner fits", [](auto& e) { e.role = "PARTNER"; }, ""},
    {"both kinds of authentication fit",
     [](auto& e) { e.authentication = "CERTIFICATE, KERBEROS"; }, ""},
    {"AES beside RC4 fits", [](auto& e) { e.encryption = "RC4, AES"; }, ""},
    {"Windows authentication can get a certificate",
     [](auto& e) { e.authentication = "NEGOTIATE"; },
     "it authenticates with NEGOTIATE and no certificate"},
    {"so can Kerberos", [](auto& e) { e.authentication = "KERBEROS"; },
     "it authenticates with KERBEROS and no certificate"},
    {"so can NTLM", [](auto& e) { e.authentication = "NTLM"; },
     "it authenticates with NTLM and no certificate"},
    {"no authentication at all is a person's affair", [](auto& e) { e.authentication = ""; },
     "it authenticates with  and no certificate", false},
    {"RC4 can get AES", [](auto& e) { e.encryption = "RC4"; },
     "its encryption is RC4 instead of required AES"},
    {"encryption that is not required is a person's affair",
     [](auto& e) { e.encryption = "NONE, AES"; },
     "its encryption is NONE, AES instead of required AES", false},
    {"RC4 that is not required, too", [](auto& e) { e.encryption = "NONE, RC4"; },
     "its encryption is NONE, RC4 instead of required AES", false},
    {"no encryption, too",
     [](auto& e) {
       e.encryption = "NONE";
       e.encryption_enabled = false;
     },
     "its encryption is NONE instead of required AES", false},
    {"one address can become all", [](auto& e) { e.ip_address = "10.0.0.4"; },
     "it listens on 10.0.0.4 only"},
    {"a stopped one can be started", [](auto& e) { e.state = "STOPPED"; }, "it is STOPPED", true,
     true},
    {"a disabled one is a person's affair", [](auto& e) { e.state = "DISABLED"; }, "it is DISABLED",
     false, true},
    {"a witness is a person's affair", [](auto& e) { e.role = "WITNESS"; },
     "its role is WITNESS instead of ALL", false},
    {"one harmful difference forbids all",
     [](auto& e) {
       e.state = "STOPPED";
       e.role = "WITNESS";
     },
     "its role is WITNESS instead of ALL; it is STOPPED", false},
};

TEST(EndpointFitTest, NamesEveryDifference) {
  for (const auto& [name, change, differences, alterable, only_stopped] : kFits) {
    auto endpoint = testing::MirroringEndpoint();
    change(endpoint);
    const EndpointFit fit = FitOf(endpoint);
    EXPECT_EQ(Join(fit.differences, "; "), differences) << name;
    EXPECT_EQ(fit.fits(), differences.empty()) << name;
    EXPECT_EQ(fit.alterable, alterable) << name;
    EXPECT_EQ(fit.only_stopped, only_stopped) << name;
  }
}

struct ChangeCase {
  std::string name;
  std::string authentication;
  std::string certificate;
  std::string encryption;
  std::string new_authentication;
  std::string new_certificate;
  std::string new_encryption;
};

const ChangeCase kChanges[] = {
    {"Windows keeps its place before the new certificate", "NEGOTIATE", "", "AES",
     "NEGOTIATE, CERTIFICATE", "own", "AES"},
    {"any Windows kind is negotiated", "KERBEROS", "", "AES", "NEGOTIATE, CERTIFICATE", "own",
     "AES"},
    {"RC4 stays behind AES", "NEGOTIATE", "", "RC4", "NEGOTIATE, CERTIFICATE", "own", "AES, RC4"},
    {"a foreign certificate stays", "CERTIFICATE", "theirs", "RC4", "CERTIFICATE", "theirs",
     "AES, RC4"},
    {"an order that someone chose stays", "CERTIFICATE, NTLM", "theirs", "RC4, AES",
     "CERTIFICATE, NTLM", "theirs", "RC4, AES"},
};

TEST(EndpointFitTest, ChangesOnlyWhatALinkLacks) {
  for (const auto& row : kChanges) {
    auto endpoint = testing::MirroringEndpoint();
    endpoint.authentication = row.authentication;
    endpoint.certificate = CertificateName(row.certificate);
    endpoint.encryption = row.encryption;
    endpoint.port = 7022;
    endpoint.role = "PARTNER";
    const auto change = ChangeOf(endpoint, CertificateName("own"));
    EXPECT_EQ(change, (sql::EndpointChange{endpoint.name, endpoint.endpoint_id, row.authentication,
                                           row.encryption, 7022, "PARTNER", row.new_authentication,
                                           CertificateName(row.new_certificate), row.new_encryption,
                                           CertificateName(row.certificate)}))
        << row.name;
  }
}

}  // namespace
}  // namespace milink::replica
