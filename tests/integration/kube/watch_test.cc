// Informer and watch driver against the real API server.
#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>

#include <gmock/gmock.h>

#include "core/kube/events.h"
#include "core/kube/informer.h"
#include "core/kube/watch_driver.h"
#include "tests/integration/kube/kube_test.h"

namespace milink::kube {
namespace {

using nlohmann::json;

constexpr Duration kPatience = std::chrono::seconds(60);

struct WidgetObject {
  ObjectMeta meta;
  int size = 0;
};

Result<WidgetObject> DecodeWidget(const json& object) {
  auto meta = ParseObjectMeta(object);
  if (!meta.ok()) {
    return meta.error();
  }
  return WidgetObject{*meta, object.at("spec").at("size").get<int>()};
}

// What was heard, as lines; a test waits for the line it expects.
class Hearing {
 public:
  Informer<WidgetObject>::Handler Handler() {
    Informer<WidgetObject>::Handler handler;
    handler.on_change = [this](const auto& change) {
      Add((change.before ? "update " : "add ") + change.key.name + " " +
          std::to_string(change.after->size));
    };
    handler.on_delete = [this](const auto& deletion) { Add("delete " + deletion.key.name); };
    return handler;
  }
  bool WaitFor(const std::string& line) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience,
                             [&] { return std::ranges::find(lines_, line) != lines_.end(); });
  }
  std::vector<std::string> Lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  void Add(const std::string& line) {
    {
      const std::lock_guard lock(mutex_);
      lines_.push_back(line);
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

// Says when the first line was logged: here, that a watch failed.
class FirstLine final : public LogSink {
 public:
  void Write(LogLevel /*level*/, std::string_view /*message*/,
             const std::vector<LogField>& /*fields*/) override {
    std::call_once(once_, [this] { written_.set_value(); });
  }
  bool Enabled(LogLevel level) const override { return level >= LogLevel::kWarning; }
  bool Wait() { return written_.get_future().wait_for(kPatience) == std::future_status::ready; }

 private:
  std::once_flag once_;
  std::promise<void> written_;
};

TEST_F(KubeTest, AnInformerFollowsTheServer) {
  CreateWidget("old", 1);
  Informer<WidgetObject> widgets("Widget", DecodeWidget, Logger());
  Hearing hearing;
  widgets.AddHandler(hearing.Handler());
  WatchDriver driver(dialer_, clock_, *random_, Logger());
  driver.Add({kWidgets, namespace_, "", ""}, widgets);
  driver.Start();
  ASSERT_TRUE(widgets.WaitSynced(kPatience));
  EXPECT_EQ(widgets.size(), 1U);

  CreateWidget("new", 2);
  EXPECT_TRUE(hearing.WaitFor("add new 2"));
  const auto patched = client_->MergePatch(kWidgets, Key("new"), {{"spec", {{"size", 3}}}});
  EXPECT_TRUE(hearing.WaitFor("update new 3"));
  EXPECT_TRUE(widgets.HasReached(Key("new"), ResourceVersionOf(*patched)));
  ASSERT_TRUE(client_->Delete(kWidgets, Key("new"), "").ok());
  EXPECT_TRUE(hearing.WaitFor("delete new"));
  EXPECT_EQ(widgets.Get(Key("new")), nullptr);
  EXPECT_TRUE(driver.Health().at(0).watching);
}

TEST_F(KubeTest, AnInformerOutlivesARestartOfTheServer) {
  CreateWidget("kept", 1);
  CreateWidget("doomed", 1);
  Informer<WidgetObject> widgets("Widget", DecodeWidget, Logger());
  Hearing hearing;
  widgets.AddHandler(hearing.Handler());
  WatchDriver driver(dialer_, clock_, *random_, Logger());
  driver.Add({kWidgets, namespace_, "", ""}, widgets);
  driver.Start();
  ASSERT_TRUE(widgets.WaitSynced(kPatience));

  ASSERT_TRUE(env_->RestartApiServer().ok());
  ASSERT_TRUE(
      env_->Kubectl({"-n", namespace_, "delete", "widgets.test.milink.dev", "doomed"}).ok());
  CreateWidget("born", 5);
  EXPECT_TRUE(hearing.WaitFor("delete doomed"));
  EXPECT_TRUE(hearing.WaitFor("add born 5"));
  // What did not change was not told again.
  EXPECT_EQ(std::ranges::count(hearing.Lines(), "add kept 1"), 1);
}

TEST_F(KubeTest, AWatchOfAnUnknownKindKeepsTryingAndHoldsUpNobody) {
  const ResourceType unknown{"test.milink.dev", "v1", "unknowns", "Unknown"};
  Informer<WidgetObject> widgets("Widget", DecodeWidget, Logger());
  Informer<WidgetObject> unknowns("Unknown", DecodeWidget, Logger());
  const auto failed = std::make_shared<FirstLine>();
  WatchDriver driver(dialer_, clock_, *random_, Logger(failed));
  driver.Add({unknown, namespace_, "", ""}, unknowns);
  driver.Add({kWidgets, namespace_, "", ""}, widgets);
  driver.Start();
  EXPECT_TRUE(widgets.WaitSynced(kPatience));
  EXPECT_TRUE(failed->Wait());
  EXPECT_FALSE(unknowns.synced());
  EXPECT_FALSE(driver.Health().at(0).listed);
  EXPECT_THAT(driver.Health().at(0).last_error, testing::HasSubstr("is the CRD installed?"));
  EXPECT_GT(driver.Health().at(0).last_refusal, MonotonicTime{}) << "the server was heard";
}

TEST_F(KubeTest, EventsAreReadByKubectlAndFolded) {
  const json made = CreateWidget("a");
  const auto meta = ParseObjectMeta(made);
  {
    ApiEventRecorder recorder(*client_, clock_, *random_, "test.milink.dev/operator", "pod-1",
                              Logger());
    const ObjectReference about{"test.milink.dev/v1", "Widget", meta->key, meta->uid};
    for (int i = 0; i < 3; ++i) {
      recorder.Record(about, EventType::kWarning, "TooSmall", "Measure", "the widget is too small");
    }
    recorder.Record(about, EventType::kNormal, "Painted", "Paint", "the widget is red now");
    EXPECT_TRUE(recorder.Stop(kPatience));
    EXPECT_EQ(recorder.Counts().overflowed, 0U);
  }
  const auto shown = env_->Kubectl({"-n", namespace_, "describe", "widgets.test.milink.dev", "a"});
  EXPECT_THAT(shown.out, testing::HasSubstr("TooSmall"));
  EXPECT_THAT(shown.out, testing::HasSubstr("the widget is red now"));
  const auto listed =
      env_->Kubectl({"-n", namespace_, "get", "events.events.k8s.io", "-o", "json"});
  const json events = json::parse(listed.out).at("items");
  ASSERT_EQ(events.size(), 2U);
  const auto folded =
      std::ranges::find(events, "TooSmall", [](const json& e) { return e.at("reason"); });
  ASSERT_NE(folded, events.end());
  EXPECT_EQ(folded->at("series").at("count"), 3);
  EXPECT_EQ(folded->at("type"), "Warning");
}

}  // namespace
}  // namespace milink::kube
