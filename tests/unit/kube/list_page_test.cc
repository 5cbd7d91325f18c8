#include "core/kube/list_page.h"

#include <gtest/gtest.h>

namespace milink::kube {
namespace {

const ResourceType kWidgets{"test.dev", "v1", "widgets", "Widget"};

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

TEST(ParseListPage, ItemsInheritKindAndVersionOfTheList) {
  const auto page = ParseListPage(
      R"({"kind":"WidgetList","apiVersion":"test.dev/v1",
          "metadata":{"resourceVersion":"9","continue":"t"},
          "items":[{"metadata":{}},{"kind":"Own","apiVersion":"o/v1"}]})");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->resource_version, "9");
  EXPECT_EQ(page->continue_token, "t");
  EXPECT_EQ(page->items[0].at("kind"), "Widget");
  EXPECT_EQ(page->items[0].at("apiVersion"), "test.dev/v1");
  EXPECT_EQ(page->items[1].at("kind"), "Own");
}

TEST(ParseListPage, AnEmptyListMayHaveNullItems) {
  const auto page = ParseListPage(R"({"metadata":{"resourceVersion":"9"},"items":null})");
  ASSERT_TRUE(page.ok());
  EXPECT_TRUE(page->items.empty());
}

TEST(ParseListPage, WhatIsNoListIsAnError) {
  for (const char* body : {"", "[]", "<html>", R"({"items":[]})", R"({"metadata":{},"items":5})"}) {
    EXPECT_EQ(ParseListPage(body).error().reason, "ListGarbled") << body;
  }
}

}  // namespace
}  // namespace milink::kube
