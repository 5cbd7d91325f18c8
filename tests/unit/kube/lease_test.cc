#include "core/kube/lease.h"

#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace milink::kube {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using nlohmann::json;

const TimePoint kTime = TimePoint(std::chrono::seconds(1'795'255'200)) + 123456us;
constexpr const char* kLeasesPath = "/apis/coordination.k8s.io/v1/namespaces/system/leases";

class LeaseSender final : public HttpSender {
 public:
  Result<HttpResponse> Send(const HttpRequest& request) override {
    last = request;
    return HttpResponse{{status, {}}, body};
  }
  int status = 200;
  std::string body;
  HttpRequest last;
};

// As another program wrote it.
json Stored() {
  return {
      {"apiVersion", "coordination.k8s.io/v1"},
      {"kind", "Lease"},
      {"metadata", {{"name", "op"}, {"resourceVersion", "7"}, {"annotations", {{"team", "data"}}}}},
      {"spec",
       {{"holderIdentity", "b"},
        {"leaseDurationSeconds", 15},
        {"acquireTime", "2026-11-21T10:00:00.123456Z"},
        {"renewTime", "2026-11-21T10:00:00.123456Z"},
        {"leaseTransitions", 4},
        {"strategy", "OldestEmulationVersion"}}}};
}

class LeaseTest : public testing::Test {
 protected:
  LeaseSender sender_;
  ApiLeaseStore store_{sender_, {"system", "op"}};
};

TEST_F(LeaseTest, ReadsALease) {
  sender_.body = Stored().dump();
  const auto lease = store_.Read(3s);
  ASSERT_TRUE(lease.ok());
  EXPECT_EQ(lease->spec, (LeaseSpec{"b", 15s, kTime, kTime, 4}));
  EXPECT_EQ(sender_.last.method, HttpMethod::kGet);
  EXPECT_EQ(sender_.last.target, std::string(kLeasesPath) + "/op");
  EXPECT_EQ(sender_.last.deadline, 3s);
}

TEST_F(LeaseTest, CreatesALeaseWithTimesInMicroseconds) {
  sender_.status = 201;
  sender_.body = Stored().dump();
  ASSERT_TRUE(store_.Create({"a", 15s, kTime, kTime, 0}, 3s).ok());
  EXPECT_EQ(sender_.last.method, HttpMethod::kPost);
  EXPECT_EQ(sender_.last.target, kLeasesPath);
  const json sent = json::parse(sender_.last.body);
  EXPECT_EQ(sent.at("kind"), "Lease");
  EXPECT_EQ(sent.at("metadata").at("name"), "op");
  EXPECT_EQ(sent.at("spec"), (json{{"holderIdentity", "a"},
                                   {"leaseDurationSeconds", 15},
                                   {"acquireTime", "2026-11-21T10:00:00.123456Z"},
                                   {"renewTime", "2026-11-21T10:00:00.123456Z"},
                                   {"leaseTransitions", 0}}));
}

TEST_F(LeaseTest, AnUpdateNamesTheVersionThatWasSeenAndKeepsWhatItDoesNotKnow) {
  sender_.body = Stored().dump();
  const auto seen = store_.Read(3s);
  ASSERT_TRUE(store_.Update(*seen, {"", 1s, kTime, kTime, 4}, 3s).ok());
  EXPECT_EQ(sender_.last.method, HttpMethod::kPut);
  EXPECT_EQ(sender_.last.target, std::string(kLeasesPath) + "/op");
  const json sent = json::parse(sender_.last.body);
  EXPECT_EQ(sent.at("metadata"), Stored().at("metadata"));
  EXPECT_EQ(sent.at("spec").at("holderIdentity"), "");
  EXPECT_EQ(sent.at("spec").at("strategy"), "OldestEmulationVersion");
}

struct Refusal {
  const char* name;
  int status;
  const char* reason;
  ErrorKind kind;
};

class RefusalTest : public LeaseTest, public testing::WithParamInterface<Refusal> {};

TEST_P(RefusalTest, HasItsKind) {
  sender_.status = GetParam().status;
  sender_.body = json{{"kind", "Status"},
                      {"apiVersion", "v1"},
                      {"code", GetParam().status},
                      {"reason", GetParam().reason}}
                     .dump();
  EXPECT_EQ(store_.Read(3s).error().kind, GetParam().kind);
  EXPECT_EQ(store_.Update({{}, Stored()}, {}, 3s).error().kind, GetParam().kind);
}

TEST_F(LeaseTest, K12_AnAnswerThatIsNoLeaseIsNeitherAVacancyNorARenewal) {
  for (const char* body : {"<html>", "[]", "{}", R"({"status":"maintenance"})"}) {
    sender_.body = body;
    EXPECT_EQ(store_.Read(3s).error().reason, "AnswerGarbled") << body;
    EXPECT_EQ(store_.Update({{}, Stored()}, {"a"}, 3s).error().reason, "AnswerGarbled") << body;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Lease, RefusalTest,
    testing::Values(Refusal{"Absent", 404, "NotFound", ErrorKind::kNotFound},
                    Refusal{"Changed", 409, "Conflict", ErrorKind::kConflict},
                    Refusal{"Forbidden", 403, "Forbidden", ErrorKind::kUnauthorized},
                    Refusal{"Down", 503, "ServiceUnavailable", ErrorKind::kTransient}),
    [](const auto& test) { return test.param.name; });

// Whatever stands there must not stop the election, nor end it early.
TEST(DecodeLeaseTest, FieldsOfAnotherTypeAreMissing) {
  for (const char* text :
       {"[]", "{}", R"({"spec":7})",
        R"({"spec":{"holderIdentity":1,"leaseDurationSeconds":"x","renewTime":{}}})",
        R"({"spec":{"leaseDurationSeconds":-5,"leaseTransitions":-1,"renewTime":"soon"}})"}) {
    EXPECT_EQ(DecodeLease(json::parse(text)), LeaseSpec()) << text;
  }
  const auto huge = DecodeLease(json::parse(
      R"({"spec":{"leaseDurationSeconds":9223372036854775807,"leaseTransitions":9223372036854775807}})"));
  EXPECT_EQ(huge.duration, 24h);
}

TEST(EncodeLeaseTest, ASpecThatIsNoObjectIsReplaced) {
  EXPECT_EQ(EncodeLease({{"spec", "x"}}, {.holder = "a"}).at("spec").at("holderIdentity"), "a");
}

}  // namespace
}  // namespace milink::kube
