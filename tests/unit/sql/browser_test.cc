#include "core/sql/browser.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

std::string Answer(const std::string& data) {
  return std::string("\x05") + static_cast<char>(data.size()) + '\0' + data;
}

TEST(BrowserRequest, AsksForOneInstance) {
  EXPECT_EQ(BrowserRequest("INST1"), std::string("\x04INST1\0", 7));
}

struct AnswerRow {
  std::string name;
  std::string answer;
  std::optional<std::uint16_t> port;
};

TEST(PortInAnswer, IsAsTheSentenceSays) {
  const AnswerRow rows[] = {
      {"the port of the instance",
       Answer("ServerName;S;InstanceName;INST1;IsClustered;No;Version;16.0.1000.6;tcp;50123;;"),
       50123},
      {"the case of the name does not count", Answer("ServerName;S;InstanceName;inst1;tcp;1433;;"),
       1433},
      {"a pipe before it does not hide the port",
       Answer(
           "ServerName;S;InstanceName;INST1;np;\\\\S\\pipe\\MSSQL$INST1\\sql\\query;tcp;50123;;"),
       50123},
      {"another instance", Answer("ServerName;S;InstanceName;OTHER;tcp;50123;;"), std::nullopt},
      {"an instance without TCP", Answer("ServerName;S;InstanceName;INST1;np;x;;"), std::nullopt},
      {"a value that looks like a name", Answer("ServerName;tcp;InstanceName;INST1;np;x;;"),
       std::nullopt},
      {"no number", Answer("InstanceName;INST1;tcp;abc;;"), std::nullopt},
      {"a number and more", Answer("InstanceName;INST1;tcp;1433x;;"), std::nullopt},
      {"port 0", Answer("InstanceName;INST1;tcp;0;;"), std::nullopt},
      {"a number that is too large", Answer("InstanceName;INST1;tcp;65536;;"), std::nullopt},
      {"another kind of message", "\x04INST1", std::nullopt},
      {"half a header", "\x05", std::nullopt},
      {"nothing", "", std::nullopt},
  };
  for (const AnswerRow& row : rows) {
    EXPECT_EQ(PortInAnswer(row.answer, "INST1"), row.port) << row.name;
  }
}

}  // namespace
}  // namespace milink::sql
