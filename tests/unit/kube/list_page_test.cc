#include "core/kube/list_page.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/kube/widgets.h"

namespace milink::kube {
namespace {

TEST(ListTarget, SendsOnlyWhatIsSet) {
  ListQuery query;
  EXPECT_EQ(*ListTarget(kWidgets, query), "/apis/test.dev/v1/widgets");
  query.namespace_name = "ns";
  query.resource_version = "0";
  query.limit = 500;
  EXPECT_EQ(*ListTarget(kWidgets, query),
            "/apis/test.dev/v1/namespaces/ns/widgets?resourceVersion=0&limit=500");
}

TEST(WatchTarget, AsksForBookmarks) {
  ListQuery query;
  query.field_selector = "metadata.name=a";
  EXPECT_EQ(*WatchTarget(kWidgets, query, {"42", 333}),
            "/apis/test.dev/v1/widgets?watch=1&allowWatchBookmarks=true"
            "&fieldSelector=metadata.name%3Da&resourceVersion=42&timeoutSeconds=333");
}

TEST(WatchTarget, AStreamingListMustNotBeOlderThanWhatWasSeen) {
  EXPECT_EQ(*WatchTarget(kWidgets, {}, {"42", 333, /*initial_events=*/true}),
            "/apis/test.dev/v1/widgets?watch=1&allowWatchBookmarks=true&sendInitialEvents=true"
            "&resourceVersionMatch=NotOlderThan&resourceVersion=42&timeoutSeconds=333");
  EXPECT_EQ(WatchTarget(kWidgets, {}, {"", 333, true})->find("resourceVersion="),
            std::string::npos);
}

struct Decoded {
  std::vector<nlohmann::json> items;
  Result<ListPage> page = Error{};
};

Decoded Decode(const std::vector<std::string>& reads,
               std::size_t limit = ListDecoder::kDefaultLimit) {
  ListDecoder decoder(kWidgets, limit);
  Decoded out;
  for (const std::string& bytes : reads) {
    const Status fed =
        decoder.Feed(bytes, [&](nlohmann::json item) { out.items.push_back(std::move(item)); });
    if (!fed.ok()) {
      out.page = fed.error();
      return out;
    }
  }
  out.page = decoder.Finish();
  return out;
}

TEST(ListDecoder, ItemsInheritKindAndVersionOfTheType) {
  const auto list = Decode({R"({"kind":"WidgetList","apiVersion":"test.dev/v1",
          "metadata":{"resourceVersion":"9","continue":"t"},
          "items":[{"metadata":{}},{"kind":"Own","apiVersion":"o/v1"}]})"});
  ASSERT_TRUE(list.page.ok());
  EXPECT_EQ(list.page->resource_version, "9");
  EXPECT_EQ(list.page->continue_token, "t");
  EXPECT_EQ(list.items.at(0).at("kind"), "Widget");
  EXPECT_EQ(list.items.at(0).at("apiVersion"), "test.dev/v1");
  EXPECT_EQ(list.items.at(1).at("kind"), "Own");
}

TEST(ListDecoder, AnyTwoCutsGiveTheSameItems) {
  const std::string body =
      "{ \"items\" : [ {\"a\":\"\xC3\xA9]},{\\\"\"} , {\"items\":[{},[1,2]]} ,5],\"x\":[{}],"
      "\"metadata\":{\"resourceVersion\":\"9\",\"items\":[7]}}\n";
  const auto whole = Decode({body});
  ASSERT_TRUE(whole.page.ok());
  ASSERT_EQ(whole.items.size(), 3U);
  EXPECT_EQ(whole.items[0].at("a"), "\xC3\xA9]},{\"");
  for (std::size_t i = 0; i <= body.size(); ++i) {
    for (std::size_t j = i; j <= body.size(); ++j) {
      const auto cut = Decode({body.substr(0, i), body.substr(i, j - i), body.substr(j)});
      ASSERT_TRUE(cut.page.ok());
      ASSERT_EQ(cut.items, whole.items) << "cut at " << i << " and " << j;
    }
  }
}

TEST(ListDecoder, AnEmptyListHasNoItems) {
  for (const char* items : {"null", "[]", "[ ]"}) {
    const auto list =
        Decode({R"({"metadata":{"resourceVersion":"9"},"items":)" + std::string(items) + "}"});
    ASSERT_TRUE(list.page.ok()) << items;
    EXPECT_TRUE(list.items.empty());
  }
}

TEST(ListDecoder, WhatIsNoWholeListIsAnError) {
  for (const char* body :
       {"", "[]", "<html>", R"({"items":[]})", R"({"metadata":{},"items":5})",
        R"({"metadata":{},"items":[)",
        R"({"metadata":{},"items":[{}]})"
        "x",
        R"({"metadata":{},"items":[{"a":}]})", R"({"kind":"Table","metadata":{},"rows":[]})",
        R"({"kind":"GadgetList","metadata":{},"items":[]})"}) {
    const auto list = Decode({body});
    ASSERT_FALSE(list.page.ok()) << body;
    EXPECT_EQ(list.page.error().reason, "ListGarbled") << body;
  }
}

TEST(ListDecoder, ALongListIsNotTakenForALargeItem) {
  std::vector<std::string> reads{R"({"metadata":{"resourceVersion":"9"},"items":[{})"};
  reads.insert(reads.end(), 100, R"(,{"n":"x"})");
  reads.emplace_back("]}");
  EXPECT_EQ(Decode(reads, 60).items.size(), 101U);
}

TEST(ListDecoder, K12_AVeryLongListIsHandedOnItemByItem) {
  constexpr int kItems = 100'000;
  ListDecoder decoder(kWidgets);
  int seen = 0;
  const auto count = [&seen](const nlohmann::json& /*item*/) { ++seen; };
  ASSERT_TRUE(decoder.Feed(R"({"metadata":{"resourceVersion":"9"},"items":[)", count).ok());
  for (int i = 0; i < kItems; ++i) {
    ASSERT_TRUE(decoder.Feed(R"({"metadata":{"name":"a","resourceVersion":"1"}},)", count).ok());
    ASSERT_EQ(seen, i + 1) << "nothing is held back";
  }
  ASSERT_TRUE(decoder.Feed("]}", count).ok());
  EXPECT_TRUE(decoder.Finish().ok());
}

TEST(ListDecoder, WhatIsTooLargeOrTooDeepIsAnError) {
  const std::string start = R"({"metadata":{},"items":[)";
  EXPECT_EQ(Decode({start + "\"" + std::string(100, 'x')}, 60).page.error().reason,
            "ListItemTooLarge");
  EXPECT_EQ(Decode({start + std::string(300, '[')}).page.error().reason, "ListItemTooLarge");
  EXPECT_EQ(Decode({"{\"" + std::string(100, 'x')}, 60).page.error().reason, "ListGarbled");
}

}  // namespace
}  // namespace milink::kube
