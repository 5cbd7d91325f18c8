// What prepares an instance, through the real driver: the statements that alter what is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/sql/errors.h"
#include "core/sql/statements.h"
#include "tests/integration/sql/engine_fixture.h"

namespace milink::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PrepareTest : public EngineFixture {};

TEST_F(PrepareTest, TraceFlagsAreOnUntilARestart) {
  sim::SqlServerInstance instance;
  instance.trace_flags = {3226};
  StartServer(std::move(instance));
  MustAct(EnableTraceFlags({9567}));
  MustAct(EnableTraceFlags({1800, 9567}));
  EXPECT_THAT(Observe()->properties.trace_flags, ElementsAre(1800, 3226, 9567));
  OnServer([](auto& server) { server.trace_flags.clear(); });
  EXPECT_THAT(Observe()->properties.trace_flags, IsEmpty());
}

TEST_F(PrepareTest, ALoginThatMayNotSwitchTraceFlagsOnIsRefused) {
  sim::SqlServerInstance instance;
  instance.logins = {
      {.name = "sa", .password = "Correct-Horse-9", .sysadmin = true, .permissions = {}},
      {.name = "milink", .password = "Correct-Horse-9", .permissions = {"VIEW SERVER STATE"}}};
  StartServer(std::move(instance));
  LogIn("milink");
  EXPECT_EQ(Act(EnableTraceFlags({1800})).error().reason, "PermissionDenied");
}

}  // namespace
}  // namespace milink::sql
