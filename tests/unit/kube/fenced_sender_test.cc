#include "core/kube/fenced_sender.h"

#include <gtest/gtest.h>

namespace milink::kube {
namespace {

class SwitchFence final : public Fence {
 public:
  Status Check() const override {
    return open ? OkStatus() : Status(Error{ErrorKind::kConflict, "NotLeader", "closed"});
  }
  bool open = true;
};

class InnerSender final : public HttpSender {
 public:
  Result<HttpResponse> Send(const HttpRequest& request) override {
    ++sent;
    last = request;
    return HttpResponse{{200, {}}, "{}"};
  }
  int sent = 0;
  HttpRequest last;
};

class FencedSenderTest : public testing::Test {
 protected:
  SwitchFence fence_;
  InnerSender inner_;
  FencedSender sender_{inner_, fence_};
};

TEST_F(FencedSenderTest, OnlyReadsPassAClosedFence) {
  fence_.open = false;
  for (const auto method :
       {HttpMethod::kPost, HttpMethod::kPut, HttpMethod::kPatch, HttpMethod::kDelete}) {
    EXPECT_EQ(sender_.Send({.method = method}).error().reason, "NotLeader");
  }
  EXPECT_EQ(inner_.sent, 0);
  EXPECT_TRUE(sender_.Send({.method = HttpMethod::kGet}).ok());
}

TEST_F(FencedSenderTest, TheConnectionAsksAgainBeforeTheFirstByte) {
  ASSERT_TRUE(sender_.Send({.method = HttpMethod::kPut}).ok());
  EXPECT_TRUE(inner_.last.permit().ok());
  fence_.open = false;
  EXPECT_EQ(inner_.last.permit().error().reason, "NotLeader");
}

}  // namespace
}  // namespace milink::kube
