#include "controllers/replica/plan/checks.h"
#include "controllers/replica/reasons.h"
#include "core/api/error_reasons.h"
#include "tests/unit/replica/row.h"

namespace milink::replica {
namespace {

using testing::Changed;
using testing::FreshInstance;
using testing::kFalse;
using testing::kTrue;
using testing::kUnknown;
using testing::Now;
using testing::Observe;
using testing::PreparedInstance;
using testing::Refused;
using testing::Replica;
using testing::Row;
using testing::WithMasterKeySecret;

// A prepared instance, changed, whose endpoint may be altered.
Observation MayAlter(const std::function<void(sql::InstanceSnapshot&)>& change) {
  auto replica = Replica();
  replica.spec.endpoint.adoption = "Alter";
  auto snapshot = PreparedInstance();
  change(snapshot);
  return Observe(replica, snapshot);
}

void Windows(sql::InstanceSnapshot& snapshot, const std::string& kind) {
  snapshot.endpoints[0].authentication = kind;
  snapshot.endpoints[0].certificate = CertificateName();
}

// As after a restore of master on another host.
Observation ClosedMasterKey() {
  return Changed([](auto& s) { s.master_key.encrypted_by_service_key = false; });
}

std::vector<Row> EndpointRows() {
  return {
      {"no master key and no password: the field is named",
       [] { return Observe(Replica(), FreshInstance()); }, kMasterKeyReady, kFalse,
       reason::kMasterKeyRequired, "", "spec.masterKey.passwordSecretRef", false, true},
      {"no master key and a password: it is created",
       [] { return Observe(WithMasterKeySecret(), FreshInstance()); }, kMasterKeyReady, kFalse,
       reason::kCreating, "create the database master key"},
      {"a password Secret that is missing is named",
       [] {
         auto observed = Observe(WithMasterKeySecret(), FreshInstance());
         observed.master_key_error =
             Error{ErrorKind::kInvalid, "SecretNotFound", "Secret prod/sql1-dmk", ""};
         return observed;
       },
       kMasterKeyReady, kFalse, "SecretNotFound", "", "sql1-dmk", false, true},
      {"a usable master key needs no password",
       [] { return Observe(Replica(), PreparedInstance()); }, kMasterKeyReady, kTrue,
       reason::kSucceeded, "", "", true},
      {"a master key that the server cannot open is left alone without its password",
       [] {
         auto snapshot = PreparedInstance();
         snapshot.master_key.encrypted_by_service_key = false;
         return Observe(Replica(), snapshot);
       },
       kMasterKeyReady, kFalse, reason::kMasterKeyNotOpenable, "", "SERVICE MASTER KEY", false,
       true},
      {"a master key that the server cannot open is repaired with its password", ClosedMasterKey,
       kMasterKeyReady, kFalse, reason::kChanging, "encrypt the database master key in master"},
      {"a repair whose Secret is missing names it",
       [] {
         auto observed = ClosedMasterKey();
         observed.master_key_error =
             Error{ErrorKind::kInvalid, "SecretNotFound", "Secret prod/sql1-dmk", ""};
         return observed;
       },
       kMasterKeyReady, kFalse, "SecretNotFound", "", "sql1-dmk", false, true},
      {"a suspended replica repairs nothing and says what is wrong",
       [] {
         auto observed = ClosedMasterKey();
         auto replica = *observed.replica;
         replica.spec.suspend = true;
         observed.replica = std::make_shared<const api::SqlServerReplica>(replica);
         return observed;
       },
       kMasterKeyReady, kFalse, reason::kDependencyNotReady, "", "cannot open it unattended"},
      {"a wrong password for the master key names the Secret to correct",
       [] {
         return Refused(ClosedMasterKey(), {ErrorKind::kInvalid, reason::kMasterKeyPasswordWrong,
                                            "error 15313: The key is not encrypted", ""});
       },
       kMasterKeyReady, kFalse, reason::kMasterKeyPasswordWrong, "encrypt the database master key",
       "another password than that in Secret sql1-dmk", false, true},
      {"a password that the host's policy refuses is shown as such",
       [] {
         return Refused(Observe(WithMasterKeySecret(), FreshInstance()),
                        {ErrorKind::kInvalid, reason::kPasswordTooWeak,
                         "error 15118: it is not complex enough", ""});
       },
       kMasterKeyReady, kFalse, reason::kPasswordTooWeak, "create the database master key",
       "15118: it is not complex enough; put a longer password", false, true},
      {"a master key that could not be made for the moment is tried again",
       [] {
         return Refused(Observe(WithMasterKeySecret(), FreshInstance()),
                        {ErrorKind::kTransient, reason::kDeadlock, "error 1205: deadlock", ""});
       },
       kMasterKeyReady, kFalse, reason::kDeadlock, "create the database master key", "1205"},
      {"with a master key the certificate is created",
       [] {
         auto snapshot = FreshInstance();
         snapshot.master_key = {true, true};
         return Observe(Replica(), snapshot);
       },
       kCertificateReady, kFalse, reason::kCreating, "create certificate Cert_SQL1_endpoint"},
      {"a certificate without private key is left alone",
       [] {
         return Changed([](auto& s) {
           s.certificates[0].private_key = "NA";
           s.endpoints.clear();
         });
       },
       kCertificateReady, kFalse, reason::kCertificateUnusable, "", "left alone", false, true},
      {"an expired certificate is not replaced behind the endpoint's back",
       [] {
         return Changed(
             [](auto& s) { s.certificates[0].not_after = Now() - std::chrono::hours(1); });
       },
       kCertificateReady, kFalse, reason::kCertificateExpired, "", "2026-11-21", false, true},
      {"with a certificate the endpoint is created",
       [] { return Changed([](auto& s) { s.endpoints.clear(); }); }, kEndpointReady, kFalse,
       reason::kCreating, "create mirroring endpoint database_mirroring_endpoint on port 5022"},
      {"a stopped endpoint is named with the statement that helps",
       [] { return Changed([](auto& s) { s.endpoints[0].state = "STOPPED"; }); }, kEndpointReady,
       kFalse, reason::kEndpointStopped, "", "STATE = STARTED", false, true},
      {"an endpoint with Windows authentication is left alone",
       [] {
         return Changed([](auto& s) {
           s.endpoints[0].authentication = "NEGOTIATE";
           s.endpoints[0].certificate = CertificateName();
         });
       },
       kEndpointReady, kFalse, reason::kEndpointUnsuitable, "", "NEGOTIATE", false, true},
      {"an endpoint that only supports encryption is left alone",
       [] { return Changed([](auto& s) { s.endpoints[0].encryption = "NONE, AES"; }); },
       kEndpointReady, kFalse, reason::kEndpointUnsuitable, "", "NONE, AES", false, true},
      {"an endpoint bound to one address is left alone",
       [] { return Changed([](auto& s) { s.endpoints[0].ip_address = "10.0.0.4"; }); },
       kEndpointReady, kFalse, reason::kEndpointUnsuitable, "", "10.0.0.4", false, true},
      {"an endpoint with another name, port and certificate is used as it is",
       [] {
         return Changed([](auto& s) {
           s.endpoints[0].name = EndpointName("Hadr_endpoint");
           s.endpoints[0].port = 7022;
           s.endpoints[0].certificate = CertificateName("theirs");
           s.certificates[0].name = CertificateName("theirs");
         });
       },
       kEndpointReady, kTrue, reason::kSucceeded, "", "7022", true},
      {"an endpoint with both kinds of authentication is used",
       [] {
         return Changed([](auto& s) { s.endpoints[0].authentication = "NEGOTIATE, CERTIFICATE"; });
       },
       kEndpointReady, kTrue, reason::kSucceeded, "", "", true},
      {"an endpoint that could be altered says how to permit it",
       [] { return Changed([](auto& s) { s.endpoints[0].encryption = "RC4"; }); }, kEndpointReady,
       kFalse, reason::kEndpointUnsuitable, "", "set spec.endpoint.adoption to Alter", false, true},
      {"Windows authentication is altered where that is permitted",
       [] { return MayAlter([](auto& s) { Windows(s, "NEGOTIATE"); }); }, kEndpointReady, kFalse,
       reason::kChanging,
       "alter mirroring endpoint database_mirroring_endpoint to listen on all addresses at port "
       "5022, authenticate with NEGOTIATE, CERTIFICATE (certificate Cert_SQL1_endpoint)"},
      {"the certificate is made before it is set on the endpoint",
       [] {
         return MayAlter([](auto& s) {
           Windows(s, "KERBEROS");
           s.certificates.clear();
         });
       },
       kEndpointReady, kFalse, reason::kDependencyNotReady, "create certificate Cert_SQL1_endpoint",
       "authenticates with KERBEROS"},
      {"no certificate is made for an endpoint that cannot be altered",
       [] {
         return MayAlter([](auto& s) {
           Windows(s, "NEGOTIATE");
           s.endpoints[0].role = "WITNESS";
           s.certificates.clear();
         });
       },
       kCertificateReady, kUnknown, reason::kDependencyNotReady, "", "see EndpointReady", false,
       true},
      {"an endpoint is not altered with a certificate that has expired",
       [] {
         return MayAlter([](auto& s) {
           Windows(s, "NEGOTIATE");
           s.certificates[0].not_after = Now() - std::chrono::hours(1);
         });
       },
       kCertificateReady, kFalse, reason::kCertificateExpired, "", "", false, true},
      {"a foreign certificate is kept by an alteration",
       [] {
         return MayAlter([](auto& s) {
           s.endpoints[0].encryption = "RC4";
           s.endpoints[0].certificate = CertificateName("theirs");
           s.certificates[0].name = CertificateName("theirs");
         });
       },
       kEndpointReady, kFalse, reason::kChanging,
       "alter mirroring endpoint database_mirroring_endpoint to listen on all addresses at port "
       "5022, authenticate with CERTIFICATE (certificate theirs) and require AES, RC4"},
      {"a foreign certificate that has expired is not replaced either",
       [] {
         return MayAlter([](auto& s) {
           s.endpoints[0].certificate = CertificateName("theirs");
           s.certificates[0].name = CertificateName("theirs");
           s.certificates[0].not_after = Now() - std::chrono::hours(1);
         });
       },
       kCertificateReady, kFalse, reason::kCertificateExpired, "", "theirs", false, true},
      {"a stopped endpoint is started where that is permitted",
       [] { return MayAlter([](auto& s) { s.endpoints[0].state = "STOPPED"; }); }, kEndpointReady,
       kFalse, reason::kChanging, "alter mirroring endpoint", "it is STOPPED"},
      {"a disabled endpoint is not started",
       [] { return MayAlter([](auto& s) { s.endpoints[0].state = "DISABLED"; }); }, kEndpointReady,
       kFalse, reason::kEndpointStopped, "", "is DISABLED; run ALTER ENDPOINT", false, true},
      {"an endpoint bound to one address is widened at its port",
       [] {
         return MayAlter([](auto& s) {
           s.endpoints[0].ip_address = "10.0.0.4";
           s.endpoints[0].port = 7022;
         });
       },
       kEndpointReady, kFalse, reason::kChanging,
       "alter mirroring endpoint database_mirroring_endpoint to listen on all addresses at port "
       "7022"},
      {"encryption that is not required is refused, although altering is permitted",
       [] {
         return MayAlter([](auto& s) {
           s.endpoints[0].encryption = "NONE, AES";
           s.endpoints[0].state = "STOPPED";
         });
       },
       kEndpointReady, kFalse, reason::kEndpointUnsuitable, "",
       "NONE, AES instead of required AES; it is STOPPED", false, true},
      {"an endpoint that fits is not altered", [] { return MayAlter([](auto&) {}); },
       kEndpointReady, kTrue, reason::kSucceeded, "", "", true},
      {"a suspended replica alters nothing and names the difference",
       [] {
         auto observed = MayAlter([](auto& s) { s.endpoints[0].ip_address = "10.0.0.4"; });
         auto replica = *observed.replica;
         replica.spec.suspend = true;
         observed.replica = std::make_shared<const api::SqlServerReplica>(replica);
         return observed;
       },
       kEndpointReady, kFalse, reason::kDependencyNotReady, "", "listens on 10.0.0.4 only"},
      {"an alteration that was refused is explained at the endpoint",
       [] {
         return Refused(
             MayAlter([](auto& s) { s.endpoints[0].encryption = "RC4"; }),
             {ErrorKind::kInvalid, reason::kEndpointCertificateInvalid, "error 28055", ""});
       },
       kEndpointReady, kFalse, reason::kEndpointCertificateInvalid, "alter mirroring endpoint",
       "28055", false, true},
      {"a certificate of the endpoint that cannot be seen is not made anew",
       [] { return Changed([](auto& s) { s.certificates.clear(); }); }, kCertificateReady, kFalse,
       reason::kCertificateUnusable, "", "cannot be seen", false, true},
      {"a certificate that the login may not read is left alone",
       [] { return Changed([](auto& s) { s.certificates[0].der.clear(); }); }, kCertificateReady,
       kFalse, reason::kCertificateUnusable, "", "cannot be read by this login", false, true},
      {"a certificate of tomorrow points to the server's clock and waits",
       [] {
         return Changed(
             [](auto& s) { s.certificates[0].not_before = Now() + std::chrono::hours(1); });
       },
       kCertificateReady, kFalse, reason::kCertificateUnusable, "", "server's clock"},
      {"an endpoint without certificate is told once, by the endpoint",
       [] {
         return Changed([](auto& s) {
           s.endpoints[0].authentication = "NEGOTIATE";
           s.endpoints[0].certificate = CertificateName();
           s.certificates.clear();
         });
       },
       kCertificateReady, kUnknown, reason::kDependencyNotReady, "", "see EndpointReady", false,
       true},
      {"an endpoint of a witness is left alone",
       [] { return Changed([](auto& s) { s.endpoints[0].role = "WITNESS"; }); }, kEndpointReady,
       kFalse, reason::kEndpointUnsuitable, "", "WITNESS", false, true},
      {"all that is wrong with an endpoint is told at once",
       [] {
         return Changed([](auto& s) {
           s.endpoints[0].role = "NONE";
           s.endpoints[0].encryption_enabled = false;
         });
       },
       kEndpointReady, kFalse, reason::kEndpointUnsuitable, "",
       "its role is NONE instead of ALL; its encryption", false, true},
  };
}

class EndpointChecksTable : public ::testing::TestWithParam<Row> {};

TEST_P(EndpointChecksTable, AnswersAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, EndpointChecksTable, ::testing::ValuesIn(EndpointRows()),
                         testing::CaseName);

TEST(EndpointChecks, ANamedInstanceLosesItsBackslash) {
  EXPECT_EQ(DefaultCertificateName("SQL1").str(), "Cert_SQL1_endpoint");
  EXPECT_EQ(DefaultCertificateName("SQL1\\INST").str(), "Cert_SQL1_INST_endpoint");
}

// Whole days, begun a day ago: the statement takes dates, and the server's clock may be behind.
TEST(EndpointChecks, ANewCertificateIsValidFromYesterdayAndItsSubjectFits) {
  auto snapshot = FreshInstance();
  snapshot.properties.server_name = std::string(128, 'x');
  const auto observed = Observe(Replica(), snapshot);
  const auto step = std::get<CreateCertificate>(*CheckCertificate(observed).step);
  EXPECT_EQ(FormatRfc3339(step.not_before), "2026-11-20T00:00:00Z");
  EXPECT_EQ(FormatRfc3339(step.not_after), "2028-11-20T00:00:00Z");
  EXPECT_LE(step.subject.size(), 64U);
}

TEST(EndpointChecks, TheCertificateOfTheEndpointCountsWhateverItsName) {
  const auto observed = Changed([](auto& s) {
    s.certificates.push_back(s.certificates[0]);
    s.certificates[1].name = CertificateName("theirs");
    s.endpoints[0].certificate = CertificateName("theirs");
  });
  EXPECT_EQ(EndpointCertificate(observed)->name.str(), "theirs");
}

}  // namespace
}  // namespace milink::replica
