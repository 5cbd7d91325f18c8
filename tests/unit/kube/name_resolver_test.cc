#include "core/kube/name_resolver.h"

#include <future>

#include <gmock/gmock.h>

#include "core/kube/api_status.h"
#include "tests/unit/kube/held_lookup.h"

namespace milink::kube {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

// What somebody who waits is told.
class Told {
 public:
  NameResolver::OnAddresses Later() {
    return [this](NameResult addresses) { told_.set_value(std::move(addresses)); };
  }
  NameResult Wait() { return told_.get_future().get(); }

 private:
  std::promise<NameResult> told_;
};

TEST(NameResolver, AnIpLiteralIsItsOwnAddressAtOnce) {
  NameResolver names([](const std::string& host) -> NameResult {
    ADD_FAILURE() << host << " was looked up";
    return Error{};
  });
  for (const char* literal : {"10.0.0.1", "::1", "fd00::1"}) {
    const auto known = names.Get(literal, [](const NameResult&) { FAIL() << "told later"; });
    ASSERT_TRUE(known && known->ok()) << literal;
    EXPECT_THAT(**known, ElementsAre(literal));
  }
}

TEST(NameResolver, WhoAsksWhileANameIsLookedUpSharesTheLookUp) {
  HeldLookup lookup(std::vector<std::string>{"10.0.0.1", "10.0.0.2"});
  NameResolver names(lookup.Function());
  std::vector<Told> told(3);
  EXPECT_FALSE(names.Get("api.test", told[0].Later()));
  EXPECT_FALSE(names.Get("api.test", told[1].Later()));
  EXPECT_FALSE(names.Get("proxy.test", told[2].Later()));
  EXPECT_THAT(lookup.AwaitRunning(2), UnorderedElementsAre("api.test", "proxy.test"));
  lookup.Release();
  for (Told& each : told) {
    EXPECT_THAT(*each.Wait(), ElementsAre("10.0.0.1", "10.0.0.2"));
  }
}

TEST(NameResolver, WhoAsksAfterwardsIsAnsweredAnew) {
  NameResolver names([count = std::make_shared<std::atomic<int>>(0)](const std::string&) {
    return NameResult(std::vector{"10.0.0." + std::to_string(++*count)});
  });
  for (const char* expected : {"10.0.0.1", "10.0.0.2"}) {
    Told told;
    EXPECT_FALSE(names.Get("api.test", told.Later()));
    EXPECT_THAT(*told.Wait(), ElementsAre(expected));
  }
}

TEST(NameResolver, AFailureIsToldAndNotKept) {
  const Error absent{ErrorKind::kTransient, "Absent", "", ""};
  NameResolver names([&](const std::string&) { return NameResult(absent); });
  for (int i = 0; i < 2; ++i) {
    Told told;
    EXPECT_FALSE(names.Get("api.test", told.Later()));
    EXPECT_EQ(told.Wait().error().reason, "Absent");
  }
}

TEST(NameResolver, ItMayGoAwayWhileALookUpHangs) {
  HeldLookup lookup(std::vector<std::string>{"10.0.0.1"});
  Told told;
  {
    NameResolver names(lookup.Function());
    EXPECT_FALSE(names.Get("api.test", told.Later()));
    lookup.AwaitRunning(1);
  }
  lookup.Release();
  EXPECT_TRUE(told.Wait().ok());
}

TEST(LookUpName, AsksTheSystem) {
  const auto local = LookUpName("localhost");
  ASSERT_TRUE(local.ok()) << ToString(local.error());
  EXPECT_THAT(*local, testing::AnyOf(Contains("127.0.0.1"), Contains("::1")));
  const auto absent = LookUpName(std::string(300, 'a'));
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().kind, ErrorKind::kTransient);
  EXPECT_EQ(absent.error().reason, kConnectionLost);
}

}  // namespace
}  // namespace milink::kube
