#include "core/api/codec_common.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace milink::api {
namespace {

TEST(Conditions, AnAnswerThatIsNeitherTrueNorFalseIsUnknown) {
  const nlohmann::json status = {
      {"conditions", {{{"type", "Ready"}, {"status", "Maybe"}, {"reason", "R"}}}}};
  FieldReader::Problems problems;
  const auto conditions = ReadConditions(FieldReader(status, "status", problems));
  ASSERT_EQ(conditions.size(), 1U);
  EXPECT_EQ(conditions[0].status, ConditionStatus::kUnknown);
  EXPECT_TRUE(problems.empty());
}

TEST(Conditions, OneWithoutATypeIsAProblem) {
  const nlohmann::json status = {{"conditions", {{{"status", "True"}}}}};
  FieldReader::Problems problems;
  ReadConditions(FieldReader(status, "status", problems));
  EXPECT_THAT(problems,
              ::testing::ElementsAre("status.conditions[0].type must be given and not empty"));
}

TEST(OwnedObjects, APendingOneHasNoIdentityField) {
  const std::vector<OwnedObject> pending = {{.side = "SqlServer",
                                             .kind = "Endpoint",
                                             .name = "e",
                                             .identity = "",
                                             .state = OwnedState::kPending}};
  EXPECT_EQ(ToJson(pending), nlohmann::json::parse(R"([
    {"side": "SqlServer", "kind": "Endpoint", "name": "e", "state": "Pending"}])"));
}

TEST(SetHelpers, LeaveOutWhatIsEmpty) {
  nlohmann::json object = nlohmann::json::object();
  SetText(object, "text", "");
  SetTime(object, "time", std::nullopt);
  SetTexts(object, "texts", {});
  EXPECT_TRUE(object.empty());
  SetTime(object, "time", TimePoint{});
  EXPECT_EQ(object["time"], "1970-01-01T00:00:00Z");
}

}  // namespace
}  // namespace milink::api
