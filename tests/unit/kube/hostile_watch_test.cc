// Watches over real sockets against every fault of FAULT-MODELS 5.1 that belongs to them. Each case
// drives the same life of some objects through one fault; afterwards the store is the server's, and
// no handler saw an object go back in time. Timing is tested in watch_world_test.cc, without a
// wire.
#include <functional>
#include <memory>

#include <gmock/gmock.h>

#include "core/kube/watch_driver.h"
#include "tests/fakes/hostile_api_server.h"
#include "tests/fakes/log_collector.h"
#include "tests/unit/kube/witness.h"

namespace milink::kube {
namespace {

using namespace fakes;  // NOLINT(google-build-using-namespace): the vocabulary of this test
using nlohmann::json;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

ListWatchOptions FastOptions() {
  ListWatchOptions options;
  options.page_size = 2;
  options.silence_limit = milliseconds(150);
  options.stream_patience = milliseconds(150);
  options.backoff.base = milliseconds(1);
  options.backoff.cap = milliseconds(5);
  return options;
}

std::string Frame(const std::string& type, const json& object) {
  return json{{"type", type}, {"object", object}}.dump() + "\n";
}

class HostileWatch {
 public:
  HostileWatch() {
    cluster.Serve(kWidgets);
    for (const char* name : {"a", "b", "c", "d", "e"}) {
      cluster.Put(kWidgets, MakeWidget(name));
    }
  }
  ~HostileWatch() {
    if (driver) {
      driver->Stop();
    }
  }
  void Start() {
    const Logger logger(log);
    auto dialer = Dialer::Make(server.Access(), "t", clock_, logger);
    driver = std::make_unique<WatchDriver>(*dialer, clock_, *random_, logger, options);
    driver->Add({kWidgets, "", "", ""}, witness.informer);
    driver->Start();
  }
  // Some change of each sort, among others an object that is deleted and made again.
  void Change() {
    cluster.Put(kWidgets, MakeWidget("a", 2));
    cluster.Erase(kWidgets, {"ns", "b"});
    cluster.Put(kWidgets, MakeWidget("f"));
    cluster.Erase(kWidgets, {"ns", "c"});
    cluster.Put(kWidgets, MakeWidget("c", 3));
  }
  void Converge(const std::string& when) {
    std::string difference;
    EXPECT_TRUE(witness.WaitUntil([&] {
      difference = witness.Difference(cluster);
      return difference.empty() && driver->Health().at(0).watching;
    })) << when
        << ": " << difference;
  }
  bool WaitForRequests(const std::string& verb, int count) {
    return witness.WaitUntil([&] { return server.Count(verb) >= count; });
  }
  std::vector<std::string> Lists() { return server.Targets("list"); }
  std::vector<std::string> Watches() { return server.Targets("watch"); }

  ListWatchOptions options = FastOptions();
  ClusterModel cluster;
  HostileApiServer server{cluster};
  Witness witness;
  std::shared_ptr<LogCollector> log = std::make_shared<LogCollector>();
  std::unique_ptr<WatchDriver> driver;

