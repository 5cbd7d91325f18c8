// The driver against a scripted server: what goes over the wire, and what survives its faults. The
// rules themselves are tested with the state machine.
#include "core/kube/watch_driver.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/scripted_server.h"
#include "tests/unit/kube/widgets.h"

namespace milink::kube {
namespace {

using fakes::ScriptedAnswer;
using fakes::ScriptedRequest;
using fakes::ScriptedServer;
using nlohmann::json;
using std::chrono::milliseconds;

constexpr Duration kPatience = std::chrono::seconds(60);

// Notes what a sink is told as lines, and lets a test wait for one.
class NotingSink final : public ObjectSink {
 public:
  void Stage(json item) override { Add("stage " + item.value("n", "")); }
  void Unstage(json object) override { Add("unstage " + object.value("n", "")); }
  void DiscardStaged() override { Add("discard"); }
  void Replace(const std::string& version) override { Add("replace " + version); }
  void Upsert(json object) override { Add("upsert " + object.value("n", "")); }
  void Remove(json object) override { Add("remove " + object.value("n", "")); }
  void Progress(const std::string& version) override { Add("progress " + version); }
  void Replay() override { Add("replay"); }

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

std::string ListBody(const std::string& version, const std::string& next = "") {
  return R"({"kind":"WidgetList","metadata":{"resourceVersion":")" + version + R"(","continue":")" +
         next + R"("},"items":[{"n":"l","metadata":{"resourceVersion":"9"}}]})";
}

std::string EventText(const std::string& type, const std::string& version,
                      const std::string& name) {
  return R"({"type":")" + type + R"(","object":{"n":")" + name +
         R"(","metadata":{"resourceVersion":")" + version + "\"}}}\n";
}

bool IsWatch(const ScriptedRequest& request) {
  return request.target.find("watch=1") != std::string::npos;
}

class WatchDriverTest : public testing::Test {
 protected:
  // `script` answers watches; lists are answered with version 10.
  void Serve(ScriptedServer::Script script) {
    Run([script = std::move(script)](const ScriptedRequest& request, ScriptedAnswer& answer) {
      IsWatch(request) ? script(request, answer) : answer.Respond(200, ListBody("10"));
    });
  }
  void Run(ScriptedServer::Script script, ListWatchOptions options = {}) {
    options.backoff.base = milliseconds(1);
    options.streaming_lists = false;
    server_ = std::make_unique<ScriptedServer>(std::move(script));
    auto dialer = Dialer::Make(server_->Access(), "t", clock_, Logger());
    driver_ = std::make_unique<WatchDriver>(*dialer, clock_, *random_, Logger(), options);
    driver_->Add({kWidgets, "ns", "", ""}, sink_);
    driver_->Start();
  }
  // The health once, after a list, this many attempts in a row have failed.
  WatchHealth WaitForFailures(int count) {
    EXPECT_TRUE(sink_.WaitFor("replace 10"));
    for (;;) {
      WatchHealth health = driver_->Health().at(0);
      if (health.failures >= count) {
        return health;
      }
      std::this_thread::yield();
    }
  }
  std::string Target(std::size_t number) { return server_->Requests().at(number - 1).target; }

  SystemClock clock_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  NotingSink sink_;
  std::unique_ptr<ScriptedServer> server_;
  std::unique_ptr<WatchDriver> driver_;
};

TEST_F(WatchDriverTest, ListsInPagesAndWatchesOnTheSameConnection) {
  Run([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    if (IsWatch(request)) {
      answer.Begin(200);
      answer.Chunk(EventText("ADDED", "11", "a"));
      answer.WaitForClose();
      return;
    }
    const bool second = request.target.find("continue=next") != std::string::npos;
    answer.Respond(200, ListBody("10", second ? "" : "next"));
  });
  ASSERT_TRUE(sink_.WaitFor("upsert a"));
  EXPECT_THAT(sink_.Lines(), testing::ElementsAre("stage l", "stage l", "replace 10", "upsert a"));
  EXPECT_EQ(Target(1), "/apis/test.dev/v1/namespaces/ns/widgets?resourceVersion=0&limit=500");
  EXPECT_THAT(Target(3), testing::HasSubstr("allowWatchBookmarks=true&resourceVersion=10"));
  EXPECT_EQ(server_->connections(), 1);
  const WatchHealth health = driver_->Health().at(0);
  EXPECT_TRUE(health.listed);
  EXPECT_TRUE(health.watching);
}

