// What users get wrong, all at once in one cluster: every mistake is told in a condition and in an
// event, changes nothing in any system, and keeps nobody else from working.
#include "tests/e2e/bad_input.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace milink::e2e {
namespace {

using nlohmann::json;

class BadInputE2eTest : public testing::Test {
 protected:
  // By kind and name.
  using Objects = std::map<std::pair<std::string, std::string>, json>;

  static void SetUpTestSuite() {
    Stack::Settings settings;
    settings.world = BadInputWorld();
    stack_ = std::make_unique<Stack>(settings);
    AddForeignObjects(stack_->sim());
    before_ = Systems();
    stack_->ApplySecrets();
    stack_->StartOperator();
    json items = ReplicaInputs(*stack_);
    for (const json& link : LinkInputs(*stack_)) items.push_back(link);
    stack_->Apply({{"apiVersion", "v1"}, {"kind", "List"}, {"items", items}});
  }
  static void TearDownTestSuite() { stack_.reset(); }

  static Objects Read() {
    const json list =
        json::parse(stack_->Kubectl({"-n", Stack::kNamespace, "get", "sqlr,mil", "-o", "json"}));
    Objects objects;
    for (const json& item : list.at("items")) {
      objects[{item.at("kind"), item.at("metadata").at("name")}] = item;
    }
    return objects;
  }

  // Null when it is not there.
  static json ConditionOf(const json& object, const std::string& type) {
    for (const auto& condition : object.value("/status/conditions"_json_pointer, json::array())) {
      if (condition.at("type") == type) return condition;
    }
    return nullptr;
  }
  static std::string StatusOf(const json& condition) {
    if (condition.is_null()) return "";
    return condition.at("status").get<std::string>() + " " +
           condition.at("reason").get<std::string>();
  }

  static void ExpectTold(const std::vector<Case>& cases) {
    Objects objects;
    const bool settled = Eventually(
        [&] {
          objects = Read();
          return std::all_of(cases.begin(), cases.end(), [&](const Case& wanted) {
            const json& object = objects.at({wanted.kind, wanted.object});
            return StatusOf(ConditionOf(object, wanted.condition)) == wanted.status_and_reason;
          });
        },
        std::chrono::seconds(30), std::chrono::milliseconds(300));
    EXPECT_TRUE(settled) << stack_->OperatorLog().substr(0, 6000);
    // An event is written right after the status that it tells of, yet after it.
    std::vector<json> events;
    const auto told = [&](const Case& wanted) {
      const std::string status = wanted.status_and_reason;
      const std::string reason =
          wanted.event != nullptr ? wanted.event : status.substr(status.find(' ') + 1);
      if (reason.empty()) return true;
      return std::any_of(events.begin(), events.end(), [&](const json& event) {
        return event.at("regarding").at("kind") == wanted.kind &&
               event.at("regarding").at("name") == wanted.object && event.at("reason") == reason &&
               event.at("type") == "Warning";
      });
    };
    Eventually(
        [&] {
          events = stack_->Events();
          return std::all_of(cases.begin(), cases.end(), told);
        },
        std::chrono::seconds(10), std::chrono::milliseconds(300));
    for (const Case& wanted : cases) {
      SCOPED_TRACE(wanted.name);
      const json& object = objects.at({wanted.kind, wanted.object});
      const json condition = ConditionOf(object, wanted.condition);
      EXPECT_EQ(StatusOf(condition), wanted.status_and_reason) << object["status"].dump(2);
      if (condition.is_null()) continue;
      const std::string message = condition.at("message");
      for (const std::string& word : wanted.words) {
        EXPECT_NE(message.find(word), std::string::npos) << word << " in: " << message;
      }
      EXPECT_EQ(message.find("canary"), std::string::npos) << message;
      EXPECT_NE(ConditionOf(object, "Ready").at("status"), "True");
      EXPECT_TRUE(told(wanted)) << "no event";
    }
  }

  // Everything that must stay as it is: all but SQL1 and sqlmi1.
  static json Systems() {
    json world = stack_->ComparableWorld();
    for (const char* list : {"sqlServers", "managedInstances"}) {
      json kept = json::array();
      for (const json& system : world.at(list)) {
        const std::string name = system.value("serverName", system.value("name", ""));
        if (name != "SQL1" && name != "sqlmi1") kept.push_back(system);
      }
      world[list] = kept;
    }
    return world;
  }

  static std::size_t Logins(const std::string& server) {
    const auto entries = stack_->sim().journal().Entries();
    return static_cast<std::size_t>(
        std::count_if(entries.begin(), entries.end(), [&](const sim::JournalEntry& entry) {
          return entry.call.kind == sim::CallKind::kLogin && entry.call.target == server;
        }));
  }

  static std::unique_ptr<Stack> stack_;
  static json before_;
};

std::unique_ptr<Stack> BadInputE2eTest::stack_;
json BadInputE2eTest::before_;

TEST_F(BadInputE2eTest, AllIsToldNothingIsChangedAndOthersGoOn) {
  ASSERT_NO_FATAL_FAILURE(ExpectTold(ReplicaCases()));
  ASSERT_NO_FATAL_FAILURE(ExpectTold(LinkCases()));
  EXPECT_TRUE(stack_->WaitCondition("mil", "good", "Ready", "True"))
      << stack_->Get("mil", "good").dump(2);

  for (const sim::JournalEntry& entry : stack_->sim().journal().Entries()) {
    const bool good = entry.call.target == "SQL1" || entry.call.target == "sqlmi1";
    EXPECT_FALSE(entry.took_effect && !good) << sim::ToJson(entry).dump();
    EXPECT_FALSE(entry.call.mutation && !good) << sim::ToJson(entry).dump();
  }
  EXPECT_EQ(Systems(), before_) << json::diff(before_, Systems()).dump(2);
  // The second resource for SQL1 has made nothing either, and the first one everything once.
  for (const auto& [mutation, times] : stack_->sim().journal().EffectiveMutations()) {
    EXPECT_EQ(times, 1) << mutation;
  }
  for (const auto& [key, object] : Read()) {
    const bool good = key.second == "sql1" || key.second == "good";
    const json owned = object.value("/status/ownedObjects"_json_pointer, json::array());
    EXPECT_TRUE(good || owned.empty()) << key.second << " " << owned.dump();
  }
  EXPECT_EQ(stack_->OperatorLog().find("canary"), std::string::npos);
}

TEST_F(BadInputE2eTest, AWrongPasswordIsTriedOnceAndARightOneIsNoticed) {
  const auto visit = [&](int round) {
    stack_->Kubectl({"-n", Stack::kNamespace, "annotate", "sqlr", "wrong-password", "--overwrite",
                     "round=" + std::to_string(round)});
    stack_->Kubectl({"-n", Stack::kNamespace, "label", "mil", "replica-bad", "--overwrite",
                     "round=" + std::to_string(round)});
  };
  ASSERT_TRUE(stack_->WaitCondition("sqlr", "wrong-password", "Reachable", "False"));
  for (int round = 0; round < 4; ++round) {
    visit(round);
    Pause(std::chrono::milliseconds(1100));  // each visit asks for a reading
  }
  EXPECT_EQ(Logins("LOCKED"), 1U);

  stack_->Apply(
      SecretManifest("wrong-login", {{"username", "milink"}, {"password", "canary-sql-password"}}));
  visit(100);
  EXPECT_TRUE(stack_->WaitCondition("sqlr", "wrong-password", "Reachable", "True"))
      << stack_->Get("sqlr", "wrong-password").dump(2);
}

}  // namespace
}  // namespace milink::e2e
