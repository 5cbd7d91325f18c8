// Every kind of identity signs in to the stand-in over HTTPS, as the operator does it.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/azure/managed_instance_router.h"
#include "tests/fakes/log_collector.h"
#include "tests/sim/arm/arm_server.h"
#include "tests/sim/arm/jwt.h"
#include "tests/unit/sim/world/paired_world.h"

namespace milink::azure {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTenant[] = "tenant-1";

class IdentityTest : public testing::Test {
 protected:
  IdentityTest() {
    std::string folder = std::filesystem::temp_directory_path() / "milink-identity-XXXXXX";
    directory_ = mkdtemp(folder.data());
    EXPECT_TRUE(server_.Start("127.0.0.1", 0).ok());
    std::ofstream(directory_ / "ca.pem") << server_.authority_pem();
    http_ = MakeHttpClient(directory_ / "ca.pem", 2, real_clock_);
    url_ = "https://127.0.0.1:" + std::to_string(server_.port());
    settings_.clouds = CloudTable(Cloud{"Custom", url_, url_, url_, "*.example"});
    settings_.own = Error{ErrorKind::kInvalid, "CredentialMissing", "none", ""};
    settings_.offered = {.tenant_id = kTenant, .metadata_service = url_};
  }
  ~IdentityTest() override {
    router_.reset();
    http_.reset();  // the server waits for idle connections
    server_.Stop();
    std::filesystem::remove_all(directory_);
  }

  void Know(const sim::Principal& principal) {
    paired_.world.Enter()->principals.push_back(principal);
  }
  sim::CertificateWithKey Certificate() const {
    return sim::MakeCertificate({.common_name = "client",
                                 .dns_names = {},
                                 .not_before = paired_.clock.Now() - std::chrono::hours(24),
                                 .not_after = paired_.clock.Now() + std::chrono::hours(24),
                                 .authority = false,
                                 .rsa = true});
  }
  ManagedInstanceRouter& Router() {
    if (router_ == nullptr) {
      router_ = std::make_unique<ManagedInstanceRouter>(
          settings_,
          ManagedInstanceRouter::Systems{
              *http_,
              [this](const ObjectKey&) -> Result<std::map<std::string, Secret>> { return secret_; },
              ours_, *random_, Logger(log_), open_});
    }
    return *router_;
  }
  // "": the instance was read; else the error.
  std::string Read(const IdentityRef& identity) {
    const auto read =
        Router().GetInstance({paired_.managed->subscription_id, paired_.managed->resource_group,
                              paired_.managed->name, "", identity});
    return read.ok() ? "" : ToString(read.error());
  }