TEST_F(WatchDriverTest, AnEventSplitOverChunksIsOneEvent) {
  Serve([](const auto&, ScriptedAnswer& answer) {
    const std::string text =
        EventText("ADDED", "11", "\xE2\x82\xAC") + EventText("DELETED", "12", "b");
    answer.Begin(200);
    for (const char c : text) {
      answer.Chunk(std::string(1, c));
    }
    answer.WaitForClose();
  });
  EXPECT_TRUE(sink_.WaitFor("upsert \xE2\x82\xAC"));
  EXPECT_TRUE(sink_.WaitFor("remove b"));
}

TEST_F(WatchDriverTest, ACutConnectionIsContinuedFromTheLastVersionWithoutAList) {
  Serve([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    answer.Begin(200);
    if (request.number == 2) {
      answer.Chunk(EventText("ADDED", "11", "a") + R"({"type":"ADDED","object":{"n":"hal)");
      answer.Cut();
      return;
    }
    answer.Chunk(EventText("ADDED", "12", "b"));
    answer.WaitForClose();
  });
  ASSERT_TRUE(sink_.WaitFor("upsert b"));
  EXPECT_THAT(sink_.Lines(), testing::ElementsAre("stage l", "replace 10", "upsert a", "upsert b"));
  EXPECT_THAT(Target(3), testing::HasSubstr("resourceVersion=11&"));
}

TEST_F(WatchDriverTest, ACleanEndIsContinuedOnTheSameConnection) {
  Serve([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    answer.Begin(200);
    answer.Chunk(EventText("BOOKMARK", std::to_string(10 + request.number), ""));
    request.number < 5 ? answer.Finish() : answer.WaitForClose();
  });
  ASSERT_TRUE(sink_.WaitFor("progress 15"));
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(WatchDriverTest, AnExpiredVersionLeadsToANewList) {
  Serve([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    if (request.number == 2) {
      answer.Begin(200);
      answer.Chunk(R"({"type":"ERROR","object":{"kind":"Status","reason":"Expired","code":410}})");
      answer.WaitForClose();
      return;
    }
    answer.Begin(200);
    answer.Chunk(EventText("ADDED", "12", "b"));
    answer.WaitForClose();
  });
  ASSERT_TRUE(sink_.WaitFor("upsert b"));
  EXPECT_EQ(Target(3), "/apis/test.dev/v1/namespaces/ns/widgets?resourceVersion=10");
  EXPECT_EQ(server_->connections(), 2);
}

// Counts what it is handed, and lets the server wait for it.
class CountingSink final : public ObjectSink {
 public:
  void Stage(json /*item*/) override {
    Note([this] { ++staged_; });
  }
  void Unstage(json /*object*/) override {}
  void DiscardStaged() override {}
  void Replace(const std::string& /*version*/) override {
    Note([this] { complete_ = true; });
  }
  void Upsert(json /*object*/) override {}
  void Remove(json /*object*/) override {}
  void Progress(const std::string& /*version*/) override {}
  void Replay() override {}

  bool WaitForStaged(int count) {
    return Wait([this, count] { return staged_ >= count; });
  }
  bool WaitUntilComplete() {
    return Wait([this] { return complete_; });
  }
  int staged() {
    const std::lock_guard lock(mutex_);
    return staged_;
  }

 private:
  void Note(const std::function<void()>& change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_all();
  }
  bool Wait(const std::function<bool()>& holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, holds);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int staged_ = 0;
  bool complete_ = false;
};

// Pages of a very long list. Each is sent in two halves, the second when all of the first was
// handed on: so no page is ever kept, and none is asked for before the one before it was read.
class LongList {
 public:
  LongList(CountingSink& sink, int pages, int page_size)
      : sink_(sink), pages_(pages), page_size_(page_size) {}

  void Answer(const ScriptedRequest& request, ScriptedAnswer& answer) {
    const int page = PageOf(request.target);
    on_time_ = on_time_ && sink_.staged() == page * page_size_;
    answer.Begin(200);
    answer.Chunk(R"({"kind":"WidgetList","metadata":{"resourceVersion":"10","continue":")" +
                 (page + 1 < pages_ ? "page" + std::to_string(page + 1) : std::string()) +
                 R"("},"items":[)" + Items(page_size_ / 2) + ",");
    on_time_ = on_time_ && sink_.WaitForStaged(page * page_size_ + page_size_ / 2);
    answer.Chunk(Items(page_size_ / 2) + "]}");
    answer.Finish();
  }
  bool on_time() const { return on_time_; }

 private:
  static int PageOf(const std::string& target) {
    const std::string mark = "continue=page";
    const auto at = target.find(mark);
    return at == std::string::npos ? 0 : std::stoi(target.substr(at + mark.size()));
  }
  static std::string Items(int count) {
    std::string items;
    for (int i = 0; i < count; ++i) {
      items += i == 0 ? "" : ",";
      items += R"({"metadata":{"name":"a","resourceVersion":"9"}})";
    }
    return items;
  }

  CountingSink& sink_;
  const int pages_;
  const int page_size_;
  std::atomic<bool> on_time_ = true;
};

