#include "core/api/field_reader.h"

#include <gmock/gmock.h>

namespace milink::api {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct FieldReaderTest : ::testing::Test {
  nlohmann::json object = nlohmann::json::object();
  FieldReader::Problems problems;

  FieldReader Reader() { return {object, "spec", problems}; }
};

TEST_F(FieldReaderTest, AnAbsentOrNullFieldLeavesTheDefault) {
  object["nothing"] = nullptr;
  std::string text = "default";
  int number = 7;
  Reader().Read("absent", text);
  Reader().Read("nothing", number);
  EXPECT_EQ(text, "default");
  EXPECT_EQ(number, 7);
  EXPECT_THAT(problems, IsEmpty());
}

TEST_F(FieldReaderTest, EveryWrongTypeIsNamedWithItsPath) {
  object = {{"text", 1},           {"flag", "true"},      {"number", 1.5},
            {"duration", "soon"},  {"time", "yesterday"}, {"texts", {"a", 1}},
            {"numbers", {1, "2"}}, {"child", "x"},        {"items", {{{"a", 1}}, 3}}};
  std::string text;
  bool flag = false;
  int number = 0;
  Duration duration{};
  std::optional<TimePoint> time;
  std::vector<std::string> texts;
  std::vector<int> numbers;
  const FieldReader reader = Reader();
  reader.Read("text", text);
  reader.Read("flag", flag);
  reader.Read("number", number);
  reader.Read("duration", duration);
  reader.Read("time", time);
  reader.Read("texts", texts);
  reader.Read("numbers", numbers);
  reader.Child("child");
  reader.Items("items");
  reader.Items("child");
  EXPECT_THAT(
      problems,
      ElementsAre("spec.text must be text", "spec.flag must be true or false",
                  "spec.number must be a whole number",
                  "spec.duration must be a duration such as 1h30m",
                  "spec.time must be a time such as 2026-11-21T10:00:00Z",
                  "spec.texts must be a list of texts",
                  "spec.numbers must be a list of whole numbers", "spec.child must be an object",
                  "spec.items[1] must be an object", "spec.child must be a list"));
}

TEST_F(FieldReaderTest, ANumberThatDoesNotFitIsRefusedAndNotWrapped) {
  object = {{"port", 4'294'967'297LL}, {"generation", 18'446'744'073'709'551'615ULL}};
  int port = 1433;
  std::int64_t generation = 0;
  Reader().Read("port", port);
  Reader().Read("generation", generation);
  EXPECT_EQ(port, 1433);
  EXPECT_EQ(generation, 0);
  EXPECT_EQ(problems.size(), 2U);
}

TEST_F(FieldReaderTest, WhatIsRequiredIsMissedWhenAbsentOrEmptyAndComplainedOfOnce) {
  object = {{"empty", ""}, {"number", 1}, {"good", "x"}};
  EXPECT_EQ(Reader().Require("good"), "x");
  EXPECT_THAT(problems, IsEmpty());
  Reader().Require("absent");
  Reader().Require("empty");
  Reader().Require("number");
  EXPECT_THAT(problems,
              ElementsAre("spec.absent must be given and not empty",
                          "spec.empty must be given and not empty", "spec.number must be text"));
}

TEST_F(FieldReaderTest, AMissingChildReadsAsEmptyAndTheRequiredOneIsNamed) {
  std::string text;
  Reader().Child("tls").Read("mode", text);
  EXPECT_THAT(problems, IsEmpty());
  Reader().RequireChild("tls").Require("mode");
  EXPECT_THAT(problems,
              ElementsAre("spec.tls must be given", "spec.tls.mode must be given and not empty"));
}

TEST(CheckProblems, NamesTheObjectAndAllProblemsAtOnce) {
  EXPECT_TRUE(CheckProblems("Kind ns/a", {}).ok());
  const Status checked = CheckProblems("Kind ns/a", {"x must be text", "y must be given"});
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(checked.error().message, "Kind ns/a: x must be text; y must be given");
}

}  // namespace
}  // namespace milink::api
