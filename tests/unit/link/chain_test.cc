#include "controllers/link/reasons.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::kTrue;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

constexpr char kAsk[] =
    "let SQL Server validate the chain of certificate sqlmi1.73d19f36a420a.database.windows.net";
const std::string kKey = std::string(gen::kInstanceThumbprint) + "/0";

void CanValidate(Scene& s) { s.world.replica.status.capabilities = {"ChainValidation"}; }
void Disconnect(Scene& s) {
  s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
  s.world.facts.disconnected_since[DatabaseName("sales")] = s.world.now;
}

std::vector<Row> ChainRows() {
  return {
      {"The chain is validated while a link is being built",
       [](Scene& s) {
         s.Linked();
         Disconnect(s);
         CanValidate(s);
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "each side holds the other's certificate",
       {kAsk}},
      {"The chain is validated when a link has lost its connection",
       [](Scene& s) {
         s.Established();
         Disconnect(s);
         CanValidate(s);
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {kAsk}},
      {"A link that replicates proves its chain",
       [](Scene& s) {
         s.Established();
         CanValidate(s);
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"A build that cannot validate is not asked",
       [](Scene& s) {
         s.Established();
         Disconnect(s);
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"A process asks once",
       [](Scene& s) {
         s.Established();
         Disconnect(s);
         CanValidate(s);
         s.world.facts.chains[kKey] = true;
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"A certificate that was imported anew is asked for anew",
       [](Scene& s) {
         s.Established();
         Disconnect(s);
         CanValidate(s);
         s.world.facts.chains[kKey] = true;
         s.world.sql.certificates.at(1).certificate_id = 300;
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {kAsk}},
      {"A chain that could not be validated is told and blocks nothing",
       [](Scene& s) {
         s.Established();
         Disconnect(s);
         CanValidate(s);
         s.world.facts.chains[kKey] = false;
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "--azure-root-authorities",
       {}},
      {"Nothing is validated before the right certificate is there",
       [](Scene& s) {
         s.Established();
         Disconnect(s);
         CanValidate(s);
         s.world.sql.certificates.at(1).thumbprint = "EE";
       },
       type::kTrustEstablished,
       kFalse,
       reason::kInstanceCertificateDiffers,
       "",
       {}},
      {"A suspended link asks nothing, and says nothing of it",
       [](Scene& s) {
         s.Established();
         Disconnect(s);
         CanValidate(s);
         s.world.link.spec.suspend = true;
       },
       type::kTrustEstablished,
       kTrue,
       reason::kSucceeded,
       "each side holds the other's certificate",
       {}},
  };
}

class PlanChainCheckTable : public testing::TestWithParam<Row> {};

TEST_P(PlanChainCheckTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanChainCheckTable, testing::ValuesIn(ChainRows()), gen::CaseName);

}  // namespace
}  // namespace milink::link