 private:
  SystemClock clock_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
};

struct Row {
  std::string name;
  std::function<void(HostileWatch&)> before;                // the first sync
  std::function<void(HostileWatch&)> later = nullptr;       // synced; before objects change
  std::function<void(HostileWatch&)> afterwards = nullptr;  // what else must be seen
};

class HostileWatchTest : public testing::TestWithParam<Row> {};

TEST_P(HostileWatchTest, TheStoreIsTheServers) {
  const Row& row = GetParam();
  HostileWatch world;
  row.before(world);
  world.Start();
  world.Converge("after the first sync");
  if (row.later) {
    row.later(world);
  }
  world.Change();
  world.Converge("after changes");
  world.server.CutAll();
  world.Change();
  world.Converge("after a restart of the server");
  if (row.afterwards) {
    row.afterwards(world);
  }
  world.driver->Stop();
  EXPECT_THAT(world.witness.Violations(), testing::IsEmpty());
}

void Nothing(HostileWatch& /*world*/) {}
void OldServer(HostileWatch& world) {
  world.server.SetHabits({.streaming_lists = StreamingLists::kRefused});
}
std::function<void(HostileWatch&)> Inject(const When& when, const Fault& fault) {
  return [=](HostileWatch& world) { world.server.Inject(when, fault); };
}
// The next watch meets the fault; the one that is open ends.
std::function<void(HostileWatch&)> InjectAndCut(const When& when, const Fault& fault) {
  return [=](HostileWatch& world) {
    world.server.Inject(when, fault);
    world.server.CutAll();
  };
}
// News under the wrong names, at the start of a watch, before the server says the same properly:
// what is known is added, what is unknown is changed and deleted, one object is deleted twice.
Fault TwistTheNews(HostileWatch& world) {
  return [&world](Exchange& exchange) {
    const Revision before = world.cluster.head();
    world.cluster.Put(kWidgets, MakeWidget("a", 7));
    world.cluster.Put(kWidgets, MakeWidget("x"));
    world.cluster.Erase(kWidgets, {"ns", "d"});
    world.cluster.Put(kWidgets, MakeWidget("z"));
    world.cluster.Erase(kWidgets, {"ns", "z"});
    const std::vector<ModelEvent> news = world.cluster.EventsAfter(kWidgets, "", before).value();
    json again = news[2].object;
    again["metadata"]["resourceVersion"] = std::to_string(news[3].revision);
    FirstSend({Frame("ADDED", news[0].object), Frame("MODIFIED", news[1].object),
               Frame("DELETED", news[2].object), Frame("DELETED", again),
               Frame("DELETED", news[4].object)})(exchange);
  };
}
// Every so many bytes of the beginning of an answer.
template <typename MakeFault>
std::function<void(HostileWatch&)> AtManyBytes(const std::string& verb, MakeFault make,
                                               std::size_t step) {
  return [=](HostileWatch& world) {
    for (std::size_t bytes = 0; bytes < 700; bytes += step) {
      world.server.Inject({.verb = verb}, make(bytes));
    }
    world.server.CutAll();
  };
}

const Row kRows[] = {
    {"K00_NoFault", Nothing, nullptr,
     [](HostileWatch& world) {
       EXPECT_EQ(world.server.Count("list"), 0) << "streaming lists serve";
     }},
    {"K01_ListExpiredAtStart",
     [](HostileWatch& world) {
       OldServer(world);
       world.server.Inject({.verb = "list"}, Refuse(410, "Expired"));
     },
     nullptr,
     [](HostileWatch& world) {
       EXPECT_THAT(world.Lists().at(0), HasSubstr("resourceVersion=0"));
       EXPECT_THAT(world.Lists().at(1), Not(HasSubstr("resourceVersion=")));
     }},
    {"K01_ListExpiredBetweenPages",
     [](HostileWatch& world) {
       world.server.SetHabits(
           {.streaming_lists = StreamingLists::kRefused, .pages_its_cache = true});
       world.server.Inject({.verb = "list", .part = "continue="}, Refuse(410, "Expired"));
     },
     nullptr,
     [](HostileWatch& world) {
       EXPECT_THAT(world.Lists().at(2), Not(HasSubstr("limit="))) << "in one piece";
     }},
    {"K01_StreamingListExpiredAtStart", Inject({.verb = "watch"}, Refuse(410, "Expired"))},
    {"K02_WatchStartExpired", Nothing, InjectAndCut({.verb = "watch"}, Refuse(410, "Expired")),
     [](HostileWatch& world) {
       EXPECT_THAT(world.Watches().at(2), HasSubstr("sendInitialEvents=true"));
       EXPECT_THAT(world.Watches().at(2), HasSubstr("resourceVersion=1")) << "the last one first";
     }},
    {"K02_WatchStartExpiredOnAnOldServer", OldServer,
     InjectAndCut({.verb = "watch"}, Refuse(410, "Expired"))},
    {"K02_ErrorEventExpired", Nothing,
     [](HostileWatch& world) {
       // Both requests that follow find their version gone: the watch, and the stream from it.
       world.server.Inject(
           {.verb = "watch", .times = 2},
           SendOnly({Frame("ERROR", Refusal(410, "Expired", "too old").body)}, Ending::kSilence));
       world.server.CutAll();
     }},
    {"K02_CompactedWhileCut", OldServer,
     [](HostileWatch& world) {
       world.server.Inject({.verb = "watch", .times = 3}, CutBefore());
       world.server.CutAll();
       world.cluster.Compact();
     }},
    {"K03_ThrottledWatchDoesNotList", OldServer,
     InjectAndCut({.verb = "watch", .times = 3}, Refuse(429, "TooManyRequests")),
     [](HostileWatch& world) { EXPECT_EQ(world.server.Count("list"), 1); }},
    {"K03_ThrottledForASecond", Inject({.verb = "watch"}, Refuse(429, "TooManyRequests", 1))},
    {"K03_ThrottledInTheStream", Nothing,
     InjectAndCut({.verb = "watch"},
                  SendOnly({Frame("ERROR", Refusal(429, "TooManyRequests", "busy").body)},
                           Ending::kSilence)),
     [](HostileWatch& world) { EXPECT_EQ(world.server.Count("watch", "sendInitialEvents"), 1); }},
    {"K03_ThrottledList",
     [](HostileWatch& world) {
       OldServer(world);
       world.server.Inject({.verb = "list", .times = 3}, Refuse(429, "TooManyRequests"));
     }},
    {"K04_ServerErrors",
     [](HostileWatch& world) {
       for (const int code : {500, 503, 500, 503}) {
         world.server.Inject({.verb = "watch"}, Refuse(code, "InternalError"));
         world.server.Inject({.verb = "list"}, Refuse(code, "InternalError"));
       }
     },
     InjectAndCut({.verb = "watch", .times = 2}, Refuse(500, "InternalError"))},
    {"K05_VersionTooLarge", Nothing,
     InjectAndCut(
         {.verb = "watch", .times = 2},
         [](Exchange& exchange) { exchange.answer.Respond(504, VersionTooLarge().body.dump()); }),
     [](HostileWatch& world) {
       EXPECT_THAT(world.Watches().at(3), Not(HasSubstr("&resourceVersion="))) << "most recent";
     }},
    {"K06_StreamingListCutAnywhere", AtManyBytes("watch", CutAfterBytes, 53)},
    {"K06_ListCutAnywhere",
     [](HostileWatch& world) {
       OldServer(world);
       AtManyBytes("list", CutAfterBytes, 53)(world);
     }},
    {"K06_WatchCutAnywhere", Nothing, AtManyBytes("watch", CutAfterBytes, 53)},
    {"K06_ResetBeforeTheAnswer", Inject({.times = 3}, CutBefore()),
     InjectAndCut({.times = 3}, CutBefore())},
    {"K07_SilenceFromTheStart",
     Inject({.verb = "watch", .times = 2}, SendOnly({}, Ending::kSilence)),
     InjectAndCut({.verb = "watch", .times = 2}, SendOnly({}, Ending::kSilence))},
    {"K07_SilenceAnywhere",
     [](HostileWatch& world) {
       world.options.start_limit = milliseconds(500);  // for silence within the head
       AtManyBytes("watch", SilentAfterBytes, 100)(world);
     },
     AtManyBytes("watch", SilentAfterBytes, 100)},
    {"K07_Drip", Inject({.verb = "watch"}, Drip(milliseconds(5))),
     InjectAndCut({.verb = "watch"}, Drip(milliseconds(5)))},
    {"K08_NoBookmarks", [](HostileWatch& world) { world.server.SetHabits({.bookmarks = false}); }},
    {"K08_BookmarksOfNoEnd",
     Inject({.verb = "watch"},
            FirstSend({Frame("BOOKMARK",
                             {{"kind", "Widget"}, {"metadata", {{"resourceVersion", "1"}}}})})),
     [](HostileWatch& world) { world.server.SendBookmarks(); }},
    {"K08_TheEndNeverComes",
     [](HostileWatch& world) { world.server.SetHabits({.end_bookmark = false}); }, nullptr,
     [](HostileWatch& world) {
       EXPECT_GE(world.server.Count("list"), 1);
       EXPECT_EQ(world.server.Count("watch", "sendInitialEvents"), 1) << "not tried again";
     }},
    {"K09_StreamingListsIgnored",
     [](HostileWatch& world) {
       world.server.SetHabits({.streaming_lists = StreamingLists::kIgnored});
     },
     nullptr, [](HostileWatch& world) { EXPECT_GE(world.server.Count("list"), 1); }},
    {"K09_StreamingListsRefused", OldServer, nullptr,
     [](HostileWatch& world) {
       EXPECT_EQ(world.server.Count("watch", "sendInitialEvents"), 1) << "not tried again";
     }},
    {"K09_StreamingListsABadRequest", Inject({.verb = "watch"}, Refuse(400, "BadRequest"))},
    {"K10_EventsThatMakeNoSense", Nothing,
     [](HostileWatch& world) {
       const json a = world.cluster.Get(kWidgets, {"ns", "a"}).body;
       const json e = world.cluster.Get(kWidgets, {"ns", "e"}).body;
       world.server.Inject(
           {.verb = "watch"},
           FirstSend({Frame("ADDED", e), Frame("ADDED", e), Frame("MODIFIED", e),
                      Frame("DELETED", a), Frame("DELETED", a), Frame("RENAMED", a),
                      Frame("ADDED", {{"kind", "Table"}, {"rows", json::array()}}),
                      Frame("ADDED", {{"kind", "Widget"}}), Frame("MODIFIED", "text"), "\n\n"}));
       world.server.CutAll();
     },
     [](HostileWatch& world) { EXPECT_GE(world.driver->Health().at(0).skipped, 4U); }},
    {"K10_NewsUnderTheWrongNames", Nothing,
     [](HostileWatch& world) {
       const int deletions = world.witness.deletions();
       world.server.Inject({.verb = "watch"}, TwistTheNews(world));
       world.server.CutAll();
       // All of it was taken, so that what the server says then is from the past.
       EXPECT_TRUE(world.witness.WaitUntil(
           [&] { return world.driver->Health().at(0).skipped >= 5U; }));
       EXPECT_EQ(world.witness.deletions(), deletions + 1) << "told once";
     }},
    {"K11_VeryShortWatches", OldServer,
     [](HostileWatch& world) {
       world.server.SetHabits(
           {.streaming_lists = StreamingLists::kRefused, .very_short_watches = true});
       world.server.CutAll();
       EXPECT_TRUE(world.WaitForRequests("watch", 8));
       OldServer(world);
     }},
    {"K12_PagesOfAProxy",
     [](HostileWatch& world) {
       for (const int code : {200, 502, 200, 503}) {
         world.server.Inject({.verb = "watch"}, AnswerWith(code, "<html>bad gateway</html>"));
         world.server.Inject({.verb = "list"}, AnswerWith(code, "<html>bad gateway</html>"));
       }
     },
     InjectAndCut({.verb = "watch"}, AnswerWith(200, "<html>bad gateway</html>"))},
    {"K12_TruncatedAndGarbled", Nothing,
     InjectAndCut({.verb = "watch", .times = 2},
                  SendOnly({R"({"type":"ADDED","object":{"kind":"Wid)"}, Ending::kClean))},
    {"K12_AnEventBeyondTheLimit", Nothing,
     InjectAndCut({.verb = "watch"},
                  SendOnly(std::vector<std::string>(80, "{\"x" + std::string(128U << 10U, 'y')),
                           Ending::kClean))},
    {"K20_RestartsAgainAndAgain", Nothing,
     [](HostileWatch& world) {
       for (int i = 0; i < 10; ++i) {
         world.server.CutAll();
         world.Change();
       }
     }},
};

INSTANTIATE_TEST_SUITE_P(Table, HostileWatchTest, testing::ValuesIn(kRows),
                         [](const auto& test) { return test.param.name; });

TEST(HostileWatch, K14_AKindThatIsMissingDoesNotDisturbTheOthers) {
  HostileWatch world;
  Witness gadgets("Gadget");
  SystemClock clock;
  const auto random = MakeSeededRandom(1);
  const auto dialer = Dialer::Make(world.server.Access(), "t", clock, Logger());
  WatchDriver driver(*dialer, clock, *random, Logger(), FastOptions());
  driver.Add({kGadgets, "", "", ""}, gadgets.informer);
  driver.Add({kWidgets, "", "", ""}, world.witness.informer);
  driver.Start();
  EXPECT_TRUE(
      world.witness.WaitUntil([&] { return world.witness.Difference(world.cluster).empty(); }));
  ASSERT_TRUE(gadgets.WaitUntil([&] { return driver.Health().at(0).failures > 2; }));
  EXPECT_FALSE(gadgets.informer.synced());
  EXPECT_THAT(driver.Health().at(0).last_error, HasSubstr("NotFound"));
  EXPECT_EQ(driver.Health().at(1).failures, 0);
  world.server.Inject({.part = "gadgets", .times = 4}, Refuse(403, "Forbidden"));
  world.cluster.Serve(kGadgets);
  world.cluster.Put(kGadgets, MakeWidget("g"));
  EXPECT_TRUE(
      gadgets.WaitUntil([&] { return gadgets.Difference(world.cluster, kGadgets).empty(); }));
  driver.Stop();
}

struct Throttling {
  std::string name;
  int seconds;
  When when;
  std::function<Fault(int seconds)> fault;
};

Fault RefuseAsBusy(int seconds) { return Refuse(429, "TooManyRequests", seconds); }
// Only the Status says how long, since a stream has no header for it.
Fault SayBusyInTheStream(int seconds) {
  const json busy = Refusal(429, "TooManyRequests", "busy", seconds).body;
  return SendOnly({Frame("ERROR", busy)}, Ending::kSilence);
}

class ThrottledWatch : public testing::TestWithParam<Throttling> {};

// How that time is kept is shown in virtual time (watch_world_test.cc).
TEST_P(ThrottledWatch, K03_WhatTheServerAsksForIsTheDelay) {
  const Throttling& row = GetParam();
  HostileWatch world;
  OldServer(world);
  if (row.when.verb == "watch") {
    world.Start();
    world.Converge("at first");
  }
  world.server.Inject(row.when, row.fault(row.seconds));
  row.when.verb == "watch" ? world.server.CutAll() : world.Start();
  ASSERT_TRUE(world.witness.WaitUntil(
      [&] { return world.driver->Health().at(0).last_error.starts_with("TooManyRequests"); }));
  world.driver->Stop();
  const auto failures = world.log->Lines("A watch failed");
  ASSERT_FALSE(failures.empty());
  EXPECT_EQ(failures.back().Field("retry_ms"), std::to_string(row.seconds * 1000));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ThrottledWatch,
    testing::Values(Throttling{"ListOneSecond", 1, {.verb = "list"}, RefuseAsBusy},
                    Throttling{"ListHalfAMinute", 30, {.verb = "list"}, RefuseAsBusy},
                    Throttling{"StartOneSecond", 1, {.verb = "watch"}, RefuseAsBusy},
                    Throttling{"StartHalfAMinute", 30, {.verb = "watch"}, RefuseAsBusy},
                    Throttling{"StreamOneSecond", 1, {.verb = "watch"}, SayBusyInTheStream},
                    Throttling{"StreamHalfAMinute", 30, {.verb = "watch"}, SayBusyInTheStream}),
    [](const auto& test) { return test.param.name; });

// Two API servers, one of them frozen in the past. The client is moved to that one.
class LaggingServer : public testing::Test {
 protected:
  LaggingServer() {
    world_.Start();
    world_.Converge("at first");
    past_ = world_.cluster.head();
    world_.Change();
    world_.Converge("after changes");
  }
  ~LaggingServer() override {
    world_.driver->Stop();
    EXPECT_THAT(world_.witness.Violations(), testing::IsEmpty());
  }
  void MoveToThePast() {
    world_.server.LagAt(past_);
    world_.server.CutAll();
  }
  HostileWatch world_;
  Revision past_ = 0;
};

TEST_F(LaggingServer, K22_NothingOldIsToldWhenTheServerAdmitsItsLag) {
  const int deletions = world_.witness.deletions();
  const int requests = world_.server.Count("watch");
  MoveToThePast();
  ASSERT_TRUE(world_.WaitForRequests("watch", requests + 3));
  EXPECT_EQ(world_.witness.deletions(), deletions);
  EXPECT_EQ(world_.witness.Difference(world_.cluster), "");
  world_.server.CatchUp();
  world_.Change();
  world_.Converge("when it caught up");
}

TEST_F(LaggingServer, K22_AStateFromThePastIsNotBelievedThoughItIsServed) {
  std::vector<std::string> frames;
  for (const auto& [key, object] : world_.cluster.Objects(kWidgets, past_)) {
    frames.push_back(Frame("ADDED", object));
  }
  frames.push_back(
      Frame("BOOKMARK", {{"kind", "Widget"},
                         {"metadata",
                          {{"resourceVersion", std::to_string(past_)},
                           {"annotations", {{"k8s.io/initial-events-end", "true"}}}}}}));
  world_.server.Inject({.verb = "watch"}, Refuse(410, "Expired"));
  world_.server.Inject({.verb = "watch"}, SendOnly(frames, Ending::kSilence));
  world_.server.CutAll();
  ASSERT_TRUE(world_.witness.WaitUntil([&] {
    const auto health = world_.driver->Health().at(0);
    return health.last_error.find("ListFromThePast") != std::string::npos && health.watching;
  }));
  EXPECT_EQ(world_.witness.Difference(world_.cluster), "");
}

TEST_F(LaggingServer, K22_EventsFromThePastAreSkipped) {
  std::vector<std::string> frames;
  const auto old = world_.cluster.EventsAfter(kWidgets, "", 0, past_);
  ASSERT_TRUE(old.has_value());
  for (const ModelEvent& event : *old) {
    frames.push_back(Frame(event.type, event.object));
    frames.push_back(Frame("DELETED", event.object));
  }
  world_.server.Inject({.verb = "watch"}, FirstSend(frames));
  world_.server.CutAll();
  ASSERT_TRUE(world_.witness.WaitUntil(
      [&] { return world_.driver->Health().at(0).skipped >= frames.size(); }));
  EXPECT_EQ(world_.witness.Difference(world_.cluster), "");
}

}  // namespace
}  // namespace milink::kube
