#include "core/sql/instance_reader.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/sql/catalog.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/sql/fake_connector.h"
#include "tests/unit/sql/sample_replies.h"

namespace milink::sql {
namespace {

using Texts = std::vector<std::string>;

class InstanceReaderTest : public ::testing::Test {
 protected:
  Result<InstanceSnapshot> Read(bool fresh, RefreshScope scope) {
    return reader_.Read(*session_, fresh, scope);
  }
  Result<SqlReply> Answer(const std::string& batch) const {
    if (batch == refused_) return Error{ErrorKind::kTransient, "OutcomeUnknown", "lost", ""};
    if (batch == probe_) return VersionProbeReply();
    return batch == slow_ ? SlowReply() : LinkedServer();
  }

  const std::string probe_ = VersionProbeBatch().shown;
  const std::string fast_ = FastBatch({}).shown;
  const std::string slow_ = SlowBatch().shown;
  fakes::FakeClock clock_;
  std::string refused_;
  FakeConnector connector_{[this](const std::string& batch) { return Answer(batch); }};
  std::unique_ptr<SqlSession> session_ = *connector_.Connect({}, std::chrono::seconds(1));
  InstanceReader reader_{clock_, std::chrono::seconds(60)};
};

TEST_F(InstanceReaderTest, TheVersionIsAskedForOncePerConnection) {
  ASSERT_TRUE(Read(true, RefreshScope::kFast).ok());
  ASSERT_TRUE(Read(false, RefreshScope::kFast).ok());
  EXPECT_EQ(connector_.batches(), (Texts{probe_, fast_, fast_}));
  ASSERT_TRUE(Read(true, RefreshScope::kFast).ok());
  EXPECT_EQ(connector_.batches().size(), 5U) << "a server may come back with another version";
}

TEST_F(InstanceReaderTest, SlowPartsAreReadOnlyWhenAllIsAskedFor) {
  const auto fast = Read(true, RefreshScope::kFast);
  ASSERT_TRUE(fast.ok());
  EXPECT_EQ(fast->properties.server_name, "SQL1");
  EXPECT_EQ(fast->slow_read_at, TimePoint());
  EXPECT_TRUE(fast->files.empty());
  const auto all = Read(false, RefreshScope::kAll);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->slow_read_at, clock_.Now());
  EXPECT_EQ(all->files.size(), 2U);
  EXPECT_EQ(connector_.batches(), (Texts{probe_, fast_, fast_, slow_}));
}

TEST_F(InstanceReaderTest, AnErrorOfAnyBatchIsTheOutcome) {
  for (const auto& batch : {probe_, fast_, slow_}) {
    refused_ = batch;
    const auto read = Read(true, RefreshScope::kAll);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().reason, "OutcomeUnknown");
  }
}

TEST_F(InstanceReaderTest, AVersionThatIsNotKnownIsAskedForAgain) {
  refused_ = probe_;
  EXPECT_FALSE(Read(true, RefreshScope::kFast).ok());
  refused_.clear();
  ASSERT_TRUE(Read(false, RefreshScope::kFast).ok());
  EXPECT_EQ(connector_.batches(), (Texts{probe_, probe_, fast_}));
}

}  // namespace
}  // namespace milink::sql
