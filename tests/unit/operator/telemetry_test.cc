#include "operator/telemetry.h"

#include <fstream>
#include <regex>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runtime/engine_metrics.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_instance_hub.h"
#include "tests/fakes/fake_managed_instance_api.h"
#include "tests/gen/manifests.h"

namespace milink::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What `pattern` catches, in every line of `text`.
std::set<std::string> Matches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::set<std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (std::smatch match; std::regex_search(line, match, expression)) found.insert(match[1]);
  }
  return found;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class TelemetryTest : public ::testing::Test {
 protected:
  TelemetryTest() {
    AddTelemetry(metrics_, {.objects = objects_,
                            .hub = hub_,
                            .instances = instances_,
                            .events = [this] { return events_; },
                            .watches = [this] { return watches_; },
                            .clock = clock_});
  }

  // As the watch brings it.
  void PutLink(const std::string& name, const nlohmann::json& status) {
    nlohmann::json link = gen::LinkManifest(name, {"sales"});
    link["metadata"]["uid"] = "uid-" + name;
    link["metadata"]["resourceVersion"] = std::to_string(++version_);
    link["status"] = status;
    objects_.links.parts().front().second->Upsert(link);
  }

  void PutReplica(const std::string& server_name) {
    nlohmann::json replica = gen::ReplicaManifest("sql1");
    replica["metadata"]["uid"] = "uid-sql1";
    replica["metadata"]["resourceVersion"] = std::to_string(++version_);
    replica["status"] = {{"identity", {{"serverName", server_name}}}};
    objects_.replicas.parts().front().second->Upsert(replica);
  }

  fakes::FakeClock clock_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  runtime::WorkQueue queue_{clock_, *random_};
  Objects objects_{{queue_, queue_, queue_}, {}, Logger()};
  fakes::FakeInstanceHub hub_;
  fakes::FakeManagedInstanceApi api_;
  azure::InstanceCache instances_{api_, clock_};
  kube::EventCounts events_;
  std::vector<kube::WatchHealth> watches_;
  int version_ = 10;
  runtime::Metrics metrics_;
};

TEST_F(TelemetryTest, TheDocumentNamesEveryMetricAndNoOther) {
  runtime::QueueMetrics queue_metrics(metrics_, "managedinstancelink");
  queue_metrics.Watch(metrics_, queue_);
  const runtime::ControllerMetrics controller(metrics_, "managedinstancelink");
  const runtime::RestClientMetrics client(metrics_, "127.0.0.1:6443");
  auto made = Matches(metrics_.Serialize(), "^# TYPE ([a-z_]+) ");
  made.insert("leader_election_master_status");  // made where the election is
  EXPECT_EQ(Matches(ReadFile(MILINK_SOURCE_DIR "/docs/metrics.md"), "^\\| `([a-z_]+)` \\|"), made);
}

TEST_F(TelemetryTest, ALinkShowsItsStateAndTheExactValuesBehindIt) {
  PutLink("shop", {{"phase", "Seeding"},
                   {"primary", "SqlServer"},
                   {"conditions",
                    {{{"type", "Ready"},
                      {"status", "True"},
                      {"reason", "Replicating"},
                      {"message", ""},
                      {"lastTransitionTime", "2026-11-21T10:00:00Z"}}}}});
  sql::InstanceSnapshot sql;
  sql::Database database;
  database.name = DatabaseName("sales");
  database.log_used_percent = 12.5;
  sql.databases = {database};
  sql::AvailabilityGroup group;
  group.name = GroupName("DAG_sales");
  group.group_id = "g";
  group.distributed = true;
  sql.groups = {group};
  sql::DatabaseReplicaState remote;
  remote.group_id = "g";
  remote.database = DatabaseName("sales");
  remote.lag_seconds = 17;
  sql.database_states = {remote};
  sql::Seeding seeding;
  seeding.group_id = "g";
  seeding.database = DatabaseName("sales");
  seeding.state = "SEEDING";
  seeding.database_bytes = 200;
  seeding.transferred_bytes = 50;
  sql.seedings = {seeding};
  sql.properties.server_name = "SQL1";
  hub_.Publish({"default", "sql1"}, sql);
  PutReplica("SQL1");
  const std::string text = metrics_.Serialize();
  EXPECT_THAT(text, HasSubstr("phase=\"Seeding\",primary=\"SqlServer\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("milink_link_ready{namespace=\"default\",name=\"shop\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("milink_link_split_brain{namespace=\"default\",name=\"shop\"} 0\n"));
  const std::string labels = "{namespace=\"default\",name=\"shop\",database=\"sales\"} ";
  EXPECT_THAT(text, HasSubstr("milink_database_lag_seconds" + labels + "17\n"));
  EXPECT_THAT(text, HasSubstr("milink_database_log_used_ratio" + labels + "0.125\n"));
  EXPECT_THAT(text, HasSubstr("milink_database_seeding_ratio" + labels + "0.25\n"));
  PutReplica("SQL9");  // then these are values of another server
  EXPECT_THAT(metrics_.Serialize(), Not(HasSubstr("database=\"sales\"")));
}

TEST_F(TelemetryTest, WhatIsNotKnownHasNoSeriesAndWhatIsGoneLeavesNone) {
  PutLink("shop", nlohmann::json::object());
  std::string text = metrics_.Serialize();
  EXPECT_THAT(text, HasSubstr("milink_link_ready{namespace=\"default\",name=\"shop\"} 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("database=\"sales\"")));
  EXPECT_THAT(text, HasSubstr("milink_objects{kind=\"ManagedInstanceLink\"} 1\n"));
  nlohmann::json link = gen::LinkManifest("shop", {"sales"});
  link["metadata"]["uid"] = "uid-shop";
  link["metadata"]["resourceVersion"] = std::to_string(++version_);
  objects_.links.parts().front().second->Remove(link);
  text = metrics_.Serialize();
  EXPECT_THAT(text, Not(HasSubstr("name=\"shop\"")));
  EXPECT_THAT(text, HasSubstr("milink_objects{kind=\"ManagedInstanceLink\"} 0\n"));
}

TEST_F(TelemetryTest, DroppedEventsAndSilentWatchesAreSeen) {
  events_ = {.written = 7, .overflowed = 1, .limited = 2, .refused = 3};
  kube::WatchHealth health;
  health.spec.type = kLinks;
  health.last_byte = clock_.Monotonic();
  health.failures = 4;
  watches_ = {health};
  clock_.Step(std::chrono::seconds(30));
  const std::string text = metrics_.Serialize();
  EXPECT_THAT(text, HasSubstr("milink_events_written_total 7\n"));
  EXPECT_THAT(text, HasSubstr("milink_events_dropped_total{cause=\"queue_full\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("milink_events_dropped_total{cause=\"too_many_about_object\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("milink_events_dropped_total{cause=\"refused\"} 3\n"));
  const std::string labels = "{resource=\"managedinstancelinks\",namespace=\"\"} ";
  EXPECT_THAT(text, HasSubstr("milink_watch_last_byte_age_seconds" + labels + "30\n"));
  EXPECT_THAT(text, HasSubstr("milink_watch_failures" + labels + "4\n"));
}

}  // namespace
}  // namespace milink::app
