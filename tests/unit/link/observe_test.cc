#include "controllers/link/observe.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/link/rig.h"

namespace milink::link {
namespace {

constexpr int kOperations = 4;

// A link with operations under way, one of each database, that are all due.
class ObserveTest : public testing::Test {
 protected:
  ObserveTest() {
    api::ManagedInstanceLink link = rig_.Link();
    for (int i = 0; i < kOperations; ++i) {
      api::ManagedInstanceLinkStatus::DatabaseRecord record{
          DatabaseName("db" + std::to_string(i)), "SqlServer", false, {}};
      record.operation = api::ManagedInstanceLinkStatus::Operation{
          "Azure", "CreateLink", "DAG_" + std::to_string(i), "https://arm/op", {}};
      link.status.records.push_back(record);
    }
    link_ = std::make_shared<const api::ManagedInstanceLink>(std::move(link));
    static_cast<void>(rig_.instances.Refresh(InstanceOf(*link_), azure::RefreshScope::kAll));
    rig_.api.reads = 0;
  }

  void Look() {
    const LinkSystems systems{rig_.directory, rig_.objects,   rig_.events, rig_.hub,
                              rig_.api,       rig_.instances, rig_.clock,  *rig_.random};
    static_cast<void>(Observe(systems, facts_, link_, {}, stop_.get_token()));
  }
  // Operations whose next poll is still due.
  std::ptrdiff_t Due() {
    const ProcessFacts facts = facts_.Get(link_->meta, ReplicaOf(*link_));
    return std::ranges::count_if(facts.operations, [this](const auto& entry) {
      return entry.second.poll_at <= rig_.clock.Now();
    });
  }

  gen::Rig rig_{{"db0", "db1", "db2", "db3"}};
  FactStore facts_;
  LinkPointer link_;
  std::stop_source stop_;
};

TEST_F(ObserveTest, EveryOperationThatIsDueIsAskedFor) {
  rig_.api.operation = {.state = azure::OperationState::kInProgress,
                        .retry_after = std::chrono::seconds(15)};
  Look();
  EXPECT_EQ(rig_.api.reads, kOperations);
  EXPECT_EQ(Due(), 0);
}

TEST_F(ObserveTest, WhenAzureCannotBeReachedOneQuestionIsEnoughAndTheOthersStayDue) {
  for (const Error& error : {Error{ErrorKind::kTransient, "ConnectionFailed", "", ""},
                             Error{ErrorKind::kThrottled, "TooManyRequests", "", ""}}) {
    rig_.api.reads = 0;
    rig_.api.fail_reads = error;
    const std::ptrdiff_t due =
        facts_.Get(link_->meta, ReplicaOf(*link_)).operations.empty() ? kOperations : Due();
    Look();
    EXPECT_EQ(rig_.api.reads, 1);
    EXPECT_EQ(Due(), due - 1) << "the one that was asked for waits, so that another comes first";
  }
}

TEST_F(ObserveTest, ARefusalOfOneOperationSaysNothingOfTheOthers) {
  rig_.api.fail_reads = Error{ErrorKind::kNotFound, "ResourceNotFound", "", ""};
  Look();
  EXPECT_EQ(rig_.api.reads, kOperations);
}

TEST_F(ObserveTest, ARunThatIsAskedToStopAsksForNoOtherOperation) {
  rig_.api.operation = {.state = azure::OperationState::kInProgress};
  rig_.api.during_read = [this] { stop_.request_stop(); };
  Look();
  EXPECT_EQ(rig_.api.reads, 1);
}

}  // namespace
}  // namespace milink::link
