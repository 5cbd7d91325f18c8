#include "tests/sim/arm/arm_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/text.h"
#include "tests/sim/arm/resources.h"
#include "tests/unit/sim/arm/arm_fixture.h"

namespace milink::sim {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Arm : public ArmFixture {};

TEST_F(Arm, AWrongSecretIsRefusedAsTheTokenServiceDoes) {
  const ArmResponse refused =
      Token("grant_type=client_credentials&client_id=client1&client_secret=no&scope=x/.default");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(Json(refused)["error"], "invalid_client");
}

TEST_F(Arm, AnAssertionSignsInToo) {
  EXPECT_EQ(Token("grant_type=client_credentials&client_id=client1&client_assertion=a.b.c"
                  "&client_assertion_type=urn%3Aietf&scope=x%2F.default")
                .status,
            200);
}

TEST_F(Arm, WithoutATokenNothingIsTold) {
  token_ = "";
  const ArmResponse refused = Send("GET", "");
  EXPECT_EQ(refused.status, 401);
  EXPECT_NE(Header(refused, "WWW-Authenticate"), "");
}

TEST_F(Arm, ATokenExpiresByTheClockAndByCommand) {
  EXPECT_EQ(Send("GET", "").status, 200);
  service_.tokens().ExpireAll();
  EXPECT_EQ(Code(Send("GET", "")), "ExpiredAuthenticationToken");
  token_ = SignIn("client1", "s3cret");
  EXPECT_EQ(Send("GET", "").status, 200);
  paired_.clock.Step(hours(2));
  EXPECT_EQ(Code(Send("GET", "")), "ExpiredAuthenticationToken");
}

TEST_F(Arm, TheTwoAuthorsOfNotFoundAreToldApart) {
  const ArmResponse instance =
      Send("GET", "/subscriptions/" + paired_.managed->subscription_id +
                      "/resourceGroups/rg1/providers/Microsoft.Sql/managedInstances/nobody");
  EXPECT_EQ(instance.status, 404);
  EXPECT_EQ(Header(instance, "x-ms-failure-cause"), "gateway");
  EXPECT_EQ(Header(instance, "x-ms-ratelimit-remaining-subscription-global-reads"), "");
  EXPECT_EQ(Header(instance, "x-ms-request-id"), Header(instance, "x-ms-correlation-request-id"));
  const ArmResponse link = Send("GET", "/distributedAvailabilityGroups/nothing");
  EXPECT_EQ(Code(link), Code(instance));
  EXPECT_EQ(Header(link, "x-ms-failure-cause"), "");
  EXPECT_NE(Header(link, "x-ms-ratelimit-remaining-subscription-global-reads"), "");
}

TEST_F(Arm, ARightThatIsTakenAwayIsMissed) {
  paired_.managed->permissions["client1"] = {
      {.actions = {"Microsoft.Sql/managedInstances/*"},
       .not_actions = {"Microsoft.Sql/managedInstances/distributedAvailabilityGroups/write"}}};
  const ArmResponse refused = Send("PUT", "/distributedAvailabilityGroups/DAG_sales", LinkBody());
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(Code(refused), "AuthorizationFailed");
  EXPECT_EQ(Send("GET", "/distributedAvailabilityGroups").status, 200);
  const auto listed = Json(Send("GET", "/providers/Microsoft.Authorization/permissions"));
  EXPECT_EQ(listed["value"][0]["notActions"][0],
            "Microsoft.Sql/managedInstances/distributedAvailabilityGroups/write");
}

TEST_F(Arm, AnAlteredPollUrlIsRefused) {
  const ArmResponse accepted = Send("DELETE", "/distributedAvailabilityGroups/x");
  const std::string status = Header(accepted, "Azure-AsyncOperation");
  const std::string result = Header(accepted, "Location");
  EXPECT_EQ(Poll(status).status, 200);
  EXPECT_EQ(Poll(status + "&x=1").status, 403);
  // The other URL's signature does not open this one.
  EXPECT_EQ(Poll(status.substr(0, status.find('?')) + result.substr(result.find('?'))).status, 403);
}

TEST_F(Arm, PollUrlsAreAsLongAsRealOnesWhenAskedTo) {
  paired_.world.Enter()->switches.long_poll_urls = true;
  const ArmResponse accepted = Send("DELETE", "/distributedAvailabilityGroups/x");
  const std::string url = Header(accepted, "Azure-AsyncOperation");
  EXPECT_GT(url.size(), 3'000U);
  EXPECT_EQ(Poll(url).status, 200);
}

TEST_F(Arm, CertificatesComeBackUpperCaseWithTheirThumbprint) {
  const CertificateWithKey made = MakeCertificate({.common_name = "jeje",
                                                   .dns_names = {},
                                                   .not_before = paired_.clock.Now(),
                                                   .not_after = paired_.clock.Now() + hours(1)});
  const nlohmann::json body = {
      {"properties", {{"publicBlob", "0x" + ToLowerAscii(ToHex(made.der))}}}};
  const ArmResponse accepted = Send("PUT", "/serverTrustCertificates/partner", body);
  EXPECT_EQ(accepted.status, 202);
  EXPECT_EQ(Json(accepted)["operation"], "UploadManagedInstanceServerTrustCertificate");
  EXPECT_EQ(Send("GET", "/serverTrustCertificates/partner").status, 404) << "not yet";
  EXPECT_FALSE(Send("PUT", "/serverTrustCertificates/partner", body).took_effect);
  paired_.clock.Step(seconds(6));
  const auto read = Json(Send("GET", "/serverTrustCertificates/partner"));
  EXPECT_EQ(read["properties"]["publicBlob"], ToHex(made.der));
  EXPECT_EQ(read["properties"]["thumbprint"], ThumbprintOf(made.der));
  EXPECT_EQ(Code(Send("PUT", "/serverTrustCertificates/other", body)), "CertificateAlreadyExists");
  Send("DELETE", "/serverTrustCertificates/partner");
  paired_.clock.Step(seconds(6));
  EXPECT_TRUE(Json(Send("GET", "/serverTrustCertificates"))["value"].empty());
}

TEST_F(Arm, ACertificateThatIsNoneIsRefused) {
  EXPECT_EQ(Code(Send("PUT", "/serverTrustCertificates/x", {{"properties", {{"publicBlob", ""}}}})),
            "MissingPublicBlob");
  EXPECT_EQ(
      Code(Send("PUT", "/serverTrustCertificates/x", {{"properties", {{"publicBlob", "0x30"}}}})),
      "InvalidPublicBlob");
}

TEST_F(Arm, AStoppedInstanceAnswersOnlyForItself) {
  paired_.managed->state = "Stopped";
  EXPECT_EQ(Send("GET", "").status, 200);
  EXPECT_EQ(Code(Send("GET", "/distributedAvailabilityGroups")),
            "ManagedInstanceStoppingOrStopped");
}

TEST_F(Arm, AFaultBeforeTheEffectLeavesTheWorldAlone) {
  Fault fault;
  fault.operation = "PUT distributedAvailabilityGroups";
  fault.http = {.status = 429, .code = "TooManyRequests", .message = "", .retry_after_seconds = 7};
  calls_.AddFault(fault);
  const ArmResponse refused = Send("PUT", "/distributedAvailabilityGroups/DAG_sales", LinkBody());
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(Header(refused, "Retry-After"), "7");
  EXPECT_TRUE(paired_.managed->links.empty());
}

TEST_F(Arm, AFaultAfterTheEffectHidesASuccess) {
  Fault fault;
  fault.operation = "PUT distributedAvailabilityGroups";
  fault.when = Fault::kAfter;
  fault.what = Fault::kClose;
  calls_.AddFault(fault);
  EXPECT_TRUE(Send("PUT", "/distributedAvailabilityGroups/DAG_sales", LinkBody()).close);
  EXPECT_EQ(paired_.managed->links.size(), 1U);
  const auto mutations = journal_.EffectiveMutations();
  EXPECT_EQ(mutations.at("sqlmi1: PUT distributedAvailabilityGroups DAG_sales"), 1);
}

TEST_F(Arm, TimesLoseTheirTrailingZeros) {
  const TimePoint base{seconds(1'710'407'081)};
  EXPECT_EQ(AzureTime(base + milliseconds(3)), "2024-03-14T09:04:41.003Z");
  EXPECT_EQ(AzureTime(base + milliseconds(740)), "2024-03-14T09:04:41.74Z");
  EXPECT_EQ(AzureTime(base), "2024-03-14T09:04:41Z");
}

}  // namespace
}  // namespace milink::sim
