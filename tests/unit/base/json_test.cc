#include "core/base/json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace milink {
namespace {

using nlohmann::json;

TEST(JsonTest, TextOfAFieldThatIsNoTextIsEmpty) {
  const json node{{"text", "a"}, {"number", 1}, {"null", nullptr}, {"list", json::array()}};
  EXPECT_EQ(JsonText(node, "text"), "a");
  for (const char* field : {"number", "null", "list", "missing"}) {
    EXPECT_EQ(JsonText(node, field), "") << field;
  }
}

TEST(JsonTest, FieldsOfWhatIsNoObjectAreEmpty) {
  for (const json& node : {json(nullptr), json(1), json("text"), json::array({1})}) {
    EXPECT_EQ(JsonText(node, "text"), "") << node;
    EXPECT_TRUE(JsonChild(node, "text").is_null()) << node;
  }
}

TEST(JsonTest, AChildIsItsValue) {
  const json node{{"child", {{"a", 1}}}};
  EXPECT_EQ(JsonChild(node, "child").at("a"), 1);
  EXPECT_TRUE(JsonChild(node, "other").is_null());
  EXPECT_TRUE(JsonChild(JsonChild(node, "other"), "deeper").is_null());
}

TEST(JsonTest, WhatIsNoJsonIsDiscarded) {
  EXPECT_EQ(ParseJson(R"({"a":[1,2]})").at("a").size(), 2U);
  for (const char* text : {"", "{", "{\"a\":1}}", "<html>", "{'a':1}"}) {
    EXPECT_TRUE(ParseJson(text).is_discarded()) << text;
  }
}

}  // namespace
}  // namespace milink
