#include "tests/sim/arm/arm_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/text.h"
#include "tests/sim/arm/jwt.h"
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

// What a client with a certificate sends; tests change a claim.
class ArmAssertion : public ArmFixture {
 protected:
  ArmAssertion() {
    certificate_ = MakeCertificate({.common_name = "client",
                                    .dns_names = {},
                                    .not_before = paired_.clock.Now(),
                                    .not_after = paired_.clock.Now() + hours(1),
                                    .authority = false,
                                    .rsa = true});
    paired_.world.Enter()->principals.front().certificate_pem = certificate_.certificate_pem;
    const auto now = std::chrono::duration_cast<seconds>(paired_.clock.Now().time_since_epoch());
    claims_ = {{"aud", "https://sim/tenant1/oauth2/v2.0/token"},
               {"iss", "client1"},
               {"sub", "client1"},
               {"jti", "1"},
               {"nbf", now.count()},
               {"exp", now.count() + 600}};
  }
  ArmResponse SignInWith(const CertificateWithKey& key, const nlohmann::json& claims) {
    return Token(
        "grant_type=client_credentials&client_id=client1&scope=x%2F.default"
        "&client_assertion_type=urn%3Aietf&client_assertion=" +
        MakeJwt(claims, key));
  }
  int Refused(const nlohmann::json& change) {
    nlohmann::json claims = claims_;
    claims.update(change);
    const ArmResponse answer = SignInWith(certificate_, claims);
    return answer.status == 200 ? 0 : Json(answer)["error_codes"][0].get<int>();
  }

  CertificateWithKey certificate_;
  nlohmann::json claims_;
};

