#include "operator/health_checks.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include "core/base/random.h"
#include "tests/fakes/fake_clock.h"

namespace milink::app {
namespace {

using std::chrono::minutes;
using ::testing::HasSubstr;
using ::testing::Not;

class HealthChecksTest : public ::testing::Test {
 protected:
  HealthChecksTest() {
    kube::WatchHealth links;
    links.spec.type = kLinks;
    links.last_success = clock_.Monotonic();
    links.last_refusal = clock_.Monotonic();
    watches_ = {links};
  }
  // Of each check whether it is fine: [+]name ok, [-]name failed.
  std::string Get(const std::string& path) {
    if (health_ == nullptr) {
      health_ = std::make_unique<runtime::HealthServer>(Logger());
      AddHealthChecks(*health_, {.objects = objects_,
                                 .watches = [this] { return watches_; },
                                 .watch_loop = [this] { return loop_; },
                                 .leadership = leadership_,
                                 .clock = clock_});
      port_ = health_->Start({"127.0.0.1", 0}).value();
    }
    httplib::Client client("127.0.0.1", port_);
    const auto response = client.Get((path + "?verbose").c_str());
    return response ? response->body : std::string();
  }

  fakes::FakeClock clock_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  runtime::WorkQueue queue_{clock_, *random_};
  Objects objects_{{queue_, queue_, queue_}, {}, Logger()};
  std::vector<kube::WatchHealth> watches_;
  Status loop_ = OkStatus();
  std::function<Status()> leadership_;
  int port_ = 0;
  std::unique_ptr<runtime::HealthServer> health_;
};

const Error kBroken{ErrorKind::kTransient, "Broken", "it is", ""};

TEST_F(HealthChecksTest, ItIsReadyOnceEachKindWasRead) {
  EXPECT_THAT(Get("/readyz"), HasSubstr("[-]sqlserverreplicas"));
  EXPECT_THAT(Get("/readyz"), HasSubstr("[-]managedinstancelinks"));
  objects_.replicas.parts().front().second->Replace("1");
  EXPECT_THAT(Get("/readyz"), HasSubstr("[+]sqlserverreplicas ok"));
  EXPECT_THAT(Get("/readyz"), HasSubstr("[-]managedinstancelinks"));
  objects_.links.parts().front().second->Replace("1");
  EXPECT_THAT(Get("/readyz"), Not(HasSubstr("[-]")));
}

TEST_F(HealthChecksTest, AWatchThatIsRefusedIsNotReadyAndNoReasonToRestart) {
  EXPECT_THAT(Get("/readyz"), HasSubstr("[+]watches ok"));
  clock_.Step(minutes(6));
  watches_.front().last_refusal = clock_.Monotonic();
  EXPECT_THAT(Get("/readyz"), HasSubstr("[-]watches"));
  EXPECT_THAT(Get("/healthz"), HasSubstr("[+]watches ok"));
}

TEST_F(HealthChecksTest, AWatchThatHearsNothingIsOne) {
  clock_.Step(minutes(4));
  EXPECT_THAT(Get("/healthz"), HasSubstr("[+]watches ok"));
  clock_.Step(minutes(2));
  EXPECT_THAT(Get("/healthz"), HasSubstr("[-]watches"));
}

TEST_F(HealthChecksTest, SoIsAWatchLoopThatIsStuck) {
  loop_ = kBroken;
  EXPECT_THAT(Get("/healthz"), HasSubstr("[-]watches"));
  EXPECT_THAT(Get("/healthz"), HasSubstr("[+]ping ok"));
}

TEST_F(HealthChecksTest, WhoWorksAloneIsNotAskedForLeadership) {
  EXPECT_THAT(Get("/healthz"), Not(HasSubstr("leader-election")));
}

TEST_F(HealthChecksTest, ALostElectorIsAReasonToRestart) {
  leadership_ = [] { return Status(kBroken); };
  EXPECT_THAT(Get("/healthz"), HasSubstr("[-]leader-election"));
}

}  // namespace
}  // namespace milink::app
