#include "core/kube/watch_decoder.h"

#include <vector>

#include <gtest/gtest.h>

namespace milink::kube {
namespace {

// "TYPE:name" of each event, and "error: reason" when the decoder gave up.
std::vector<std::string> DecodeEvents(const std::vector<std::string>& reads,
                                      std::size_t limit = WatchDecoder::kDefaultLimit) {
  WatchDecoder decoder(limit);
  std::vector<std::string> seen;
  for (const std::string& bytes : reads) {
    const Status status = decoder.Feed(bytes, [&](const WatchEvent& event) {
      seen.push_back(event.type + ":" + event.object.value("name", ""));
    });
    if (!status.ok()) {
      seen.push_back("error: " + status.error().reason);
      return seen;
    }
  }
  if (const Status end = decoder.Finish(); !end.ok()) {
    seen.push_back("error: " + end.error().reason);
  }
  return seen;
}

using Seen = std::vector<std::string>;

TEST(WatchDecoder, SeveralEventsInOneRead) {
  EXPECT_EQ(DecodeEvents({R"({"type":"ADDED","object":{"name":"a"}}
{"type":"DELETED","object":{"name":"b"}}
)"}),
            (Seen{"ADDED:a", "DELETED:b"}));
}

TEST(WatchDecoder, AnyTwoCutsGiveTheSameEvents) {
  const std::string stream =
      "\n{\"type\":\"ADDED\",\"object\":{\"name\":\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"}}\r\n"
      "{ \"type\" : \"MODIFIED\" , \"object\" : {\"name\":\"q\\\"}{\\\\\"} }{\"type\":\"X\","
      "\"object\":{}}";
  const Seen whole = DecodeEvents({stream});
  ASSERT_EQ(whole.size(), 3U);
  EXPECT_EQ(whole[1], "MODIFIED:q\"}{\\");
  for (std::size_t i = 0; i <= stream.size(); ++i) {
    for (std::size_t j = i; j <= stream.size(); ++j) {
      ASSERT_EQ(DecodeEvents({stream.substr(0, i), stream.substr(i, j - i), stream.substr(j)}),
                whole)
          << "cut at " << i << " and " << j;
    }
  }
}

TEST(WatchDecoder, ByteByByte) {
  Seen reads;
  for (const char c : std::string(R"({"type":"ADDED","object":{"name":"a","x":{"y":[{}]}}})")) {
    reads.emplace_back(1, c);
  }
  EXPECT_EQ(DecodeEvents(reads), Seen{"ADDED:a"});
}

TEST(WatchDecoder, BlankLinesAreNothing) { EXPECT_EQ(DecodeEvents({"\n\n", " \r\n"}), Seen{}); }

TEST(WatchDecoder, AnEventCutOffByTheEndIsAnError) {
  EXPECT_EQ(DecodeEvents({R"({"type":"ADDED","object":{"name":"a"}}{"type":"ADD)"}),
            (Seen{"ADDED:a", "error: WatchTruncated"}));
}

TEST(WatchDecoder, WhatIsNoEventIsAnError) {
  EXPECT_EQ(DecodeEvents({"<html>"}), Seen{"error: WatchGarbled"});
  EXPECT_EQ(DecodeEvents({"{\"a\":}"}), Seen{"error: WatchGarbled"});
  EXPECT_EQ(DecodeEvents({R"({"type":"ADDED"})"}), Seen{"error: WatchGarbled"});
  EXPECT_EQ(DecodeEvents({R"({"type":5,"object":{}})"}), Seen{"error: WatchGarbled"});
  EXPECT_EQ(DecodeEvents({"}"}), Seen{"error: WatchGarbled"});
}

TEST(WatchDecoder, AnEventBeyondTheLimitIsAnError) {
  const std::string long_name(100, 'x');
  EXPECT_EQ(DecodeEvents({R"({"type":"ADDED","object":{"name":")", long_name, long_name}, 150),
            Seen{"error: WatchEventTooLarge"});
}

TEST(WatchDecoder, AnEventWithinOneReadIsHeldToTheLimitToo) {
  EXPECT_EQ(
      DecodeEvents({R"({"type":"ADDED","object":{"name":")" + std::string(200, 'x') + "\"}}"}, 150),
      Seen{"error: WatchEventTooLarge"});
}

TEST(WatchDecoder, NestingBeyondAllReasonIsAnError) {
  EXPECT_EQ(DecodeEvents({R"({"type":"ADDED","object":)" + std::string(300, '[')}),
            Seen{"error: WatchEventTooLarge"});
}

TEST(WatchDecoder, ManySmallEventsAreNotTakenForALargeOne) {
  Seen reads(50, R"({"type":"A","object":{"name":"n"}})");
  EXPECT_EQ(DecodeEvents(reads, 40), Seen(50, "A:n"));
}

}  // namespace
}  // namespace milink::kube