TEST_F(WatchDriverTest, K12_OfAVeryLongListNotEvenAPageIsKept) {
  constexpr int kPages = 40;
  constexpr int kPageSize = 500;
  CountingSink sink;
  LongList list(sink, kPages, kPageSize);
  server_ = std::make_unique<ScriptedServer>(
      [&list](const ScriptedRequest& request, ScriptedAnswer& answer) {
        if (!IsWatch(request)) {
          list.Answer(request, answer);
          return;
        }
        answer.Begin(200);
        answer.WaitForClose();
      });
  auto dialer = Dialer::Make(server_->Access(), "t", clock_, Logger());
  ListWatchOptions options;
  options.streaming_lists = false;
  WatchDriver driver(*dialer, clock_, *random_, Logger(), options);
  driver.Add({kWidgets, "ns", "", ""}, sink);
  driver.Start();
  EXPECT_TRUE(sink.WaitUntilComplete());
  EXPECT_EQ(sink.staged(), kPages * kPageSize);
  EXPECT_TRUE(list.on_time());
  driver.Stop();
}

TEST_F(WatchDriverTest, AThrottledWatchIsTriedAgainAsAWatch) {
  Serve([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    if (request.number == 2) {
      answer.Respond(429, "busy", {"Retry-After: 0"});
      return;
    }
    answer.Begin(200);
    answer.Chunk(EventText("ADDED", "12", "b"));
    answer.WaitForClose();
  });
  ASSERT_TRUE(sink_.WaitFor("upsert b"));
  EXPECT_THAT(Target(3), testing::HasSubstr("watch=1"));
}

TEST_F(WatchDriverTest, ASilentConnectionIsCut) {
  ListWatchOptions options;
  options.silence_limit = milliseconds(50);
  Run(
      [](const ScriptedRequest& request, ScriptedAnswer& answer) {
        if (!IsWatch(request)) {
          answer.Respond(200, ListBody("10"));
          return;
        }
        answer.Begin(200);
        if (request.number > 2) {
          answer.Chunk(EventText("ADDED", "12", "b"));
        }
        answer.WaitForClose();
      },
      options);
  EXPECT_TRUE(sink_.WaitFor("upsert b"));
}

TEST_F(WatchDriverTest, K07_AListThatGoesSilentIsCutAndReadAgain) {
  ListWatchOptions options;
  options.page_patience = milliseconds(250);
  Run(
      [](const ScriptedRequest& request, ScriptedAnswer& answer) {
        if (request.number > 1) {
          answer.Respond(200, ListBody("10"));
          return;
        }
        answer.Begin(200);
        answer.Chunk(ListBody("9").substr(0, 40));
        answer.WaitForClose();
      },
      options);
  EXPECT_TRUE(sink_.WaitFor("replace 10"));
}

