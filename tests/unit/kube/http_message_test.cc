#include "core/kube/http_message.h"

#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>
#include <gmock/gmock.h>

#include "core/kube/api_status.h"

namespace milink::kube {
namespace {

namespace http = boost::beast::http;
using testing::HasSubstr;

ConnectionSettings Settings() {
  ConnectionSettings settings;
  settings.address = {"fd00::1", "6443", "/k8s/clusters/c1"};
  settings.headers = {{"User-Agent", "milink-operator/test"}, {"Impersonate-User", "jane"}};
  settings.proxy.emplace();
  settings.proxy->authorization = Secret("Basic cHJveHk=");
  return settings;
}

TEST(HttpMessage, ARequestGoesToThePrefixOfTheServerWithWhatEveryRequestSays) {
  HttpRequest request{HttpMethod::kPatch, "/x?y=1"};
  request.content_type = "application/merge-patch+json";
  request.body = "{}";
  const auto message = ToMessage(request, Settings());
  EXPECT_EQ(message.method(), http::verb::patch);
  EXPECT_EQ(message.target(), "/k8s/clusters/c1/x?y=1");
  EXPECT_EQ(message[http::field::host], "[fd00::1]:6443");
  EXPECT_EQ(message["Impersonate-User"], "jane");
  EXPECT_EQ(message[http::field::content_type], "application/merge-patch+json");
  EXPECT_EQ(message[http::field::content_length], "2");
}

TEST(HttpMessage, AProxyHearsNothingThatIsForTheServer) {
  const auto message = ToConnect(Settings());
  EXPECT_EQ(message.method(), http::verb::connect);
  EXPECT_EQ(message.target(), "[fd00::1]:6443");
  EXPECT_EQ(message[http::field::user_agent], "milink-operator/test");
  EXPECT_EQ(message[http::field::proxy_authorization], "Basic cHJveHk=");
  EXPECT_EQ(message.count("Impersonate-User"), 0U);
}

TEST(HttpMessage, AHeadHasItsNamesInLowerCaseAndRepeatedFieldsJoined) {
  http::response_header<> answer;
  answer.result(429);
  answer.insert("Retry-After", "3");
  answer.insert("Warning", "a");
  answer.insert("Warning", "b");
  const HttpHead head = ToHead(answer);
  EXPECT_EQ(head.status, 429);
  EXPECT_EQ(head.headers.at("retry-after"), "3");
  EXPECT_EQ(head.headers.at("warning"), "a, b");
}

TEST(HttpMessage, AnErrorSaysWhetherToAskAgain) {
  const ServerAddress address{"api.test", "443", ""};
  const auto reason_of = [&](const boost::system::error_code& error) {
    return TransportError(error, "read from", address).reason;
  };
  EXPECT_EQ(reason_of(boost::asio::error::connection_refused), kConnectionRefused);
  EXPECT_EQ(reason_of(boost::asio::error::connection_reset), kConnectionLost);
  EXPECT_EQ(reason_of(http::make_error_code(http::error::end_of_stream)), kConnectionLost);
  EXPECT_EQ(reason_of(http::make_error_code(http::error::partial_message)), kConnectionLost);
  EXPECT_EQ(reason_of(http::make_error_code(http::error::bad_version)), kAnswerGarbled);
  EXPECT_THAT(TransportError(boost::asio::error::eof, "read from", address).message,
              HasSubstr("cannot read from the Kubernetes API server api.test:443"));
}

}  // namespace
}  // namespace milink::kube