  sim::PairedWorld paired_;
  sim::Journal journal_{paired_.clock};
  sim::Calls calls_{journal_};
  sim::ArmService service_{paired_.world, calls_};
  sim::ArmServer server_{service_};
  std::filesystem::path directory_;
  std::string url_;
  SystemClock real_clock_;
  std::unique_ptr<HttpClient> http_;
  fakes::FakeClock ours_;  // the operator's; the world has its own
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  std::shared_ptr<fakes::LogCollector> log_ = std::make_shared<fakes::LogCollector>();
  OpenFence open_;
  std::map<std::string, Secret> secret_;
  RouterSettings settings_;
  std::unique_ptr<ManagedInstanceRouter> router_;
};

const IdentityRef kSecret{IdentityKind::kClientSecret, "client-1", kTenant, "ns", "login"};
const IdentityRef kCertificate{IdentityKind::kClientCertificate, "client-1", kTenant, "ns",
                               "login"};

TEST_F(IdentityTest, AClientSecret) {
  Know({.tenant_id = kTenant, .client_id = "client-1", .secret = "canary-secret"});
  secret_ = {{"clientSecret", Secret("canary-secret")}};
  EXPECT_EQ(Read(kSecret), "");
  router_.reset();
  secret_ = {{"clientSecret", Secret("canary-other")}};
  EXPECT_THAT(Read(kSecret), HasSubstr("AADSTS7000215"));
}

TEST_F(IdentityTest, AClientCertificate) {
  const auto made = Certificate();
  Know({.tenant_id = kTenant, .client_id = "client-1", .certificate_pem = made.certificate_pem});
  secret_ = {{"tls.crt", Secret(made.certificate_pem)}, {"tls.key", Secret(made.key_pem)}};
  EXPECT_EQ(Read(kCertificate), "");
  router_.reset();
  const auto other = Certificate();
  secret_ = {{"tls.crt", Secret(other.certificate_pem)}, {"tls.key", Secret(other.key_pem)}};
  EXPECT_THAT(Read(kCertificate), HasSubstr("AADSTS700027"));
}

TEST_F(IdentityTest, AClientCertificateOnAMachineWhoseClockIsWrong) {
  const auto made = Certificate();
  Know({.tenant_id = kTenant, .client_id = "client-1", .certificate_pem = made.certificate_pem});
  secret_ = {{"tls.crt", Secret(made.certificate_pem)}, {"tls.key", Secret(made.key_pem)}};
  for (const auto skew : {std::chrono::hours(-3), std::chrono::hours(3)}) {
    router_.reset();
    ours_.SetNow(paired_.clock.Now() + skew);
    EXPECT_EQ(Read(kCertificate), "") << skew.count();
  }
}

TEST_F(IdentityTest, AWorkloadIdentityWhoseFederatedCredentialComesLater) {
  const auto key = Certificate();
  const nlohmann::json claims{{"sub", "system:serviceaccount:milink:operator"}};
  // Signed by the cluster: nothing in it names a certificate.
  const std::string token = sim::EncodeBase64Url(R"({"alg":"RS256"})") + "." +
                            sim::EncodeBase64Url(claims.dump()) + ".c2lnbmF0dXJl";
  std::ofstream(directory_ / "token") << token;
  settings_.offered.federated_token_file = directory_ / "token";
  Know({.tenant_id = kTenant, .client_id = "client-1", .federated_subject = "somebody else"});
  const IdentityRef workload{.kind = IdentityKind::kWorkloadIdentity, .client_id = "client-1"};
  EXPECT_THAT(Read(workload), HasSubstr("CredentialPending"));
  paired_.world.Enter()->principals.back().federated_subject =
      "system:serviceaccount:milink:operator";
  EXPECT_EQ(Read(workload), "");
}

TEST_F(IdentityTest, AManagedIdentity) {
  Know({.tenant_id = kTenant, .client_id = "machine", .managed_identity = "System"});
  Know({.tenant_id = kTenant, .client_id = "further", .managed_identity = "User"});
  EXPECT_EQ(Read({.kind = IdentityKind::kManagedIdentity}), "");
  EXPECT_EQ(Read({.kind = IdentityKind::kManagedIdentity, .client_id = "further"}), "");
  EXPECT_THAT(Read({.kind = IdentityKind::kManagedIdentity, .client_id = "unknown"}),
              HasSubstr("Identity not found"));
}

TEST_F(IdentityTest, ATokenThatHasEndedIsReplacedWithoutAWord) {
  Know({.tenant_id = kTenant, .client_id = "client-1", .secret = "canary-secret"});
  secret_ = {{"clientSecret", Secret("canary-secret")}};
  EXPECT_EQ(Read(kSecret), "");
  service_.tokens().ExpireAll();
  EXPECT_EQ(Read(kSecret), "");
}

TEST_F(IdentityTest, NoLineOfTheLogHasASecret) {
  const auto made = Certificate();
  Know({.tenant_id = kTenant,
        .client_id = "client-1",
        .secret = "canary-secret",
        .certificate_pem = made.certificate_pem});
  secret_ = {{"clientSecret", Secret("canary-secret")},
             {"tls.crt", Secret(made.certificate_pem)},
             {"tls.key", Secret(made.key_pem)}};
  EXPECT_EQ(Read(kSecret), "");
  EXPECT_EQ(Read(kCertificate), "");
  std::string log;
  for (const auto& line : log_->Lines()) {
    log += line.message;
    for (const auto& field : line.fields) {
      log += " " + field.text;
    }
  }
  EXPECT_THAT(log, HasSubstr("Azure request answered"));
  for (const char* word : {"canary", "sim.", "Bearer", "client_assertion", "PRIVATE"}) {
    EXPECT_THAT(log, Not(HasSubstr(word)));
  }
}

}  // namespace
}  // namespace milink::azure