TEST_F(WatchDriverTest, K07_AListWithoutEndIsCutWhileItsItemsCome) {
  fakes::FakeClock clock;
  const std::string list = ListBody("9");
  ScriptedServer server([&](const auto&, ScriptedAnswer& answer) {
    answer.Begin(200);
    answer.Chunk(list.substr(0, list.size() - 2) + ",");
    sink_.WaitFor("stage l");
    clock.Step(ListWatchOptions{}.page_limit);
    answer.Chunk("{},");
    answer.WaitForClose();
  });
  auto dialer = Dialer::Make(server.Access(), "t", clock, Logger());
  ListWatchOptions options;
  options.streaming_lists = false;
  WatchDriver driver(*dialer, clock, *random_, Logger(), options);
  driver.Add({kWidgets, "ns", "", ""}, sink_);
  driver.Start();
  EXPECT_TRUE(sink_.WaitFor("discard"));
  driver.Stop();
  EXPECT_THAT(driver.Health().at(0).last_error, testing::HasSubstr("in time"));
}

TEST_F(WatchDriverTest, AGarbledListIsTriedAgain) {
  Run([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    request.number == 1 ? answer.Respond(200, "<html>") : answer.Respond(200, ListBody("10"));
  });
  EXPECT_TRUE(sink_.WaitFor("replace 10"));
}

TEST_F(WatchDriverTest, StopEndsAnOpenWatchAndASecondStopIsNothing) {
  std::promise<void> opened;
  Serve([&](const auto&, ScriptedAnswer& answer) {
    answer.Begin(200);
    opened.set_value();
    answer.WaitForClose();
  });
  opened.get_future().wait();
  driver_->Stop();
  const std::size_t told = sink_.Lines().size();
  driver_->Stop();
  EXPECT_EQ(sink_.Lines().size(), told);
}

// A server that answers, and does not do as asked.
struct Unwilling {
  const char* name;
  int code;
  std::string body;
  std::string header;
  bool refuses;  // it says itself that there is no such kind, or no right to it
};

constexpr const char* kPage = "<html>";
constexpr const char* kStatus = R"({"kind":"Status","apiVersion":"v1"})";

class UnwillingServerTest : public WatchDriverTest,
                            public testing::WithParamInterface<Unwilling> {};

TEST_P(UnwillingServerTest, WhatItAnswersIsNoSuccess) {
  Run([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    request.number == 1
        ? answer.Respond(200, ListBody("10"))
        : answer.Respond(GetParam().code, GetParam().body, {"Retry-After: 0", GetParam().header});
  });
  const WatchHealth first = WaitForFailures(2);
  const WatchHealth later = WaitForFailures(5);
  EXPECT_EQ(later.last_success, first.last_success);
  EXPECT_EQ(later.last_refusal > first.last_success, GetParam().refuses);
}

INSTANTIATE_TEST_SUITE_P(
    All, UnwillingServerTest,
    testing::Values(Unwilling{"RevokedCredentials", 401, kStatus, "X: 1", false},
                    Unwilling{"NoRight", 403, kStatus, "X: 1", true},
                    Unwilling{"NoRightToPassAProxy", 403, kPage, "X: 1", false},
                    Unwilling{"NoSuchKind", 404, "404 page not found", "Audit-Id: 1", true},
                    Unwilling{"NoRouteOfAProxy", 404, "404 page not found", "X: 1", false},
                    Unwilling{"Throttled", 429, kStatus, "X: 1", false},
                    Unwilling{"BadGateway", 502, kPage, "X: 1", false},
                    Unwilling{"Unavailable", 503, kStatus, "X: 1", false}),
    [](const auto& test) { return test.param.name; });

TEST_F(WatchDriverTest, K12_APageOfAProxyInPlaceOfAWatchIsNoSuccess) {
  Run([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    request.number == 1
        ? answer.Respond(200, ListBody("10"))
        : answer.Raw(
              "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\nSign in");
  });
  const WatchHealth first = WaitForFailures(1);
  const WatchHealth later = WaitForFailures(4);
  EXPECT_EQ(later.last_success, first.last_success);
  EXPECT_THAT(later.last_error, testing::HasSubstr("Sign in"));
}

