#include "core/runtime/health_server.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include "tests/fakes/log_collector.h"

namespace milink::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

struct Answer {
  int status = 0;
  std::string body;
  std::string content_type;
};

class HealthServerTest : public ::testing::Test {
 protected:
  Answer Get(const std::string& path) {
    if (port_ == 0) {
      port_ = server_.Start({"127.0.0.1", 0}).value();
    }
    httplib::Client client("127.0.0.1", port_);
    client.set_connection_timeout(10);
    const auto response = client.Get(path.c_str());
    return response ? Answer{response->status, response->body,
                             response->get_header_value("Content-Type")}
                    : Answer{};
  }

  std::shared_ptr<fakes::LogCollector> log_ = std::make_shared<fakes::LogCollector>();
  HealthServer server_{Logger(log_)};
  int port_ = 0;
};

Status NotSynced() {
  return Error{ErrorKind::kTransient, "CachesNotSynced", "the first list is under way", ""};
}

TEST_F(HealthServerTest, WithoutChecksEverythingIsFine) {
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/healthz").body, "ok");
  EXPECT_EQ(Get("/readyz").status, 200);
}

TEST_F(HealthServerTest, OneFailingCheckFailsItsEndpointOnly) {
  server_.AddReadyCheck("informers", NotSynced);
  server_.AddReadyCheck("queue", OkStatus);
  EXPECT_EQ(Get("/readyz").status, 500);
  EXPECT_EQ(Get("/readyz").body,
            "[-]informers failed: reason withheld\n[+]queue ok\nreadyz check failed\n");
  EXPECT_EQ(Get("/healthz").status, 200);
}

TEST_F(HealthServerTest, TheReasonOfAFailureIsLogged) {
  server_.AddLiveCheck("informers", NotSynced);
  Get("/healthz");
  const auto lines = log_->Lines("Failed a health check");
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].Field("check"), "informers");
  EXPECT_EQ(lines[0].Field("reason"), "CachesNotSynced");
}

TEST_F(HealthServerTest, VerboseListsEveryCheck) {
  server_.AddLiveCheck("watchdog", OkStatus);
  server_.AddLiveCheck("lease", OkStatus);
  EXPECT_EQ(Get("/healthz?verbose").body, "[+]watchdog ok\n[+]lease ok\nhealthz check passed\n");
}

TEST_F(HealthServerTest, ChecksAreAskedAtEveryRequest) {
  std::atomic<bool> synced = false;
  server_.AddReadyCheck("informers", [&] { return synced ? OkStatus() : NotSynced(); });
  EXPECT_EQ(Get("/readyz").status, 500);
  synced = true;
  EXPECT_EQ(Get("/readyz").status, 200);
}

TEST_F(HealthServerTest, ServesMetricsWithTheirContentType) {
  server_.ServeMetrics([] { return std::string("milink_links 3\n"); },
                       "text/plain; version=0.0.4; charset=utf-8");
  const Answer answer = Get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "milink_links 3\n");
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(HealthServerTest, WhatIsNotServedIsNotFound) {
  EXPECT_EQ(Get("/metrics").status, 404) << "no metrics were given";
  EXPECT_EQ(Get("/").status, 404);
}

TEST_F(HealthServerTest, APortInUseIsAnError) {
  ASSERT_EQ(Get("/healthz").status, 200);
  HealthServer second{Logger()};
  const auto port = second.Start({"127.0.0.1", port_});
  ASSERT_FALSE(port.ok());
  EXPECT_EQ(port.error().reason, "AddressInUse");
  EXPECT_THAT(port.error().message, HasSubstr("127.0.0.1:" + std::to_string(port_)));
}

TEST_F(HealthServerTest, NobodyAnswersAfterStop) {
  ASSERT_EQ(Get("/healthz").status, 200);
  server_.Stop();
  server_.Stop();
  EXPECT_EQ(Get("/healthz").status, 0);
}

// The kubelet probes the address of the pod, which is an IPv6 one in some clusters.
TEST_F(HealthServerTest, WithoutAHostItAnswersOnEveryAddress) {
  const int port = server_.Start({"", 0}).value();
  std::vector<std::string> hosts{"127.0.0.1"};
  if (httplib::Server().bind_to_any_port("::1") > 0) {  // this machine has IPv6
    hosts.emplace_back("::1");
  }
  for (const std::string& host : hosts) {
    httplib::Client client(host, port);
    client.set_connection_timeout(10);
    const auto response = client.Get("/healthz");
    ASSERT_TRUE(response) << host;
    EXPECT_EQ(response->status, 200) << host;
  }
}

TEST(ListenAddressTest, ReadsHostAndPort) {
  const std::pair<const char*, ListenAddress> rows[] = {
      {"127.0.0.1:8081", {"127.0.0.1", 8081}},
      {"localhost:0", {"localhost", 0}},
      {":8080", {"", 8080}},
      {"[::1]:8081", {"::1", 8081}},
      {"0.0.0.0:65535", {"0.0.0.0", 65535}},
  };
  for (const auto& [text, expected] : rows) {
    const auto address = ParseListenAddress(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(*address, expected) << text;
  }
}

TEST(ListenAddressTest, RefusesWhatIsNotAnAddress) {
  for (const char* text : {"", "8080", "host:", "host:port", "host:-1", "host:65536", "host:80 ",
                           "::1:8080", "[::1]", "[]:80", "a[b]:80", "host:+80"}) {
    const auto address = ParseListenAddress(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_EQ(address.error().kind, ErrorKind::kInvalid) << text;
  }
}

}  // namespace
}  // namespace milink::runtime
