#include "core/azure/signin_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace milink::azure {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

HttpResponse Refusal(int status, int number, const std::string& text) {
  const nlohmann::json body{
      {"error", "invalid_client"},
      {"error_description", "AADSTS" + std::to_string(number) + ": " + text +
                                " Trace ID: 0f1e2d3c-trace Correlation ID: aa11-correlation "
                                "Timestamp: 2026-11-21 10:00"},
      {"error_codes", {number}},
      {"correlation_id", "aa11-correlation"}};
  return {status, {}, body.dump()};
}

TEST(SignInErrorTest, ANumberTellsWhatIsWrongAndWhatToDo) {
  struct Case {
    const char* name;
    int number;
    ErrorKind kind;
    const char* reason;
    const char* advice;
  };
  const Case cases[] = {
      {"no such application", 700016, ErrorKind::kUnauthorized, "CredentialRejected", "client id"},
      {"wrong secret", 7000215, ErrorKind::kUnauthorized, "CredentialRejected", "not its id"},
      {"secret has ended", 7000222, ErrorKind::kUnauthorized, "CredentialExpired", "another one"},
      {"unknown certificate", 700027, ErrorKind::kUnauthorized, "CredentialRejected", "upload"},
      {"clock", 700024, ErrorKind::kUnauthorized, "ClockSkew", "clock"},
      {"no such tenant", 90002, ErrorKind::kUnauthorized, "CredentialRejected", "tenant id"},
      {"no federated credential", 70021, ErrorKind::kTransient, "CredentialPending", "issuer"},
      {"other subject", 700213, ErrorKind::kTransient, "CredentialPending", "subject"},
      {"other audience", 700212, ErrorKind::kTransient, "CredentialPending", "audience"},
      {"disabled", 7000112, ErrorKind::kUnauthorized, "CredentialRejected", "enable"},
      {"conditional access", 53003, ErrorKind::kUnauthorized, "CredentialRejected", "policies"},
      {"another cloud", 500011, ErrorKind::kUnauthorized, "CredentialRejected", "cloud"},
      {"a number of no table", 50999, ErrorKind::kUnauthorized, "CredentialRejected",
       "check tenant"},
  };
  for (const auto& c : cases) {
    const Error error =
        SignInError(Refusal(400, c.number, "What it says."), "client c of tenant t");
    EXPECT_EQ(error.kind, c.kind) << c.name;
    EXPECT_EQ(error.reason, c.reason) << c.name;
    EXPECT_THAT(error.message, HasSubstr(c.advice)) << c.name;
    EXPECT_THAT(error.message, HasSubstr("AADSTS" + std::to_string(c.number) + ": What it says"));
    EXPECT_THAT(error.message, HasSubstr("client c of tenant t")) << c.name;
  }
}

TEST(SignInErrorTest, WhatDiffersInEveryAnswerIsNotInTheMessage) {
  const Error error = SignInError(Refusal(401, 7000215, "Invalid."), "client c");
  EXPECT_THAT(error.message, Not(HasSubstr("Trace")));
  EXPECT_THAT(error.message, Not(HasSubstr("2026-11-21")));
  EXPECT_THAT(error.detail, HasSubstr("aa11-correlation")) << "for Azure's support";
}

TEST(SignInErrorTest, TheNumberIsReadFromTheTextWhereThereAreNoCodes) {
  const Error error = SignInError(
      {400,
       {},
       R"({"error":"x","error_description":"AADSTS7000222: The keys are expired.\r\nTrace"})"},
      "client c");
  EXPECT_EQ(error.reason, "CredentialExpired");
  EXPECT_THAT(error.message, Not(HasSubstr("Trace")));
}

TEST(SignInErrorTest, AServiceThatDoesNotAnswerRightIsNoRefusal) {
  struct Case {
    const char* name;
    HttpResponse response;
    ErrorKind kind;
    const char* reason;
  };
  const Case cases[] = {
      {"no JSON", {200, {}, "<html>"}, ErrorKind::kTransient, "TokenServiceFailed"},
      {"JSON without a token", {200, {}, "{}"}, ErrorKind::kTransient, "TokenServiceFailed"},
      {"a list", {400, {}, "[1]"}, ErrorKind::kTransient, "TokenServiceFailed"},
      {"down", {503, {}, "busy"}, ErrorKind::kTransient, "TokenServiceFailed"},
      {"a defect",
       {500, {}, R"({"error":"server_error"})"},
       ErrorKind::kTransient,
       "TokenServiceFailed"},
      {"temporarily", Refusal(400, 90033, "Busy."), ErrorKind::kTransient, "TokenServiceFailed"},
      {"too much", {429, {{"retry-after", "17"}}, "{}"}, ErrorKind::kThrottled, "TokenServiceBusy"},
  };
  for (const auto& c : cases) {
    const Error error = SignInError(c.response, "client c");
    EXPECT_EQ(error.kind, c.kind) << c.name;
    EXPECT_EQ(error.reason, c.reason) << c.name;
  }
  EXPECT_EQ(SignInError(cases[6].response, "").retry_after, std::chrono::seconds(17));
}

}  // namespace
}  // namespace milink::azure