TEST_F(WatchDriverTest, K12_AnEmptyAnswerOfAProxyInPlaceOfAWatchIsNoSuccess) {
  Run([](const ScriptedRequest& request, ScriptedAnswer& answer) {
    request.number == 1 ? answer.Respond(200, ListBody("10"))
                        : answer.Raw("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const WatchHealth first = WaitForFailures(1);
  const WatchHealth later = WaitForFailures(4);
  EXPECT_EQ(later.last_success, first.last_success);
}

TEST_F(WatchDriverTest, K12_BytesOfAWatchThatMakeNoSenseAreNoSuccess) {
  std::promise<MonotonicTime> opened;
  std::promise<void> started;
  const auto run = started.get_future().share();
  Run([&, run](const ScriptedRequest& request, ScriptedAnswer& answer) {
    if (request.number != 2) {
      request.number == 1 ? answer.Respond(200, ListBody("10")) : answer.Respond(503, "");
      return;
    }
    answer.Begin(200);
    run.wait();
    while (!driver_->Health().at(0).watching) {
      std::this_thread::yield();
    }
    opened.set_value(driver_->Health().at(0).last_success);
    answer.Chunk("<html>");
    answer.WaitForClose();
  });
  started.set_value();
  const auto success = opened.get_future().get();
  EXPECT_EQ(WaitForFailures(1).last_success, success);
}

TEST_F(WatchDriverTest, AListThatCannotBeReadIsNoSuccess) {
  Run([](const ScriptedRequest&, ScriptedAnswer& answer) { answer.Respond(200, "<html>"); });
  const auto before = driver_->Health().at(0).last_success;
  while (driver_->Health().at(0).failures < 3) {
    std::this_thread::yield();
  }
  EXPECT_EQ(driver_->Health().at(0).last_success, before);
}

// How long ago things happened, and whether the window of five minutes is over.
struct FreshnessRow {
  const char* name;
  bool watching;
  std::chrono::seconds success;
  std::chrono::seconds refusal;
  bool fresh;  // ready
  bool heard;  // alive
};

class WatchFreshness : public testing::TestWithParam<FreshnessRow> {};

TEST_P(WatchFreshness, IsTheAgeOfTheLastSuccess) {
  const MonotonicTime now{std::chrono::hours(100)};
  const FreshnessRow& row = GetParam();
  WatchHealth health;
  health.spec.type = kWidgets;
  health.watching = row.watching;
  health.last_success = now - row.success;
  health.last_refusal = now - row.refusal;
  health.last_error = "502 bad gateway";
  const Duration window = std::chrono::minutes(5);
  const Status fresh = CheckFresh(health, now, window);
  EXPECT_EQ(fresh.ok(), row.fresh);
  EXPECT_EQ(CheckHeard(health, now, window).ok(), row.heard);
  if (!fresh.ok()) {
    EXPECT_EQ(fresh.error().reason, "WatchStale");
    EXPECT_THAT(fresh.error().message, testing::HasSubstr("502 bad gateway"));
  }
}

constexpr std::chrono::seconds kNever = std::chrono::hours(99);

INSTANTIATE_TEST_SUITE_P(
    All, WatchFreshness,
    testing::Values(FreshnessRow{"JustHeard", false, std::chrono::seconds(1), kNever, true, true},
                    FreshnessRow{"AtTheLimit", false, std::chrono::seconds(300), kNever, true,
                                 true},
                    FreshnessRow{"NothingForFiveMinutes", false, std::chrono::seconds(301), kNever,
                                 false, false},
                    FreshnessRow{"RefusedSinceThen", false, std::chrono::seconds(301),
                                 std::chrono::seconds(9), false, true},
                    FreshnessRow{"RefusedLongAgo", false, std::chrono::seconds(900),
                                 std::chrono::seconds(301), false, false},
                    FreshnessRow{"AnOpenStreamMayBeSilent", true, std::chrono::seconds(605), kNever,
                                 true, true},
                    FreshnessRow{"AnOpenStreamThatNobodyCut", true, std::chrono::seconds(606),
                                 kNever, false, false}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace milink::kube