TEST_F(ArmAssertion, TheKeyOfTheUploadedCertificateSignsIn) {
  EXPECT_EQ(SignInWith(certificate_, claims_).status, 200);
  const auto other = MakeCertificate({.common_name = "client",
                                      .dns_names = {},
                                      .not_before = paired_.clock.Now(),
                                      .not_after = paired_.clock.Now() + hours(1),
                                      .authority = false,
                                      .rsa = true});
  EXPECT_EQ(Json(SignInWith(other, claims_))["error_codes"][0], 700'027);
  paired_.world.Enter()->principals.front().certificate_pem = "";
  EXPECT_EQ(Json(SignInWith(certificate_, claims_))["error_codes"][0], 700'027);
}

TEST_F(ArmAssertion, ItsClaimsAreCheckedByTheClockOfTheWorld) {
  const auto now = claims_["nbf"].get<std::int64_t>();
  EXPECT_EQ(Refused({{"nbf", now + 240}, {"exp", now + 840}}), 0) << "five minutes are tolerated";
  EXPECT_EQ(Refused({{"nbf", now + 360}, {"exp", now + 960}}), 700'024);
  EXPECT_EQ(Refused({{"nbf", now - 1'000}, {"exp", now - 400}}), 700'024);
  EXPECT_EQ(Refused({{"aud", "https://sim/other/oauth2/v2.0/token"}}), 50'027);
  EXPECT_EQ(Refused({{"iss", "client2"}}), 50'027);
  EXPECT_EQ(Refused({{"sub", "client2"}}), 50'027);
  EXPECT_EQ(Header(SignInWith(certificate_, claims_), "Date"), "Sat, 21 Nov 2026 10:00:00 GMT");
}

TEST_F(ArmAssertion, AFederatedTokenIsForItsSubjectWhereOneIsNamed) {
  paired_.world.Enter()->principals.front().federated_subject = "system:serviceaccount:a:b";
  const auto sign_in = [&](const std::string& subject) {
    // Without x5t: not one of ours.
    return Token(
               "grant_type=client_credentials&client_id=client1&scope=x%2F.default"
               "&client_assertion=" +
               EncodeBase64Url(R"({"alg":"RS256"})") + "." +
               EncodeBase64Url(R"({"sub":")" + subject + "\"}") + ".c2ln")
        .status;
  };
  EXPECT_EQ(sign_in("system:serviceaccount:a:b"), 200);
  EXPECT_EQ(sign_in("system:serviceaccount:a:other"), 401);
}

class ArmMachine : public ArmFixture {
 protected:
  ArmMachine() {
    auto world = paired_.world.Enter();
    world->principals.push_back({.client_id = "machine", .managed_identity = "System"});
    world->principals.push_back({.client_id = "further", .managed_identity = "User"});
  }
  ArmResponse Ask(const std::string& resource, const std::string& client, bool metadata = true) {
    ArmRequest request;
    request.method = "GET";
    request.path = "/metadata/identity/oauth2/token";
    request.metadata = metadata;
    request.query = {{"api-version", "2018-02-01"}, {"resource", resource}};
    if (!client.empty()) {
      request.query["client_id"] = client;
    }
    return service_.Handle(request);
  }
};

TEST_F(ArmMachine, TheMetadataServiceKnowsTheIdentitiesOfTheMachine) {
  constexpr char kResource[] = "https://management.azure.com/";
  const ArmResponse own = Ask(kResource, "");
  EXPECT_EQ(own.status, 200);
  EXPECT_EQ(Json(own)["client_id"], "machine");
  EXPECT_EQ(Json(own)["expires_in"], "3599") << "a text, as the real one";
  EXPECT_EQ(Json(Ask(kResource, "further"))["client_id"], "further");
  token_ = "Bearer " + Json(own)["access_token"].get<std::string>();
  EXPECT_EQ(Send("GET", "").status, 200);
}

TEST_F(ArmMachine, TheMetadataServiceRefusesWhatTheRealOneRefuses) {
  EXPECT_EQ(Json(Ask("https://x/", "client1"))["error_description"], "Identity not found")
      << "somebody, but not of this machine";
  EXPECT_EQ(Json(Ask("https://x/", "", false))["error"], "invalid_request") << "no header";
  EXPECT_EQ(Json(Ask("https://x/.default", ""))["error"], "invalid_resource") << "a scope";
  EXPECT_EQ(Json(Ask("", ""))["error"], "invalid_resource");
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
  const ArmResponse elsewhere =
      Send("GET",
           "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg1/providers/"
           "Microsoft.Sql/managedInstances/sqlmi1");
  EXPECT_EQ(elsewhere.status, 404);
  EXPECT_EQ(Code(elsewhere), "SubscriptionNotFound");
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

TEST_F(Arm, ALinkMayTakeTheRightsOfTheDocumentationToo) {
  paired_.managed->permissions["client1"] = {
      {.actions = {"*"}, .not_actions = {"Microsoft.Sql/managedInstances/hybridLink/write"}}};
  EXPECT_EQ(Send("PUT", "/distributedAvailabilityGroups/DAG_sales", LinkBody()).status, 202);
  paired_.world.Enter()->switches.hybrid_link_rights = true;
  const ArmResponse refused = Send("PUT", "/distributedAvailabilityGroups/DAG_sales", LinkBody());
  EXPECT_EQ(Code(refused), "AuthorizationFailed");
  EXPECT_NE(refused.body.find("hybridLink/write"), std::string::npos);
  EXPECT_EQ(Send("GET", "/distributedAvailabilityGroups").status, 200);
}

TEST_F(Arm, ListingOnesRightsMayTakeARightToo) {
  const std::string permissions = "/providers/Microsoft.Authorization/permissions";
  paired_.managed->permissions["client1"] = {{.actions = {"Microsoft.Sql/*"}, .not_actions = {}}};
  EXPECT_EQ(Send("GET", permissions).status, 200);
  paired_.world.Enter()->switches.listing_rights_takes_right = true;
  const ArmResponse refused = Send("GET", permissions);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(Code(refused), "AuthorizationFailed");
  EXPECT_NE(refused.body.find("'Microsoft.Authorization/permissions/read'"), std::string::npos);
  paired_.managed->permissions["client1"] = {{.actions = {"*/read"}, .not_actions = {}}};
  EXPECT_EQ(Send("GET", permissions).status, 200);
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

TEST_F(Arm, TheNetworkAroundAnInstanceTakesRightsOfItsOwn) {
  paired_.managed->security_rules.push_back({.name = "links", .ports = {"5022", "11000-11999"}});
  const auto subnet = Json(Send("GET", paired_.managed->SubnetId())).at("properties");
  EXPECT_EQ(subnet.at("addressPrefix"), "10.0.1.0/24");
  const std::string group = subnet.at("networkSecurityGroup").at("id");
  const auto rules = Json(Send("GET", group)).at("properties").at("securityRules");
  EXPECT_EQ(rules.at(0).at("properties").at("destinationPortRanges").size(), 2U);
  EXPECT_EQ(Send("PUT", group).status, 405);
  paired_.managed->permissions = {{"*", {{.actions = {"Microsoft.Sql/*"}}}}};
  EXPECT_EQ(Code(Send("GET", group)), "AuthorizationFailed");
}

TEST_F(Arm, TimesLoseTheirTrailingZeros) {
  const TimePoint base{seconds(1'710'407'081)};
  EXPECT_EQ(AzureTime(base + milliseconds(3)), "2024-03-14T09:04:41.003Z");
  EXPECT_EQ(AzureTime(base + milliseconds(740)), "2024-03-14T09:04:41.74Z");
  EXPECT_EQ(AzureTime(base), "2024-03-14T09:04:41Z");
}

}  // namespace
}  // namespace milink::sim
