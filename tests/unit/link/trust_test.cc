#include "controllers/link/reasons.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::kTrue;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

std::vector<Row> TrustRows() {
  return {
      {"An empty pair gets all certificates in one pass",
       [](Scene& /*s*/) {},
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "import",
       {"import the managed instance's certificate as sqlmi1.73d19f36a420a.database.windows.net "
        "into SQL Server",
        "import root authority MicrosoftPKI into SQL Server",
        "import root authority DigiCertPKI into SQL Server",
        "upload SQL Server's certificate to the managed instance as Cert_SQL1_endpoint"}},
      {"A root under another name serves as well",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(2).name = CertificateName("MyRoot");
         s.world.facts.issuers.clear();
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "MyRoot",
       {"let MyRoot vouch for *.database.windows.net on SQL Server",
        "let DigiCertPKI vouch for *.database.windows.net on SQL Server"}},
      {"Issuer entries of a link that replicates are not made again after a restart",
       [](Scene& s) {
         s.Established();
         s.world.facts.issuers.clear();
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"An endpoint certificate that may not be seen is unknown",
       [](Scene& s) {
         s.Trust();
         s.Hide(azure::InstancePart::kEndpointCertificate);
       },
       type::kTrustEstablished,
       gen::kUnknown,
       reason::kActionsMissing,
       "endpointCertificates/read",
       {}},
      {"The instance's certificate under another name is named and left alone",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).name = CertificateName("MyInstance");
       },
       type::kTrustEstablished,
       kFalse,
       reason::kInstanceCertificateOtherName,
       "or set spec.preparation.replaceInstanceCertificate",
       {}},
      {"The instance's certificate that we imported under another name is imported again",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).name = CertificateName("old.name");
         s.Own("SqlServer", "Certificate", "old.name", gen::kInstanceThumbprint);
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "drop certificate",
       {"drop certificate old.name from SQL Server"}},
      {"An outdated certificate that another link imported is replaced by that link",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).thumbprint = "EE";
         s.OtherLink("hr", std::chrono::seconds(60)).status.owned_objects = {
             {"SqlServer", "Certificate", gen::kFqdn, "EE", api::OwnedState::kCreated}};
       },
       type::kTrustEstablished,
       kFalse,
       reason::kWaiting,
       "waiting until ManagedInstanceLink other, which imported certificate",
       {}},
      {"An outdated certificate of others is replaced where that is permitted",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).thumbprint = "EE";
         s.world.link.spec.preparation.replace_instance_certificate = true;
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "drop certificate",
       {"drop certificate sqlmi1.73d19f36a420a.database.windows.net from SQL Server"}},
      {"The instance's certificate that others imported under another name is imported again",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).name = CertificateName("MyInstance");
         s.world.link.spec.preparation.replace_instance_certificate = true;
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "drop certificate",
       {"drop certificate MyInstance from SQL Server"}},
      {"A suspended link says which certificate of others it would drop",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).thumbprint = "EE";
         s.world.link.spec.preparation.replace_instance_certificate = true;
         s.world.link.spec.suspend = true;
       },
       type::kTrustEstablished,
       kFalse,
       reason::kSuspended,
       "suspended; would drop certificate",
       {}},
      {"A certificate with a private key is never dropped, whatever is permitted",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).thumbprint = "EE";
         s.world.sql.certificates.at(1).private_key = "MK";
         s.world.link.spec.preparation.replace_instance_certificate = true;
       },
       type::kTrustEstablished,
       kFalse,
       reason::kInstanceCertificateDiffers,
       "never does that to a certificate with a private key",
       {}},
      {"A certificate of which it is not known whether it has a private key is never dropped",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).name = CertificateName("MyInstance");
         s.world.sql.certificates.at(1).private_key = "";
         s.world.link.spec.preparation.replace_instance_certificate = true;
       },
       type::kTrustEstablished,
       kFalse,
       reason::kInstanceCertificateOtherName,
       "never does that",
       {}},
      {"A certificate that the endpoint uses is never dropped, whatever is permitted",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).thumbprint = "EE";
         s.world.sql.endpoints.front().certificate = s.world.sql.certificates.at(1).name;
         s.world.link.spec.preparation.replace_instance_certificate = true;
       },
       type::kTrustEstablished,
       kFalse,
       reason::kInstanceCertificateDiffers,
       "one that an endpoint uses",
       {}},
      {"Another link that imported the outdated certificate replaces it, although this one may",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).thumbprint = "EE";
         s.world.link.spec.preparation.replace_instance_certificate = true;
         s.OtherLink("hr", std::chrono::seconds(60)).status.owned_objects = {
             {"SqlServer", "Certificate", gen::kFqdn, "EE", api::OwnedState::kCreated}};
       },
       type::kTrustEstablished,
       kFalse,
       reason::kWaiting,
       "waiting until ManagedInstanceLink other",
       {}},
      {"A suspended link is not waited for",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).thumbprint = "EE";
         auto& other = s.OtherLink("hr", std::chrono::seconds(60));
         other.spec.suspend = true;
         other.status.owned_objects = {
             {"SqlServer", "Certificate", gen::kFqdn, "EE", api::OwnedState::kCreated}};
       },
       type::kTrustEstablished,
       kFalse,
       reason::kInstanceCertificateDiffers,
       "drop it there",
       {}},
      {"A link of another SQL Server imported nothing here",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).thumbprint = "EE";
         s.OtherLink("hr", std::chrono::seconds(60), "sql2").status.owned_objects = {
             {"SqlServer", "Certificate", gen::kFqdn, "EE", api::OwnedState::kCreated}};
       },
       type::kTrustEstablished,
       kFalse,
       reason::kInstanceCertificateDiffers,
       "",
       {}},
      {"A root that was imported anew by hand gets its issuer entry once the link is down",
       [](Scene& s) {
         s.Established();
         s.world.sql.certificates.at(2).certificate_id = 300;
         s.world.facts.disconnected_since[DatabaseName("sales")] = s.world.now;
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "MicrosoftPKI",
       {"let MicrosoftPKI vouch for *.database.windows.net on SQL Server"}},
      {"An entry for one cloud does not vouch for another",
       [](Scene& s) {
         s.Trust();
         s.world.facts.issuers.clear();
         for (const auto& root : gen::Roots()) {
           s.world.facts.issuers.insert(root.thumbprint + "/*.database.usgovcloudapi.net/0");
         }
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "",
       {"let MicrosoftPKI vouch for *.database.windows.net on SQL Server",
        "let DigiCertPKI vouch for *.database.windows.net on SQL Server"}},
      {"A foreign certificate under the instance's name is left alone",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).thumbprint = "EE";
       },
       type::kTrustEstablished,
       kFalse,
       reason::kInstanceCertificateDiffers,
       "EE",
       {}},
      {"Nothing is built beside a foreign certificate that stands in the way",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).thumbprint = "EE";
         s.world.sql.certificates.pop_back();
         s.world.instance.trust_certificates.clear();
         s.world.facts.issuers.clear();
       },
       type::kTrustEstablished,
       kFalse,
       reason::kInstanceCertificateDiffers,
       "waiting until what is wrong is corrected; then: upload",
       {}},
      {"An outdated certificate of ours is replaced",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(1).thumbprint = "EE";
         s.Own("SqlServer", "Certificate", gen::kFqdn, "EE");
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "drop certificate",
       {"drop certificate sqlmi1.73d19f36a420a.database.windows.net from SQL Server"}},
      {"Something else under a root's name is named and left alone",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.at(2).thumbprint = "EE";
       },
       type::kTrustEstablished,
       kFalse,
       reason::kRootNameTaken,
       "MicrosoftPKI",
       {}},
      {"A taken certificate name on the instance gets a suffix",
       [](Scene& s) {
         s.Trust();
         s.world.instance.trust_certificates.front().thumbprint = "EE";
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "B2B2B2B2",
       {"upload SQL Server's certificate to the managed instance as Cert_SQL1_endpoint_B2B2B2B2"}},
      {"Two taken certificate names on the instance stop the trust",
       [](Scene& s) {
         s.Trust();
         s.world.instance.trust_certificates.front().thumbprint = "EE";
         s.world.instance.trust_certificates.push_back({"Cert_SQL1_endpoint_B2B2B2B2", "x", "FF"});
       },
       type::kTrustEstablished,
       kFalse,
       reason::kCertificateNameTaken,
       "remove one",
       {}},
      {"Our certificate under any name on the instance is enough",
       [](Scene& s) {
         s.Established();
         s.world.instance.trust_certificates.front().name = "uploaded-by-hand";
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"A running upload is waited for",
       [](Scene& s) {
         s.Trust();
         s.world.instance.trust_certificates.clear();
         s.world.facts.operations["UploadCertificate/Cert_SQL1_endpoint"].poll_at =
             s.world.now + std::chrono::seconds(15);
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "is taking",
       {}},
      {"Why nobody knows how far an upload is stands beside it",
       [](Scene& s) {
         s.Trust();
         s.world.instance.trust_certificates.clear();
         s.Unread("UploadCertificate/Cert_SQL1_endpoint");
       },
       type::kTrustEstablished,
       kFalse,
       reason::kBuildingTrust,
       "Cert_SQL1_endpoint; how far it is cannot be read without the right "
       "Microsoft.Sql/locations/*/read: client c1 may not",
       {}},
      {"An endpoint without certificate is waited for",
       [](Scene& s) {
         s.Trust();
         s.world.sql.endpoints.clear();
       },
       type::kTrustEstablished,
       kFalse,
       reason::kEndpointMissing,
       "",
       {}},
      {"Trust is not built before the instance is ready",
       [](Scene& s) { s.world.instance.instance.state = "Creating"; },
       type::kTrustEstablished,
       kFalse,
       reason::kWaiting,
       "waiting until both sides",
       {}},
      {"A failed import holds back for a while and says why",
       [](Scene& s) {
         s.Trust();
         s.world.sql.certificates.erase(s.world.sql.certificates.begin() + 1);
         s.world.facts.failures[std::string("ImportInstanceCertificate/") + gen::kFqdn] = {
             {ErrorKind::kUnauthorized, "PermissionDenied", "no right", "15247"},
             1,
             s.world.now + std::chrono::minutes(1),
             1};
       },
       type::kTrustEstablished,
       kFalse,
       "PermissionDenied",
       "no right",
       {}},
  };
}

class PlanTrustTable : public testing::TestWithParam<Row> {};

TEST_P(PlanTrustTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanTrustTable, testing::ValuesIn(TrustRows()), gen::CaseName);

}  // namespace
}  // namespace milink::link
